"""Holes, sizes and edges: which cells stay, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cellwire.segmentation.holes import fill_holes
from cellwire.segmentation.masks import relabel
from cellwire.segmentation.objects import Objects, measure, raster_ranks
from cellwire.segmentation.parameters import CELLPOSE3
from cellwire.segmentation.result import Removal

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import BoolArray, LabelArray
    from cellwire.segmentation.parameters import CellposeParameters

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Labels before and after removal; see `cellwire.segmentation.result.Segmentation`."""

    labels: LabelArray
    unedited_labels: LabelArray
    removed: dict[int, Removal]
    areas: Ids


def clean(
    labels: LabelArray,
    parameters: CellposeParameters,
    oversized: LabelArray | None = None,
    mask: BoolArray | None = None,
    objects: Objects | None = None,
) -> Cleaned:
    """Drop small cells, fill holes, drop what is small, large or on an edge, and number the rest.

    Small cells go before holes are filled and again afterwards, as in the peer
    (``utils.fill_holes_and_remove_small_masks`` 3.1.1.3). Where the flow-error filter left gaps in
    the numbers, the peer takes the n-th cell for the cell with number n and drops a wrong one;
    that is reproduced with ``compat="cellpose3"`` only.

    Parameters
    ----------
    labels
        (Y, X) uint32, gaps in the numbers allowed; changed in place.
    parameters
        ``least_size``, ``max_size``, ``exclude_on_edges`` and ``compat`` are used.
    oversized
        (Y, X) labels that were taken out for their share of the image, kept as unedited ones.
    mask
        (Y, X), False where no cell may be.
    objects
        The measured labels, where they are there already.
    """
    if mask is not None:
        labels[~mask] = 0
    compat = parameters.compat == CELLPOSE3
    before = measure(labels) if objects is None or mask is not None else objects
    present = before.present()
    reasons: dict[int, Removal] = {}
    small = small_labels(before.areas, parameters.least_size, compat)
    reasons.update(dict.fromkeys(small.tolist(), Removal.SMALL))
    kept = present[~np.isin(present, small)]
    # The peer numbers anew in raster order when it has removed, and fills in order of numbers.
    if parameters.least_size > 0:
        kept = kept[np.argsort(before.firsts[kept], kind="stable")]
    changed = fill_holes(labels, before, kept)
    if changed and mask is not None:
        labels[~mask] = 0
    after = measure(labels, len(before.areas) - 1) if changed else before
    # In compat the numbers that matter are the new ones: position in `kept`, plus one.
    ground = labels.size - int(after.areas[kept].sum())
    by_rank = np.concatenate([[ground], after.areas[kept]])
    small = kept[small_labels(by_rank, parameters.least_size, compat) - 1]
    reasons.update(dict.fromkeys(small.tolist(), Removal.SMALL))
    if parameters.max_size is not None:
        for label in kept[after.areas[kept] > parameters.max_size].tolist():
            reasons.setdefault(label, Removal.LARGE)
    if parameters.exclude_on_edges:
        for label in kept[_on_edge(labels, after, kept, mask)].tolist():
            reasons.setdefault(label, Removal.EDGE)
    return _number(labels, after, reasons, oversized)


def small_labels(areas: Ids, min_size: int, compat: bool) -> Ids:
    """Give the labels below a size; ``areas`` are by label, the background first."""
    if min_size <= 0:
        return np.zeros(0, np.int64)
    if not compat:
        return np.flatnonzero((areas < min_size) & (areas > 0) & (np.arange(len(areas)) > 0))
    # The first present label is taken for the background and the n-th next one for label n.
    values = np.flatnonzero(areas)
    wrong = np.flatnonzero(areas[values][1:] < min_size) + 1
    wrong = wrong[wrong < len(areas)]
    return wrong[areas[wrong] > 0]


def _on_edge(labels: LabelArray, objects: Objects, cells: Ids, mask: BoolArray | None) -> BoolArray:
    height, width = labels.shape
    boxes = objects.boxes[cells]
    touches: BoolArray = (boxes[:, 0] == 0) | (boxes[:, 2] == 0)
    touches |= (boxes[:, 1] == height) | (boxes[:, 3] == width)
    if mask is not None:
        border = np.zeros(labels.shape, np.bool_)
        border[1:] |= ~mask[:-1]
        border[:-1] |= ~mask[1:]
        border[:, 1:] |= ~mask[:, :-1]
        border[:, :-1] |= ~mask[:, 1:]
        touches |= np.isin(cells, np.unique(labels[border]))
    return touches


def _number(
    labels: LabelArray,
    objects: Objects,
    reasons: dict[int, Removal],
    oversized: LabelArray | None,
) -> Cleaned:
    present = objects.present()
    gone = np.isin(present, np.fromiter(reasons, np.int64, len(reasons)))
    table = raster_ranks(objects.firsts, present[~gone])
    final = relabel(labels, table)
    count = int(np.count_nonzero(~gone))
    areas = objects.areas[present[~gone]]
    if not gone.any() and oversized is None:
        return Cleaned(final, final, {}, areas)
    lost = raster_ranks(objects.firsts, present[gone], count + 1)
    unedited = relabel(labels, np.maximum(table, lost))
    removed = {int(lost[label]): reasons[int(label)] for label in present[gone].tolist()}
    if oversized is not None:
        free = (unedited == 0) & (oversized > 0)
        next_id = count + len(removed)
        unedited[free] = oversized[free] + np.uint32(next_id)
        for label in np.unique(oversized[free]).tolist():
            removed[next_id + int(label)] = Removal.LARGE
    return Cleaned(final, unedited, dict(sorted(removed.items())), areas)
