"""Checkpoints from which a training goes on exactly where it stood."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch

from cellwire.errors import OutputWriteError, TrainingDataError
from cellwire.training.settings import Validation

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.networks.unet import CellposeNet
    from cellwire.training.averaging import WeightAverage
    from cellwire.training.settings import TrainingState

CHECKPOINT = "checkpoint.pt"
BEST = "best-average.pt"


def check_start(folder: Path, *, resume: bool) -> None:
    """Refuse to begin where a checkpoint is lacking, or one would be lost.

    Raises
    ------
    TrainingDataError
        With what to do instead.
    """
    there = (folder / CHECKPOINT).is_file()
    if resume and not there:
        raise TrainingDataError(
            f"There is no {CHECKPOINT} in {folder} to resume from.",
            "Leave out --resume to start anew, or give the --out of the training before.",
        )
    if there and not resume:
        raise TrainingDataError(
            f"There is a training in {folder} already, whose checkpoint would be lost.",
            "Go on with it (--resume), give another --out, or delete the folder.",
        )


def save_whole(path: Path, content: dict[str, Any]) -> None:
    """Write tensors and plain values, replacing the file before only when the new one is whole.

    Raises
    ------
    OutputWriteError
        If there is no room, or no right to write; the file before is kept.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as stream:
            torch.save(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, path)
    except (OSError, RuntimeError) as error:
        unfinished.unlink(missing_ok=True)
        kept = f" The {path.name} before it is kept." if path.exists() else ""
        raise OutputWriteError(
            f"{path.name} cannot be written to {path.parent}: "
            f"{getattr(error, 'strerror', None) or error}.{kept}",
            "Make room on the disk, then go on with --resume.",
        ) from error


def save_checkpoint(
    folder: Path,
    network: CellposeNet,
    optimizer: torch.optim.Optimizer,
    average: WeightAverage,
    state: TrainingState,
) -> None:
    """Write all that a training needs to go on."""
    content = {
        "architecture": network.architecture.to_dict(),
        "network": network.state_dict(),
        "optimizer_name": type(optimizer).__name__,
        "optimizer": optimizer.state_dict(),
        "average": average.tensors,
        "average_steps": average.steps,
        "step": state.step,
        "seconds": state.seconds,
        "losses": state.losses,
        "validations": [asdict(each) for each in state.validations],
    }
    save_whole(folder / CHECKPOINT, content)


def restore_checkpoint(
    folder: Path,
    network: CellposeNet,
    optimizer: torch.optim.Optimizer,
    average: WeightAverage,
    state: TrainingState,
) -> None:
    """Put everything back as it was when the checkpoint of a folder was written.

    Raises
    ------
    TrainingDataError
        If there is none, or it is of another network or optimizer.
    """
    path = folder / CHECKPOINT
    saved = load_tensors(path)
    built = network.architecture.to_dict()
    given = saved.get("architecture", built)
    if given != built:
        differing = [name for name in built if built[name] != given.get(name)]
        raise TrainingDataError(
            f"{path} is of another network: "
            + ", ".join(f"{name} {given.get(name)}, not {built[name]}" for name in differing)
            + ".",
            "Resume with the options that the training was started with, or choose another --out.",
        )
    name = type(optimizer).__name__
    if saved.get("optimizer_name", name) != name:
        raise TrainingDataError(
            f"{path} is of a training with {saved['optimizer_name']}, not {name}.",
            "Resume with the --optimizer that the training was started with.",
        )
    try:
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        average.restore(saved["average"], saved["average_steps"])
        state.step = saved["step"]
        state.seconds = saved["seconds"]
        state.losses = saved["losses"]
        state.validations = [Validation(**each) for each in saved["validations"]]
    except (KeyError, ValueError, RuntimeError, TypeError) as error:
        raise TrainingDataError(
            f"{path} does not fit this training: {str(error).splitlines()[0]}",
            "Resume with the options that the training was started with (the network, "
            "--optimizer), or choose another --out.",
        ) from error


def load_tensors(path: Path) -> dict[str, Any]:
    """Read what `save_whole` wrote (tensors and plain values only, never code).

    Raises
    ------
    TrainingDataError
        If it is not there or damaged.
    """
    if not path.is_file():
        raise TrainingDataError(
            f"There is no {path.name} in {path.parent} to resume from.",
            "Leave out --resume to start anew, or give the --out of the training before.",
        )
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # readers of broken files raise whatever they like
        raise TrainingDataError(
            f"{path} cannot be read: it is damaged or no checkpoint.",
            "Leave out --resume to start anew.",
        ) from error
    return state
