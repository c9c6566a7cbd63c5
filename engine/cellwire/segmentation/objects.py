"""Area, bounding box and first pixel of every label, in one pass over the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import LabelArray


@dataclass(frozen=True, slots=True)
class Objects:
    """What `measure` found; index = label, so that index 0 is the background.

    Attributes
    ----------
    areas
        (n + 1,) int64 pixels; 0 for a label that is not in the image.
    boxes
        (n + 1, 4) int64: first row, end row, first column, end column, for labels in the image.
    firsts
        (n + 1,) int64, position of the first pixel in raster order, -1 if there is none.
    """

    areas: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.int64]
    firsts: npt.NDArray[np.int64]

    def present(self) -> npt.NDArray[np.int64]:
        """Labels that are in the image, ascending, without the background."""
        return np.flatnonzero(self.areas[1:]) + 1

    def without(self, erased: npt.NDArray[np.int64]) -> Objects:
        """Give what would be measured after some labels became background."""
        areas, firsts = self.areas.copy(), self.firsts.copy()
        areas[0] += areas[erased].sum()
        areas[erased] = 0
        firsts[erased] = -1
        return Objects(areas, self.boxes, firsts)


def measure(labels: LabelArray, highest: int | None = None) -> Objects:
    """Measure the labels of a plane.

    Parameters
    ----------
    labels
        (Y, X) uint32, 0 = background.
    highest
        The greatest label that may occur; looked up where it is not given.
    """
    count = int(labels.max(initial=0)) if highest is None else highest
    areas = np.zeros(count + 1, np.int64)
    boxes = np.zeros((count + 1, 4), np.int64)
    boxes[:, 0] = labels.shape[0]
    boxes[:, 2] = labels.shape[1]
    firsts = np.full(count + 1, -1, np.int64)
    _measure(labels, areas, boxes, firsts)
    return Objects(areas, boxes, firsts)


def centroids(
    labels: LabelArray, objects: Objects
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Give the mean row and column of every label; index = label, 0 where there is none."""
    sums = np.zeros((2, len(objects.areas)))
    _sum_places(labels, sums)
    sums /= np.maximum(1, objects.areas)
    return sums[0], sums[1]


def raster_ranks(
    firsts: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], start: int = 1
) -> LabelArray:
    """Give a table old label → new label that numbers some labels in order of first pixels.

    Labels that are not among those given become 0 (numbering of ``fastremap.renumber``).
    """
    table = np.zeros(len(firsts), np.uint32)
    ordered = labels[np.argsort(firsts[labels], kind="stable")]
    table[ordered] = np.arange(start, start + len(ordered), dtype=np.uint32)
    return table


@numba.njit(nogil=True, cache=True)
def _measure(labels, areas, boxes, firsts):  # type: ignore[no-untyped-def]
    height, width = labels.shape
    for y in range(height):
        x = 0
        while x < width:
            label = labels[y, x]
            start = x
            x += 1
            while x < width and labels[y, x] == label:
                x += 1
            areas[label] += x - start
            if label == 0:
                continue
            if firsts[label] < 0:
                firsts[label] = y * width + start
                boxes[label, 0] = y
            boxes[label, 1] = y + 1
            boxes[label, 2] = min(boxes[label, 2], start)
            boxes[label, 3] = max(boxes[label, 3], x)


@numba.njit(nogil=True, cache=True)
def _sum_places(labels, sums):  # type: ignore[no-untyped-def]
    # Sums of whole numbers below 2^53 are exact.
    height, width = labels.shape
    for y in range(height):
        x = 0
        while x < width:
            label = labels[y, x]
            start = x
            x += 1
            while x < width and labels[y, x] == label:
                x += 1
            if label > 0:
                count = x - start
                sums[0, label] += y * count
                sums[1, label] += count * (start + x - 1) / 2
