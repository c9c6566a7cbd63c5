"""The picture of how the loss fell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cellwire.training.loop import Validation

SMOOTHING = 25
"""Steps over which the training loss is averaged."""


def write_loss_curve(
    path: Path, losses: Sequence[float], validations: Sequence[Validation]
) -> None:
    """Write a PNG of the loss and, where it was measured, the average precision by step.

    Parameters
    ----------
    path
        File to write.
    losses
        Loss of every training step.
    validations
        What was measured on the validation images.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 3.6), dpi=90, layout="constrained")
    axes = figure.subplots()
    width = max(1, min(SMOOTHING, len(losses) // 4))
    smooth = np.convolve(losses, np.ones(width) / width, mode="valid")
    axes.plot(np.arange(len(smooth)) + width, smooth, color="#2a6f97", label="training loss")
    if validations:
        steps = [each.step for each in validations]
        axes.plot(steps, [each.loss for each in validations], "o-", color="#e07a2f", ms=3,
                  label="validation loss")  # fmt: skip
        scored = [(each.step, each.score) for each in validations if each.score is not None]
        if scored:
            right = axes.twinx()
            right.plot([step for step, _ in scored], [score for _, score in scored], "s--",
                       color="#3a7d44", ms=3)  # fmt: skip
            right.set_ylabel("validation AP@0.5 (squares)")
            right.set_ylim(0.0, 1.0)
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    axes.set_yscale("log")
    axes.legend(frameon=False)
    figure.savefig(path)
