"""Checkpoints from which a training goes on exactly where it stood."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import torch

from cellwire.errors import TrainingDataError

if TYPE_CHECKING:
    from pathlib import Path

CHECKPOINT = "checkpoint.pt"


def save_checkpoint(folder: Path, state: dict[str, Any]) -> Path:
    """Write a checkpoint, replacing the one before only when the new one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CHECKPOINT
    unfinished = path.with_suffix(".unfinished")
    torch.save(state, unfinished)
    os.replace(unfinished, path)
    return path


def load_checkpoint(folder: Path) -> dict[str, Any]:
    """Read the checkpoint of a folder (tensors and plain values only, never code).

    Raises
    ------
    TrainingDataError
        If there is none.
    """
    path = folder / CHECKPOINT
    if not path.is_file():
        raise TrainingDataError(
            f"There is no {CHECKPOINT} in {folder} to resume from.",
            "Leave out --resume to start anew, or give the --out of the training before.",
        )
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state
