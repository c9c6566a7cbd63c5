"""How much the objects of two label images overlap, without a table of all pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cellwire.errors import ShapeMismatchError

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray


@dataclass(frozen=True, slots=True)
class Overlap:
    """The pairs of objects that share pixels.

    Attributes
    ----------
    truth, prediction
        (P,) for each pair the place of its objects among those that are present, from 0.
    shared
        (P,) pixels that the pair shares.
    iou
        (P,) float64, shared pixels over pixels of either.
    truth_count, prediction_count
        Number of objects.
    union
        Pixels that are in any object of either image.
    """

    truth: AnyArray
    prediction: AnyArray
    shared: AnyArray
    iou: AnyArray
    truth_count: int
    prediction_count: int
    union: int


def overlap(truth: AnyArray, prediction: AnyArray) -> Overlap:
    """Count the pixels that objects of two label images share.

    Memory grows with the pixels and the pairs that touch, where the reference's table
    (``metrics._label_overlap``) grows with the product of the numbers of objects.

    Parameters
    ----------
    truth, prediction
        (..., Y, X) non-negative integers of one shape, 0 = background.

    Raises
    ------
    ShapeMismatchError
        If the shapes differ.
    """
    if truth.shape != prediction.shape:
        raise ShapeMismatchError(
            f"The labels are {_shape(truth)} pixels and the prediction is {_shape(prediction)}.",
            "Compare label images of the same size.",
        )
    true_ids, true_area = _objects(truth)
    ids, area = _objects(prediction)
    either = (truth > 0) | (prediction > 0)
    both = (truth > 0) & (prediction > 0)
    rows = np.searchsorted(true_ids, truth[both])
    columns = np.searchsorted(ids, prediction[both])
    keys, shared = np.unique(rows.astype(np.int64) * max(len(ids), 1) + columns, return_counts=True)
    rows, columns = np.divmod(keys, max(len(ids), 1))
    iou = shared / (true_area[rows] + area[columns] - shared)
    return Overlap(rows, columns, shared, iou, len(true_ids), len(ids), int(either.sum()))


def _objects(labels: AnyArray) -> tuple[AnyArray, AnyArray]:
    ids, areas = np.unique(labels, return_counts=True)
    return ids[ids > 0], areas[ids > 0]


def _shape(array: AnyArray) -> str:
    return " × ".join(str(length) for length in array.shape)
