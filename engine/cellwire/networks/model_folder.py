"""Taking over a model's folder, as a training leaves it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from cellwire.errors import InvalidParameterError, ModelBrokenError
from cellwire.networks.card import CARD, SIZE, read_card
from cellwire.networks.size_weights import load_size_weights
from cellwire.networks.weight_arrays import read_weights

if TYPE_CHECKING:
    from pathlib import Path

INNER = "model"
PAPERS = ("MODEL_CARD.md", "curves.png")


def copy_model(
    source: Path, target: Path, size: Path | None = None, diam_mean: float | None = None
) -> None:
    """Copy a model's folder, after reading all of it.

    Parameters
    ----------
    source
        Folder with a card and weights, or one that holds such a folder as ``model``.
    target
        Empty folder.
    size, diam_mean
        Must be ``None``: the folder says both.

    Raises
    ------
    ModelBrokenError
        If it is no such folder, or a file of it is damaged.
    InvalidParameterError
        If a size model or a diameter is given beside it.
    """
    folder = source if (source / CARD).is_file() else source / INNER
    if not (folder / CARD).is_file():
        raise ModelBrokenError(
            f"The folder {source} holds no model: there is no {CARD} in it.",
            "Give the folder model that cellwire train leaves in its --out, or a weights file.",
        )
    if size is not None or diam_mean is not None:
        raise InvalidParameterError(
            "A model's folder comes with its size model and its mean diameter.",
            "Leave out --size and --diam-mean.",
        )
    card = read_card(folder / CARD)
    weights = sorted(folder.glob("network*.safetensors"))
    if not weights:
        raise ModelBrokenError(
            f"The folder {folder} has no weights (network.safetensors).", "Train it again."
        )
    networks = [read_weights(path) for path in weights]
    if any(each.architecture.channels_in != card.channels_in for each in networks):
        raise ModelBrokenError(
            f"The card in {folder} does not belong to the weights: it says {card.channels_in} "
            "channels.",
            "Copy the folder again from where it was trained.",
        )
    copied = [*weights, folder / CARD]
    if (folder / SIZE).is_file():
        load_size_weights(folder / SIZE)
        copied.append(folder / SIZE)
    for path in (*copied, *(folder / name for name in PAPERS)):
        if path.is_file():
            shutil.copyfile(path, target / path.name)
