"""What is known of a model, as stored beside its weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from cellwire.errors import ModelBrokenError

if TYPE_CHECKING:
    from pathlib import Path


CARD = "card.json"
SIZE = "size.safetensors"
"""Files of a model's folder, beside the weights."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model.

    Attributes
    ----------
    description
        One sentence on what it is for.
    diam_mean
        Diameter in pixels to which cells are resized.
    channels_in
        Channels of its input.
    licence
        Licence of the weights, an SPDX expression where there is one.
    attribution
        Who must be named when results are published.
    data, recipe
        What it was trained on, and how.
    figures
        Measured quality, name to value.
    bf16_ap_difference
        AP at IoU 0.5 on its validation images in bf16 less that in fp32; ``None`` = not measured.
    limits
        What it is not good at.
    defaults
        Parameters that are used where a request leaves them unset, by their names in
        `cellwire.segmentation.parameters.CellposeParameters`; those of ``normalisation`` as a
        mapping of their own. `cellwire.jobs.resolve` applies them.
    sources
        For an added model: name and SHA-256 of each file it was made of.
    """

    description: str
    diam_mean: float
    channels_in: int = 2
    licence: str = ""
    attribution: str = ""
    data: str = ""
    recipe: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    bf16_ap_difference: float | None = None
    limits: str = ""
    defaults: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)


def write_card(path: Path, card: ModelCard) -> None:
    """Write a card as JSON."""
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_card(path: Path) -> ModelCard:
    """Read a card; fields of later versions are ignored.

    Raises
    ------
    ModelBrokenError
        If it is not one.
    """
    known = {each.name for each in fields(ModelCard)}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return ModelCard(**{name: value for name, value in values.items() if name in known})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelBrokenError(
            f"The card of the model {path.parent.name} cannot be read: {error}",
            "Remove its folder and add the model again.",
        ) from error
