"""Pairing objects with the truth, and average precision."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cellwire.errors import ShapeMismatchError
from cellwire.evaluation.overlap import Overlap, overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.segmentation.arrays import AnyArray

THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""Overlaps (IoU) of the papers' curves: 0.5 to 0.95 in steps of 0.05."""


class Precision(NamedTuple):
    """Average precision of images at thresholds, each an array (images, thresholds).

    Attributes
    ----------
    ap
        float64, TP / (TP + FP + FN); NaN where neither image has an object.
    tp, fp, fn
        int64, objects that are right, too many, and missed.
    """

    ap: AnyArray
    tp: AnyArray
    fp: AnyArray
    fn: AnyArray


def average_precision(
    truths: Sequence[AnyArray],
    predictions: Sequence[AnyArray],
    thresholds: Sequence[float] = THRESHOLDS,
) -> Precision:
    """Average precision as in the Cellpose paper: TP / (TP + FP + FN) at each overlap.

    Equal to the reference's ``metrics.average_precision`` for labels without gaps; a label that
    no pixel has is no object here.

    Parameters
    ----------
    truths, predictions
        Label images in pairs of equal shape.
    thresholds
        Least IoU of a right object.

    Raises
    ------
    ShapeMismatchError
        If the pairs do not fit.
    """
    if len(truths) != len(predictions):
        raise ShapeMismatchError(
            f"{len(truths)} label images and {len(predictions)} predictions do not make pairs.",
            "Give one prediction for each.",
        )
    tp = np.zeros((len(truths), len(thresholds)), np.int64)
    counts = np.zeros((len(truths), 2), np.int64)
    for index, (truth, prediction) in enumerate(zip(truths, predictions, strict=True)):
        pairs = overlap(truth, prediction)
        counts[index] = pairs.truth_count, pairs.prediction_count
        tp[index] = [true_positives(pairs, threshold) for threshold in thresholds]
    fn, fp = counts[:, :1] - tp, counts[:, 1:] - tp
    return Precision(ratio(tp, tp + fp + fn), tp, fp, fn)


def ratio(part: AnyArray, whole: AnyArray) -> AnyArray:
    """Divide counts; NaN where there is nothing to divide by."""
    found: AnyArray = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)
    return found


def true_positives(pairs: Overlap, threshold: float) -> int:
    """Count the objects that can be paired one to one with an IoU of at least the threshold.

    The reference minimises ``-(iou >= t) - iou / 2n`` over all assignments. The second term stays
    below one in sum, so that its count is that of a largest matching among the good pairs.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    good = (pairs.iou >= threshold) & (pairs.iou > 0)
    if not good.any():
        return 0
    rows, columns = pairs.truth[good], pairs.prediction[good]
    shape = (pairs.truth_count, pairs.prediction_count)
    graph = csr_array((np.ones(len(rows), np.int8), (rows, columns)), shape=shape)
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


def best_pairs(pairs: Overlap) -> AnyArray:
    """Choose which objects belong together: as many as can with IoU ≥ 0.5, then most overlap.

    The assignment of the reference's ``metrics.mask_ious``, over pairs that touch only. A pair
    with more than half in common is in every best assignment; the others fall into small groups
    that are assigned each for itself.

    Returns
    -------
    (K,) int64
        Places in ``pairs`` of the chosen ones.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    sure = np.flatnonzero(pairs.iou > 0.5)
    taken_truth = np.isin(pairs.truth, pairs.truth[sure])
    taken = np.isin(pairs.prediction, pairs.prediction[sure])
    rest = np.flatnonzero(~taken_truth & ~taken)
    if not len(rest):
        return sure
    rows, columns = pairs.truth[rest], pairs.prediction[rest]
    size = pairs.truth_count + pairs.prediction_count
    ends = (rows, columns + pairs.truth_count)
    _, group = connected_components(csr_array((np.ones(len(rest)), ends), shape=(size, size)))
    fewer = max(1, min(pairs.truth_count, pairs.prediction_count))
    weight = (pairs.iou[rest] >= 0.5) + pairs.iou[rest] / (2 * fewer)
    order = np.argsort(group[rows], kind="stable")
    bounds = np.flatnonzero(np.diff(group[rows][order], prepend=-1, append=-1))
    chosen = [sure]
    for first, end in pairwise(bounds):
        members = order[first:end]
        if len(members) == 1:
            chosen.append(rest[members])
            continue
        own_rows, row = np.unique(rows[members], return_inverse=True)
        own_columns, column = np.unique(columns[members], return_inverse=True)
        table = np.zeros((len(own_rows), len(own_columns)))
        place = np.full(table.shape, -1)
        table[row, column] = weight[members]
        place[row, column] = rest[members]
        found = place[linear_sum_assignment(table, maximize=True)]
        chosen.append(found[found >= 0])
    return np.concatenate(chosen)
