"""Fill the holes of every cell, each in its own box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from cellwire.segmentation.parallel import parallel_region

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import LabelArray
    from cellwire.segmentation.objects import Objects


def fill_holes(labels: LabelArray, objects: Objects, order: npt.NDArray[np.int64]) -> bool:
    """Fill the holes of some cells, in place, one cell after the other.

    A hole is background of the cell that is not 4-connected to the border of its box (peer:
    ``fill_voids.fill`` on every cell's box in ``utils.fill_holes_and_remove_small_masks``). Cells
    inside a hole are covered by the cell around them.

    Parameters
    ----------
    labels
        (Y, X) uint32, changed in place.
    objects
        The measured labels.
    order
        The labels to fill, in the order in which they are filled.

    Returns
    -------
    changed
        Whether any pixel was filled.
    """
    pierced = np.zeros(len(order), np.bool_)
    boxes = objects.boxes[order]
    with parallel_region():
        _find_pierced(labels, order, boxes, pierced)
    if not pierced.any():
        return False
    _fill_in_order(labels, order, boxes, pierced, len(objects.areas))
    return True


@numba.njit(nogil=True, parallel=True, cache=True)
def _find_pierced(labels, cells, boxes, pierced):  # type: ignore[no-untyped-def]
    for index in numba.prange(len(cells)):
        k = np.int64(index)
        if not _is_row_convex(labels, cells[k], boxes[k]):
            pierced[k] = (_outside(labels, cells[k], boxes[k]) == 0).any()


@numba.njit(nogil=True, cache=True)
def _is_row_convex(labels, cell, box):  # type: ignore[no-untyped-def]
    # A hole needs a row in which the cell's pixels are interrupted.
    for y in range(box[0], box[1]):
        runs = 0
        inside = False
        for x in range(box[2], box[3]):
            now = labels[y, x] == cell
            if now and not inside:
                runs += 1
            inside = now
        if runs > 1:
            return False
    return True


@numba.njit(nogil=True, cache=True)
def _outside(labels, cell, box):  # type: ignore[no-untyped-def]
    """Mark in the box: 2 = cell, 1 = outside, 0 = hole."""
    height, width = box[1] - box[0], box[3] - box[2]
    mark = np.zeros((height, width), np.uint8)
    stack = np.empty((height * width, 2), np.int32)
    size = 0
    for y in range(height):
        for x in range(width):
            if labels[box[0] + y, box[2] + x] == cell:
                mark[y, x] = 2
            elif y == 0 or x == 0 or y == height - 1 or x == width - 1:
                mark[y, x] = 1
                stack[size, 0], stack[size, 1] = y, x
                size += 1
    while size > 0:
        size -= 1
        y, x = stack[size, 0], stack[size, 1]
        for side in range(4):
            row = y + (1 if side == 0 else -1 if side == 1 else 0)
            column = x + (1 if side == 2 else -1 if side == 3 else 0)
            inside = 0 <= row < height and 0 <= column < width
            if inside and mark[row, column] == 0:
                mark[row, column] = 1
                stack[size, 0], stack[size, 1] = row, column
                size += 1
    return mark


@numba.njit(nogil=True, cache=True)
def _fill_in_order(labels, cells, boxes, pierced, count):  # type: ignore[no-untyped-def]
    # A cell that lost pixels to one filled before it may have got holes by that.
    robbed = np.zeros(count, np.bool_)
    for k in range(len(cells)):
        cell = cells[k]
        if not pierced[k] and not robbed[cell]:
            continue
        box = boxes[k]
        mark = _outside(labels, cell, box)
        if not (mark == 2).any():
            continue
        for y in range(mark.shape[0]):
            for x in range(mark.shape[1]):
                if mark[y, x] == 0:
                    robbed[labels[box[0] + y, box[2] + x]] = True
                    labels[box[0] + y, box[2] + x] = cell
