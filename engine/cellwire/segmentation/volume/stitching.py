"""Give the objects of neighbouring planes, or of frames in a row, one number where they overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cellwire.errors import InvalidParameterError, ShapeMismatchError
from cellwire.segmentation.parameters import CELLPOSE3

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import AnyArray, LabelArray

Ids = npt.NDArray[np.int64]

HIGHEST = 2**32 - 1
"""Greatest number that a label may have."""


def stitch_planes(
    labels: AnyArray,
    threshold: float = 0.25,
    compat: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LabelArray:
    """Join the objects of neighbouring planes by their overlap (peer: ``utils.stitch3D`` 3.1.1.3).

    From plane to plane, an object takes the number of the object in the plane before with which
    it has the greatest IoU, if that is at least the threshold and no other object overlaps that
    one more; otherwise it gets a new number. The numbers are the peer's, object by object, with
    two faults mended: the peer's wrap at 65,535, and before the first two neighbouring planes
    that both hold objects it counts anew after every empty plane, so that objects of different
    planes share a number. The latter is reproduced with ``compat="cellpose3"``. Only pairs that
    touch are looked at: memory grows with the pixels, not with the product of the objects.

    Parameters
    ----------
    labels
        (Z, Y, X) non-negative integers, numbered within each plane; 0 = background.
    threshold
        Least IoU, 0 to 1.
    compat
        ``None`` or ``"cellpose3"``.
    progress
        Called with (planes done, planes); may raise to stop.

    Returns
    -------
    stitched
        (Z, Y, X) uint32.

    Raises
    ------
    ShapeMismatchError
        If the labels are no stack.
    InvalidParameterError
        If the threshold is out of range, or there are more than 2^32 - 1 objects.
    """
    if labels.ndim != 3:
        raise ShapeMismatchError(
            f"Planes are stitched in a stack (Z, Y, X); the labels have the shape {labels.shape}.",
            "Give the label images of all planes as one array.",
        )
    return _number_along(labels, threshold, _Rules(reuses=compat == CELLPOSE3), progress)


def link_frames(
    labels: AnyArray,
    threshold: float = 0.25,
    progress: Callable[[int, int], None] | None = None,
) -> LabelArray:
    """Keep the number of every cell from frame to frame, by overlap.

    The rule is that of `stitch_planes`; in addition no two cells of a frame share a number: where
    two overlap the same cell equally, the one with the lower label keeps its number. A cell that
    vanishes leaves its number unused for ever, and what is new gets a new number; of the daughters
    of a division the one that overlaps more goes on as the mother.

    Parameters
    ----------
    labels
        (T, Y, X) or (T, Z, Y, X) non-negative integers, numbered within each frame.
    threshold
        Least IoU, 0 to 1.
    progress
        Called with (frames done, frames); may raise to stop.

    Returns
    -------
    linked
        Of the same shape, uint32.

    Raises
    ------
    ShapeMismatchError
        If the labels are no series.
    InvalidParameterError
        If the threshold is out of range, or there are more than 2^32 - 1 cells.
    """
    if labels.ndim not in (3, 4):
        raise ShapeMismatchError(
            "Cells are linked in a series (T, Y, X) or (T, Z, Y, X); the labels have the shape "
            f"{labels.shape}.",
            "Give the label images of all frames as one array.",
        )
    return _number_along(labels, threshold, _Rules(one_to_one=True), progress)


@dataclass(frozen=True, slots=True)
class _Rules:
    reuses: bool = False
    one_to_one: bool = False


def _number_along(
    labels: AnyArray,
    threshold: float,
    rules: _Rules,
    progress: Callable[[int, int], None] | None,
) -> LabelArray:
    if not 0 <= threshold <= 1:
        raise InvalidParameterError(
            f"The least overlap must be from 0 to 1; it is {threshold:g}.",
            "Choose for example 0.25: a quarter of the area of both together.",
        )
    result = np.empty(labels.shape, np.uint32)
    # The greatest number given so far, and whether two neighbours with objects have been met.
    highest, met = 0, False
    before = np.zeros(0, np.uint32)
    for index in range(len(labels)):
        plane = labels[index].ravel()
        count = int(plane.max(initial=0))
        if rules.reuses and not met and (not count or not before.any()):
            # The peer leaves such a plane as it is, and forgets what came before it.
            highest, table = count, np.arange(count + 1, dtype=np.int64)
        else:
            met = met or (count > 0 and bool(before.any()))
            table = _table(plane, before, count, threshold, highest, rules.one_to_one)
            highest = max(highest, int(table.max(initial=0)))
        if highest > HIGHEST:
            raise InvalidParameterError(
                f"Labels go up to {HIGHEST}; these planes hold more objects.",
                "Stitch the stack in parts.",
            )
        before = table.astype(np.uint32)[plane]
        result[index] = before.reshape(labels.shape[1:])
        if progress is not None:
            progress(index + 1, len(labels))
    return result


def _table(
    plane: AnyArray,
    before: LabelArray,
    count: int,
    threshold: float,
    highest: int,
    one_to_one: bool,
) -> Ids:
    """Give the number of every label 0..count of a plane, given the numbers in the one before."""
    table = np.zeros(count + 1, np.int64)
    if count and before.any():
        rows, columns, iou = _overlaps(plane, before)
        kept = iou >= threshold
        best = np.zeros(int(columns.max(initial=-1)) + 1)
        np.maximum.at(best, columns[kept], iou[kept])
        kept &= iou == best[columns] if len(columns) else kept
        ids = np.unique(before)[1:] if before.min() == 0 else np.unique(before)
        rows, columns, iou = rows[kept], columns[kept], iou[kept]
        # Of a row's columns the greatest IoU wins, and among equals the lowest number.
        order = np.lexsort((columns, -iou, rows))
        rows, columns = rows[order], columns[order]
        first = np.ones(len(rows), np.bool_)
        first[1:] = rows[1:] != rows[:-1]
        rows, columns = rows[first], columns[first]
        if one_to_one:
            columns, first_rows = np.unique(columns, return_index=True)
            rows = rows[first_rows]
        table[rows] = ids[columns]
    new = np.flatnonzero(table[1:] == 0) + 1
    table[new] = highest + 1 + np.arange(len(new))
    return table


def _overlaps(plane: AnyArray, before: LabelArray) -> tuple[Ids, Ids, npt.NDArray[np.float64]]:
    """Give the pairs that share pixels: label, place of the number before, and their IoU."""
    starts = np.flatnonzero(
        np.concatenate([[True], (plane[1:] != plane[:-1]) | (before[1:] != before[:-1])])
    )
    lengths = np.diff(np.append(starts, len(plane)))
    label, old = plane[starts].astype(np.int64), before[starts].astype(np.int64)
    areas = np.bincount(label, lengths)
    old_ids, old_places = np.unique(old, return_inverse=True)
    old_areas = np.bincount(old_places, lengths)
    background = int(old_ids[0] == 0)
    both = (label > 0) & (old > 0)
    keys = label[both] * len(old_ids) + old_places[both]
    pairs, places = np.unique(keys, return_inverse=True)
    shared = np.bincount(places, lengths[both], minlength=len(pairs))
    rows, columns = np.divmod(pairs, len(old_ids))
    # Whole numbers in float64 divide as the peer's do, so that ties are the peer's ties.
    iou = shared / (areas[rows] + old_areas[columns] - shared)
    return rows, columns - background, iou
