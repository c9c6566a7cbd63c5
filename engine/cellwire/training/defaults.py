"""The settings of a training that the user leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cellwire.training.starting import SCRATCH


@dataclass(frozen=True, slots=True)
class Defaults:
    """What is taken where the user says nothing.

    Attributes
    ----------
    optimizer, learning_rate, weight_decay, epochs, least_steps, crop
        See `cellwire.training.settings.TrainingSettings`.
    """

    optimizer: Literal["sgd", "adamw"]
    learning_rate: float
    weight_decay: float
    epochs: int
    least_steps: int
    crop: int


SGD = Defaults("sgd", 0.2, 1e-5, 500, 0, 224)
"""The paper's."""
ADAMW = Defaults("adamw", 1e-3, 1e-4, 500, 0, 224)
FINE_TUNING = Defaults("adamw", 1e-3, 1e-4, 30, 240, 128)
"""For few images and a model that knows cells already: five images take minutes on a processor."""


def defaults_for(start: str, optimizer: Literal["sgd", "adamw"] | None = None) -> Defaults:
    """Give the defaults for a start (``"scratch"`` or a model) and the optimizer, if one is named.

    Fine-tuning is shorter: AdamW, fewer epochs, smaller views.
    """
    if start != SCRATCH:
        return FINE_TUNING if optimizer != "sgd" else Defaults("sgd", 0.1, 1e-5, 30, 240, 128)
    return ADAMW if optimizer == "adamw" else SGD
