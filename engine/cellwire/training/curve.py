"""The picture of how the loss fell and the average precision rose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from cellwire.training.settings import Validation

SMOOTHING = 25
"""Steps over which the training loss is averaged."""
BLUE, ORANGE, GREEN = "#2a6f97", "#e07a2f", "#3a7d44"


def write_curves(path: Path, losses: Sequence[float], validations: Sequence[Validation]) -> None:
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

    scored = [each for each in validations if each.score is not None]
    figure = Figure(figsize=(9.6 if scored else 5.4, 3.6), dpi=90, layout="constrained")
    panels = figure.subplots(1, 2 if scored else 1, squeeze=False)[0]
    _draw_losses(panels[0], losses, validations)
    if scored:
        _draw_scores(panels[1], scored)
    figure.savefig(path)


def _draw_losses(axes: Axes, losses: Sequence[float], validations: Sequence[Validation]) -> None:
    if losses:
        width = max(1, min(SMOOTHING, len(losses) // 4))
        smooth = np.convolve(losses, np.ones(width) / width, mode="valid")
        axes.plot(np.arange(len(smooth)) + width, smooth, color=BLUE, label="training")
    if validations:
        steps = [each.step for each in validations]
        axes.plot(
            steps, [each.loss for each in validations], "o-", color=ORANGE, ms=3, label="validation"
        )
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    axes.set_yscale("log")
    if losses or validations:
        axes.legend(frameon=False)


def _draw_scores(axes: Axes, scored: Sequence[Validation]) -> None:
    steps = [each.step for each in scored]
    kinds = sorted({kind for each in scored for kind in each.score_by_kind})
    if len(kinds) > 1:
        for kind in kinds:
            values = [each.score_by_kind.get(kind, np.nan) for each in scored]
            axes.plot(steps, values, "-", lw=1, label=kind)
    mean = [each.score or 0.0 for each in scored]
    axes.plot(steps, mean, "s-", color=GREEN, ms=3, label="mean of kinds")
    axes.set_xlabel("step")
    axes.set_ylabel("AP@0.5 on validation images")
    axes.set_ylim(0.0, 1.0)
    axes.legend(frameon=False)
