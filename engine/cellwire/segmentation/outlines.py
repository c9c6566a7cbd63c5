"""Outlines along the edges of pixels, exact to the pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from cellwire.segmentation.arrays import AnyArray


@dataclass(frozen=True, slots=True)
class Rings:
    """Closed outlines of all objects of a label image.

    Attributes
    ----------
    points
        (P, 2) int32, corners (x, y) between pixels: pixel (x, y) covers [x, x + 1) × [y, y + 1).
        No three in a row are on one line.
    starts
        (R + 1,) int64, ring r has the points ``starts[r]`` to ``starts[r + 1]``.
    labels
        (R,) label of each ring, rising. Outer rings run clockwise on the screen, rings of holes
        the other way.
    """

    points: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]

    def ring(self, index: int) -> npt.NDArray[np.int32]:
        """Points (n, 2) of one ring."""
        return self.points[self.starts[index] : self.starts[index + 1]]


def trace_outlines(labels: AnyArray) -> Rings:
    """Trace the outlines of all objects.

    A ring follows the edges between a pixel of the object and one that is none of it, with the
    object on its right. Where two pixels touch by a corner only, it stays with its pixel, so that
    parts are 4-connected.

    Parameters
    ----------
    labels
        (Y, X), integers, 0 = background.
    """
    padded = np.zeros((labels.shape[0] + 2, labels.shape[1] + 2), np.uint32)
    padded[1:-1, 1:-1] = labels
    points, starts, owners = _trace(padded)
    order = np.argsort(owners, kind="stable")
    lengths = np.diff(starts)[order]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    index = np.arange(len(points)) - np.repeat(ends[:-1] - starts[:-1][order], lengths)
    return Rings(points[index], ends, owners[order])


@numba.njit(nogil=True, cache=True)
def _grown(array):  # type: ignore[no-untyped-def]
    larger = np.empty((2 * array.shape[0], array.shape[1]), array.dtype)
    larger[: array.shape[0]] = array
    return larger


@numba.njit(nogil=True, cache=True)
def _trace(labels):  # type: ignore[no-untyped-def]
    # Sides of a pixel in the order in which a clockwise walk meets them: top, right, bottom, left.
    ahead_y = np.array([0, 1, 0, -1])
    ahead_x = np.array([1, 0, -1, 0])
    corner_y = np.array([0, 1, 1, 0])  # where the walk along that side ends
    corner_x = np.array([1, 1, 0, 0])
    height, width = labels.shape
    seen = np.zeros((height, width), np.bool_)
    points = np.empty((1024, 2), np.int32)
    rings = np.empty((256, 2), np.int64)
    used, count = 0, 0
    for first_y in range(1, height - 1):
        for first_x in range(1, width - 1):
            label = labels[first_y, first_x]
            if label == 0 or seen[first_y, first_x] or labels[first_y - 1, first_x] == label:
                continue
            if count == rings.shape[0]:
                rings = _grown(rings)
            rings[count, 0] = used
            rings[count, 1] = label
            count += 1
            y, x, side = first_y, first_x, 0
            while True:
                if side == 0:
                    seen[y, x] = True
                next_y, next_x = y + ahead_y[side], x + ahead_x[side]
                left = (side + 3) % 4
                if labels[next_y, next_x] != label:
                    turn_y, turn_x, turn = y, x, (side + 1) % 4
                elif labels[next_y + ahead_y[left], next_x + ahead_x[left]] != label:
                    turn_y, turn_x, turn = next_y, next_x, side
                else:
                    turn_y, turn_x, turn = next_y + ahead_y[left], next_x + ahead_x[left], left
                if turn != side:
                    if used == points.shape[0]:
                        points = _grown(points)
                    points[used, 0] = x + corner_x[side] - 1
                    points[used, 1] = y + corner_y[side] - 1
                    used += 1
                y, x, side = turn_y, turn_x, turn
                if y == first_y and x == first_x and side == 0:
                    break
    starts = np.empty(count + 1, np.int64)
    starts[:count] = rings[:count, 0]
    starts[count] = used
    return points[:used].copy(), starts, rings[:count, 1].copy()
