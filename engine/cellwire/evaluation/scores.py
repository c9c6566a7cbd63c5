"""Scores of one image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cellwire.evaluation.aggregated_jaccard import jaccard_of
from cellwire.evaluation.boundary import SCALES, boundary_scores
from cellwire.evaluation.matching import THRESHOLDS, ratio, true_positives
from cellwire.evaluation.overlap import overlap

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray


@dataclass(frozen=True, slots=True)
class ImageScores:
    """Scores of one image.

    Attributes
    ----------
    name
        Of the image.
    objects, predicted
        Number of true and of found objects.
    tp
        Right objects at each of `THRESHOLDS`.
    aji
        Aggregated Jaccard index.
    boundary
        (3, scales) precision, recall and F-score of the outlines at
        `cellwire.evaluation.boundary.SCALES`; NaN for stacks.
    group
        Which of the groups that are reported apart it belongs to, empty if none.
    true_diameter
        Median diameter of the true objects in pixels; NaN if not known or there are none.
    diameter
        Diameter in pixels that a size model gave; NaN if none did.
    anisotropy
        With which the diameter of a stack's objects was found; NaN if not known, and for planes.
    """

    name: str
    objects: int
    predicted: int
    tp: tuple[int, ...]
    aji: float
    boundary: AnyArray
    group: str = ""
    true_diameter: float = math.nan
    diameter: float = math.nan
    anisotropy: float = math.nan

    @property
    def ap(self) -> AnyArray:
        """Average precision at each of `THRESHOLDS`; NaN if there are no objects at all."""
        tp = np.array(self.tp)
        return ratio(tp, self.objects + self.predicted - tp)


def score_image(
    name: str,
    truth: AnyArray,
    prediction: AnyArray,
    *,
    group: str = "",
    true_diameter: float = math.nan,
    diameter: float = math.nan,
    anisotropy: float = math.nan,
) -> ImageScores:
    """Score one image.

    Parameters
    ----------
    name, group, true_diameter, diameter, anisotropy
        See `ImageScores`.
    truth, prediction
        (Y, X) or (Z, Y, X) labels of one shape; objects of stacks are paired by their voxels.
    """
    pairs = overlap(truth, prediction)
    flat = truth.ndim == 2
    outlines = boundary_scores(truth, prediction) if flat else np.full((3, len(SCALES)), np.nan)
    return ImageScores(
        name,
        pairs.truth_count,
        pairs.prediction_count,
        tuple(true_positives(pairs, threshold) for threshold in THRESHOLDS),
        jaccard_of(pairs),
        np.array(outlines),
        group,
        true_diameter,
        diameter,
        anisotropy,
    )
