"""The arrays that a stack's segmentation fills, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from cellwire.segmentation.arrays import AnyArray, LabelArray
    from cellwire.segmentation.volume.workspace import Workspace

Grid = tuple[int, int, int, int]
"""Frames, planes, rows, columns."""


@dataclass(frozen=True, slots=True)
class StackArrays:
    """Room for the answer.

    Attributes
    ----------
    labels
        (T, Z, Y, X) uint32.
    flows
        (2 or 3, T, Z, Y, X); ``None`` = they are not kept.
    cellprob
        (T, Z, Y, X) of the same type; ``None`` = it is not kept.
    """

    labels: LabelArray
    flows: AnyArray | None
    cellprob: AnyArray | None


def stack_arrays(
    shape: Grid,
    workspace: Workspace,
    components: int,
    dtype: npt.DTypeLike = np.float32,
    *,
    flows: bool = True,
) -> StackArrays:
    """Make room for the answer, with or without its flows."""
    return StackArrays(
        workspace.zeros(shape, np.uint32),
        workspace.zeros((components, *shape), dtype) if flows else None,
        workspace.zeros(shape, dtype) if flows else None,
    )


def bytes_of_arrays(voxels: int, components: int, number: int = 4, *, flows: bool = True) -> int:
    """Give the size of `stack_arrays` in bytes; ``number`` is that of a flow."""
    return voxels * (4 + (components + 1) * number * flows)


@dataclass(frozen=True, slots=True)
class PartAnswers:
    """What is known of every part, planes with T before Z or frames.

    Attributes
    ----------
    styles
        256 numbers each.
    diameters, median_diameters
        In pixels, as used and as found.
    counts
        Objects.
    seconds
        Time of each stage, of all parts together.
    """

    styles: list[AnyArray]
    diameters: list[float]
    median_diameters: list[float]
    counts: list[int]
    seconds: dict[str, float]

    def add(
        self,
        style: AnyArray,
        diameter: float,
        median_diameter: float,
        count: int,
        seconds: dict[str, float],
    ) -> None:
        """Note a part."""
        self.styles.append(style)
        self.diameters.append(diameter)
        self.median_diameters.append(median_diameter)
        self.counts.append(count)
        for stage, time in seconds.items():
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time


def no_answers() -> PartAnswers:
    """Begin with none."""
    return PartAnswers([], [], [], [], {})
