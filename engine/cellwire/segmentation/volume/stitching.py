"""Give the objects of neighbouring planes, or of frames in a row, one number where they overlap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cellwire.errors import InvalidParameterError, ShapeMismatchError
from cellwire.segmentation.parameters import CELLPOSE3
from cellwire.segmentation.volume.slabs import slabs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cellwire.segmentation.arrays import AnyArray, LabelArray
    from cellwire.segmentation.volume.slabs import Pulse

Ids = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

HIGHEST = 2**32 - 1
"""Greatest number that a label may have."""


def stitch_planes(
    labels: AnyArray,
    threshold: float = 0.25,
    compat: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    out: LabelArray | None = None,
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
    out
        Where the result goes; may be ``labels``.

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
    return _number_along(labels, threshold, _Rules(reuses=compat == CELLPOSE3), progress, out)


def link_frames(
    labels: AnyArray,
    threshold: float = 0.25,
    progress: Callable[[int, int], None] | None = None,
    out: LabelArray | None = None,
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
    out
        Where the result goes; may be ``labels``.

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
    return _number_along(labels, threshold, _Rules(one_to_one=True), progress, out)


@dataclass(frozen=True, slots=True)
class _Rules:
    reuses: bool = False
    one_to_one: bool = False


def _number_along(
    labels: AnyArray,
    threshold: float,
    rules: _Rules,
    progress: Callable[[int, int], None] | None,
    out: LabelArray | None,
) -> LabelArray:
    if not 0 <= threshold <= 1:
        raise InvalidParameterError(
            f"The least overlap must be from 0 to 1; it is {threshold:g}.",
            "Choose for example 0.25: a quarter of the area of both together.",
        )
    result = np.empty(labels.shape, np.uint32) if out is None else out
    frames, shape = len(labels), labels.shape[1:]
    # The greatest number given so far, and whether two neighbours with objects have been met.
    highest, met = 0, False
    before: LabelArray | None = None
    for index in range(frames):
        pulse = None if progress is None else partial(progress, index, frames)
        plane = labels[index]
        count = max((int(plane[p].max(initial=0)) for p in _pieces(shape, pulse)), default=0)
        if rules.reuses and not met and (not count or before is None):
            # The peer leaves such a plane as it is, and forgets what came before it.
            highest, table = count, np.arange(count + 1, dtype=np.int64)
        else:
            met = met or (count > 0 and before is not None)
            table = _table(plane, before, count, threshold, highest, rules.one_to_one, pulse)
            highest = max(highest, int(table.max(initial=0)))
        if highest > HIGHEST:
            raise InvalidParameterError(
                f"Labels go up to {HIGHEST}; these planes hold more objects.",
                "Stitch the stack in parts.",
            )
        numbers = table.astype(np.uint32)
        for piece in _pieces(shape, pulse):
            result[index][piece] = numbers[plane[piece]]
        before = result[index] if count else None
        if progress is not None:
            progress(index + 1, frames)
    return result


def _table(
    plane: AnyArray,
    before: AnyArray | None,
    count: int,
    threshold: float,
    highest: int,
    one_to_one: bool,
    pulse: Pulse | None,
) -> Ids:
    """Give the number of every label 0..count of a plane, given the numbers in the one before."""
    table = np.zeros(count + 1, np.int64)
    if count and before is not None:
        rows, columns, iou, ids = _overlaps(plane, before, highest, pulse)
        kept = iou >= threshold
        best = np.zeros(int(columns.max(initial=-1)) + 1)
        np.maximum.at(best, columns[kept], iou[kept])
        kept &= iou == best[columns] if len(columns) else kept
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


def _overlaps(
    plane: AnyArray, before: AnyArray, highest: int, pulse: Pulse | None
) -> tuple[Ids, Ids, Shares, Ids]:
    """Give the pairs that share pixels, label and place of the number before, their IoU; the ids.

    The ids are the numbers before, ascending.
    """
    label, old, pixels = _shared(plane, before, highest, pulse)
    areas = np.bincount(label, pixels)
    ids, places = np.unique(old, return_inverse=True)
    old_areas = np.bincount(places, pixels)
    both = (label > 0) & (old > 0)
    rows, columns, shared = label[both], places[both], pixels[both]
    # Whole numbers in float64 divide as the peer's do, so that ties are the peer's ties.
    iou = shared / (areas[rows] + old_areas[columns] - shared)
    background = int(ids[0] == 0)
    return rows, columns - background, iou, ids[background:]


def _shared(
    plane: AnyArray, before: AnyArray, highest: int, pulse: Pulse | None
) -> tuple[Ids, Ids, Shares]:
    """Count the pixels of every pair of a label and a number before, the background included."""
    found = []
    for piece in _pieces(plane.shape, pulse):
        here, there = plane[piece].ravel(), before[piece].ravel()
        starts = np.flatnonzero(
            np.concatenate([[True], (here[1:] != here[:-1]) | (there[1:] != there[:-1])])
        )
        lengths = np.diff(np.append(starts, len(here)))
        keys = here[starts].astype(np.int64) * (highest + 1) + there[starts].astype(np.int64)
        found.append(_summed(keys, lengths))
    pairs, pixels = _summed(*(np.concatenate(each) for each in zip(*found, strict=True)))
    label, old = np.divmod(pairs, highest + 1)
    return label, old, pixels


def _summed(keys: Ids, counts: AnyArray) -> tuple[Ids, Shares]:
    pairs, places = np.unique(keys, return_inverse=True)
    sums: Shares = np.bincount(places, counts, minlength=len(pairs)).astype(np.float64)
    return pairs, sums


def _pieces(shape: tuple[int, ...], pulse: Pulse | None) -> Iterator[slice]:
    """Cut a plane (Y, X), or a frame (Z, Y, X), along its first axis."""
    return slabs((shape[0], 1, math.prod(shape[1:])), pulse)
