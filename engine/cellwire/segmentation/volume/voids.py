"""Fill the holes of every object of a stack, each in its own box."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numba
import numpy as np

from cellwire.segmentation.parallel import parallel_region
from cellwire.segmentation.volume.slabs import SLAB

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import LabelArray
    from cellwire.segmentation.volume.objects import Ids, Objects
    from cellwire.segmentation.volume.slabs import Pulse


def fill_voids(
    labels: LabelArray, objects: Objects, order: Ids, pulse: Pulse | None = None
) -> bool:
    """Fill the holes of some objects, in place, one object after the other.

    A hole is what is not the object and not connected, over faces of voxels, to the border of the
    object's box (peer: ``fill_voids.fill`` on every box in
    ``utils.fill_holes_and_remove_small_masks``). Objects inside a hole are covered.

    Parameters
    ----------
    labels
        (Z, Y, X) uint32, changed in place.
    objects
        The measured labels.
    order
        The labels to fill, in the order in which they are filled.
    pulse
        Called now and then; may raise to stop.

    Returns
    -------
    changed
        Whether any voxel was filled.
    """
    pierced = np.zeros(len(order), np.bool_)
    boxes = objects.boxes[order]
    # An object that lost voxels to one filled before it may have got holes by that.
    robbed = np.zeros(len(objects.volumes), np.bool_)
    parts = _parts(boxes)
    for part in parts:
        if pulse is not None:
            pulse()
        with parallel_region():
            _find_pierced(labels, order[part], boxes[part], pierced[part])
    if not pierced.any():
        return False
    for part in parts:
        if pulse is not None:
            pulse()
        _fill_in_order(labels, order[part], boxes[part], pierced[part], robbed)
    return True


def _parts(boxes: Ids) -> list[slice]:
    """Give objects in parts whose boxes are a slab together, or that are one object."""
    ends = np.cumsum((boxes[:, 1::2] - boxes[:, 0::2]).prod(axis=1))
    starts = np.flatnonzero(np.diff(ends // SLAB, prepend=-1))
    return [slice(first, end) for first, end in pairwise([*starts.tolist(), len(boxes)])]


@numba.njit(nogil=True, parallel=True, cache=True)
def _find_pierced(labels, cells, boxes, pierced):  # type: ignore[no-untyped-def]
    for index in numba.prange(len(cells)):
        k = np.int64(index)
        if not _is_row_convex(labels, cells[k], boxes[k]):
            pierced[k] = (_outside(labels, cells[k], boxes[k]) == 0).any()


@numba.njit(nogil=True, cache=True)
def _is_row_convex(labels, cell, box):  # type: ignore[no-untyped-def]
    # A hole needs a row in which the object's voxels are interrupted, not on the border of its box.
    for z in range(box[0] + 1, box[1] - 1):
        for y in range(box[2] + 1, box[3] - 1):
            runs = 0
            inside = False
            for x in range(box[4], box[5]):
                now = labels[z, y, x] == cell
                if now and not inside:
                    runs += 1
                inside = now
            if runs > 1:
                return False
    return True


@numba.njit(nogil=True, cache=True)
def _outside(labels, cell, box):  # type: ignore[no-untyped-def]
    """Mark in the box: 2 = object, 1 = outside, 0 = hole."""
    depth, height, width = box[1] - box[0], box[3] - box[2], box[5] - box[4]
    mark = np.zeros((depth, height, width), np.uint8)
    flat = mark.ravel()
    border = 2 * (depth * height + depth * width + height * width)
    front = np.empty(border, np.int64)
    size = 0
    k = np.int64(0)
    for z in range(depth):
        for y in range(height):
            for x in range(width):
                if labels[box[0] + z, box[2] + y, box[4] + x] == cell:
                    flat[k] = 2
                elif z in (0, depth - 1) or y in (0, height - 1) or x in (0, width - 1):
                    flat[k] = 1
                    front[size] = k
                    size += 1
                k += 1
    # Layer by layer, so that no more than a layer is remembered of a box of any size.
    while size > 0:
        behind = np.empty(6 * size, np.int64)
        found = 0
        for item in range(size):
            k = front[item]
            z, y, x = k // width // height, k // width % height, k % width
            for side in range(6):
                plane = z + (1 if side == 0 else -1 if side == 1 else 0)
                row = y + (1 if side == 2 else -1 if side == 3 else 0)
                column = x + (1 if side == 4 else -1 if side == 5 else 0)
                if not (0 <= plane < depth and 0 <= row < height and 0 <= column < width):
                    continue
                at = (plane * height + row) * width + column
                if flat[at] == 0:
                    flat[at] = 1
                    behind[found] = at
                    found += 1
        front, size = behind, found
    return mark


@numba.njit(nogil=True, cache=True)
def _fill_in_order(labels, cells, boxes, pierced, robbed):  # type: ignore[no-untyped-def]
    for k in range(len(cells)):
        cell = cells[k]
        if not pierced[k] and not robbed[cell]:
            continue
        box = boxes[k]
        mark = _outside(labels, cell, box)
        if not (mark == 2).any():
            continue
        for z in range(mark.shape[0]):
            for y in range(mark.shape[1]):
                for x in range(mark.shape[2]):
                    if mark[z, y, x] == 0:
                        robbed[labels[box[0] + z, box[2] + y, box[4] + x]] = True
                        labels[box[0] + z, box[2] + y, box[4] + x] = cell
