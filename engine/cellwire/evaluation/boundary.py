"""How well the outlines of two label images lie on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.segmentation.arrays import AnyArray, BoolArray

SCALES = (0.025, 0.05, 0.1)
"""Tolerances, in median diameters of the true objects."""


class Boundary(NamedTuple):
    """Scores at each tolerance; NaN where there is no outline to score.

    Attributes
    ----------
    precision, recall, fscore
        (scales,) float64.
    """

    precision: AnyArray
    recall: AnyArray
    fscore: AnyArray


def boundary_scores(
    truth: AnyArray, prediction: AnyArray, scales: Sequence[float] = SCALES
) -> Boundary:
    """Precision, recall and F-score of the outlines, both widened by a tolerance.

    The reference's ``metrics.boundary_scores``: outlines are widened by a disk whose radius is
    ``scale`` times the median diameter of the true objects (at least one pixel), and their pixels
    are compared.

    Parameters
    ----------
    truth, prediction
        (Y, X) label images of one shape.
    scales
        Tolerances in median diameters.
    """
    areas = np.unique(truth[truth > 0], return_counts=True)[1]
    diameter = float(np.median(np.sqrt(areas)) * 2 / np.sqrt(np.pi)) if len(areas) else 0.0
    distances = [_distance(outer_outlines(labels)) for labels in (truth, prediction)]
    scores = np.full((3, len(scales)), np.nan)
    for index, scale in enumerate(scales):
        true_band, band = (distance <= max(1.0, scale * diameter) for distance in distances)
        hits, found, wanted = (int(m.sum()) for m in (true_band & band, band, true_band))
        if found:
            scores[0, index] = hits / found
        if wanted:
            scores[1, index] = hits / wanted
        if hits:
            scores[2, index] = 2 * hits / (found + wanted)
        elif found and wanted:
            scores[2, index] = 0.0
    return Boundary(*scores)


def outer_outlines(labels: AnyArray) -> BoolArray:
    """Mark the pixels of every object that border on its outside; holes have no outline.

    The reference's ``utils.masks_to_outlines``, which follows the outer border of each part.

    Parameters
    ----------
    labels
        (Y, X), 0 = background.
    """
    from scipy import ndimage

    outlines = np.zeros(labels.shape, np.bool_)
    for index, box in enumerate(ndimage.find_objects(labels.astype(np.int64)), 1):
        if box is not None:
            own = labels[box] == index
            # Neighbours over edges decide what is outside, those over corners what is connected.
            filled = ndimage.binary_fill_holes(own)
            outlines[box] |= own & (filled & ~ndimage.binary_erosion(filled)).astype(np.bool_)
    return outlines


def _distance(outlines: BoolArray) -> AnyArray:
    from scipy import ndimage

    if not outlines.any():
        return np.full(outlines.shape, np.inf)
    distance: AnyArray = ndimage.distance_transform_edt(~outlines)
    return distance
