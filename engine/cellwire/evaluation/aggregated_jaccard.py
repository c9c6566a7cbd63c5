"""The aggregated Jaccard index."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cellwire.evaluation.matching import best_pairs
from cellwire.evaluation.overlap import Overlap, overlap

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray


def aggregated_jaccard(truth: AnyArray, prediction: AnyArray) -> float:
    """Pixels that paired objects share, over the pixels of any object.

    Equal to the reference's ``metrics.aggregated_jaccard_index``.

    Parameters
    ----------
    truth, prediction
        Label images of one shape.

    Returns
    -------
    float
        0 to 1; NaN if neither image has an object.
    """
    return jaccard_of(overlap(truth, prediction))


def jaccard_of(pairs: Overlap) -> float:
    """Give the index of an overlap that is counted already."""
    if pairs.union == 0:
        return math.nan
    return float(pairs.shared[best_pairs(pairs)].sum() / pairs.union)
