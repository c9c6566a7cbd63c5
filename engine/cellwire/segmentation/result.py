"""What a segmentation gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cellwire.segmentation.arrays import FloatArray, LabelArray


class Removal(StrEnum):
    """Why an object of the unedited labels is not among the final ones."""

    SMALL = "small"
    LARGE = "large"
    EDGE = "edge"


@dataclass(frozen=True, slots=True)
class Segmentation:
    """Labels of one plane and all that led to them.

    Attributes
    ----------
    labels
        (Y, X) uint32, 0 = background, 1..n in raster order of first appearance.
    unedited_labels
        (Y, X) uint32, the labels before size and edge removal. Objects that stay have the same
        ids as in ``labels``; removed ones follow, from n + 1.
    removed
        Reason for each id of ``unedited_labels`` that is not in ``labels``.
    flows
        (2, Y, X) float32, dY and dX as the network gave them (5 times unit flows).
    cellprob
        (Y, X) float32, logit of being in a cell.
    style
        (256,) float32, unit length.
    diameter
        Diameter in pixels that was used to resize the image.
    median_diameter
        Median diameter of the final cells in pixels, 0 if none.
    seconds
        Time of each stage.
    """

    labels: LabelArray
    unedited_labels: LabelArray
    removed: Mapping[int, Removal]
    flows: FloatArray
    cellprob: FloatArray
    style: FloatArray
    diameter: float
    median_diameter: float
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of cells."""
        return int(self.labels.max(initial=0))
