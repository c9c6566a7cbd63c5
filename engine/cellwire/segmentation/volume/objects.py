"""Volume, box and first voxel of every label of a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from cellwire.segmentation.parallel import parallel_region
from cellwire.segmentation.volume.slabs import slabs

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import LabelArray
    from cellwire.segmentation.volume.slabs import Pulse

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Objects:
    """What `measure` found; index = label, so that index 0 is the background.

    Attributes
    ----------
    volumes
        (n + 1,) int64 voxels; 0 for a label that is not in the stack.
    boxes
        (n + 1, 6) int64: first and end plane, row and column.
    firsts
        (n + 1,) int64, position of the first voxel in raster order, -1 if there is none.
    """

    volumes: Ids
    boxes: Ids
    firsts: Ids

    def present(self) -> Ids:
        """Labels that are in the stack, ascending, without the background."""
        return np.flatnonzero(self.volumes[1:]) + 1


def measure(labels: LabelArray, highest: int | None = None, pulse: Pulse | None = None) -> Objects:
    """Measure the labels of a stack (Z, Y, X) uint32, of which none is above ``highest``."""
    count = int(labels.max(initial=0)) if highest is None else highest
    volumes = np.zeros(count + 1, np.int64)
    boxes = np.zeros((count + 1, 6), np.int64)
    boxes[:, 0::2] = labels.shape
    firsts = np.full(count + 1, -1, np.int64)
    for planes in slabs(labels.shape, pulse):
        _measure(labels[planes], planes.start, volumes, boxes, firsts)
    return Objects(volumes, boxes, firsts)


def number(labels: LabelArray, table: LabelArray, pulse: Pulse | None = None) -> None:
    """Replace every label of a stack by its entry in a table, in place."""
    for planes in slabs(labels.shape, pulse):
        with parallel_region():
            _number(labels[planes], table)


@numba.njit(nogil=True, cache=True)
def _measure(labels, top, volumes, boxes, firsts):  # type: ignore[no-untyped-def]
    depth, height, width = labels.shape
    for plane in range(depth):
        z = top + plane
        for y in range(height):
            x = 0
            while x < width:
                label = labels[plane, y, x]
                start = x
                x += 1
                while x < width and labels[plane, y, x] == label:
                    x += 1
                volumes[label] += x - start
                if label == 0:
                    continue
                if firsts[label] < 0:
                    firsts[label] = (np.int64(z) * height + y) * width + start
                    boxes[label, 0] = z
                boxes[label, 1] = z + 1
                boxes[label, 2] = min(boxes[label, 2], y)
                boxes[label, 3] = max(boxes[label, 3], y + 1)
                boxes[label, 4] = min(boxes[label, 4], start)
                boxes[label, 5] = max(boxes[label, 5], x)


@numba.njit(nogil=True, parallel=True, cache=True)
def _number(labels, table):  # type: ignore[no-untyped-def]
    depth, height, width = labels.shape
    for index in numba.prange(depth):
        z = np.int64(index)
        for y in range(height):
            for x in range(width):
                labels[z, y, x] = table[labels[z, y, x]]


def centroids_and_planes(labels: LabelArray, objects: Objects) -> tuple[Floats, Ids]:
    """Give the mean plane, row and column of every label, and in how many planes it is.

    Returns
    -------
    centroids
        (n + 1, 3) float64; index = label, 0 where there is none.
    planes
        (n + 1,).
    """
    count = len(objects.volumes)
    sums, planes = np.zeros((count, 3)), np.zeros(count, np.int64)
    _sum_places(labels, sums, planes, np.full(count, -1, np.int64))
    return sums / np.maximum(1, objects.volumes)[:, None], planes


@numba.njit(nogil=True, cache=True)
def _sum_places(labels, sums, planes, last):  # type: ignore[no-untyped-def]
    # Sums of whole numbers below 2^53 are exact.
    depth, height, width = labels.shape
    for z in range(depth):
        for y in range(height):
            x = 0
            while x < width:
                label = labels[z, y, x]
                start = x
                x += 1
                while x < width and labels[z, y, x] == label:
                    x += 1
                if label == 0:
                    continue
                count = x - start
                sums[label, 0] += z * count
                sums[label, 1] += y * count
                sums[label, 2] += count * (start + x - 1) / 2
                if last[label] != z:
                    last[label] = z
                    planes[label] += 1
