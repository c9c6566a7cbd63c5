"""Holes, volumes and edges: which objects of a stack stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.cleaning import small_labels
from cellwire.segmentation.objects import raster_ranks
from cellwire.segmentation.parameters import CELLPOSE3
from cellwire.segmentation.result import Removal
from cellwire.segmentation.volume.objects import Ids, measure, number
from cellwire.segmentation.volume.voids import fill_voids

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import LabelArray
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.volume.slabs import Pulse


@dataclass(frozen=True, slots=True)
class CleanedVolume:
    """What `clean_volume` leaves.

    Attributes
    ----------
    labels
        (Z, Y, X) uint32, 1..n in raster order of first appearance.
    volumes
        (n,) voxels of each object.
    removed
        How many objects were dropped, by reason.
    """

    labels: LabelArray
    volumes: Ids
    removed: dict[Removal, int]


def clean_volume(
    labels: LabelArray, parameters: CellposeParameters, pulse: Pulse | None = None
) -> CleanedVolume:
    """Drop small objects, fill holes, drop what is small, large or on an edge, number the rest.

    As `cellwire.segmentation.cleaning.clean` does in a plane (peer:
    ``utils.fill_holes_and_remove_small_masks`` and ``utils.remove_edge_masks`` 3.1.1.3). For
    objects stitched from planes as well as for those found in three dimensions.

    Parameters
    ----------
    labels
        (Z, Y, X) uint32, gaps in the numbers allowed; changed in place.
    parameters
        ``least_size`` and ``max_size`` in voxels, ``exclude_on_edges`` and ``compat`` are used.
    pulse
        Called now and then; may raise to stop.
    """
    compat = parameters.compat == CELLPOSE3
    before = measure(labels, pulse=pulse)
    present = before.present()
    dropped = small_labels(before.volumes, parameters.least_size, compat)
    reasons = dict.fromkeys(dropped.tolist(), Removal.SMALL)
    kept = present[~np.isin(present, dropped)]
    # The peer numbers anew in raster order when it has removed, and fills in order of numbers.
    if parameters.least_size > 0:
        kept = kept[np.argsort(before.firsts[kept], kind="stable")]
    changed = fill_voids(labels, before, kept, pulse)
    after = measure(labels, len(before.volumes) - 1, pulse) if changed else before
    # In compat the numbers that matter are the new ones: position in `kept`, plus one.
    ground = labels.size - int(after.volumes[kept].sum())
    by_rank = np.concatenate([[ground], after.volumes[kept]])
    small = kept[small_labels(by_rank, parameters.least_size, compat) - 1]
    reasons.update(dict.fromkeys(small.tolist(), Removal.SMALL))
    if parameters.max_size is not None:
        for label in kept[after.volumes[kept] > parameters.max_size].tolist():
            reasons.setdefault(label, Removal.LARGE)
    if parameters.exclude_on_edges:
        boxes = after.boxes[kept]
        edge = (boxes[:, 0::2] == 0).any(axis=1) | (boxes[:, 1::2] == labels.shape).any(axis=1)
        for label in kept[edge].tolist():
            reasons.setdefault(label, Removal.EDGE)
    present = after.present()
    stays = present[~np.isin(present, np.fromiter(reasons, np.int64, len(reasons)))]
    table = raster_ranks(after.firsts, stays)
    number(labels, table, pulse)
    removed: dict[Removal, int] = {}
    for reason in reasons.values():
        removed[reason] = removed.get(reason, 0) + 1
    return CleanedVolume(labels, after.volumes[stays[np.argsort(table[stays])]], removed)
