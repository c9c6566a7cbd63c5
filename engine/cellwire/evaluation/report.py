"""Scores of many images: each, their mean, and all objects together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cellwire.errors import TrainingDataError
from cellwire.evaluation.aggregated_jaccard import jaccard_of
from cellwire.evaluation.boundary import SCALES, boundary_scores
from cellwire.evaluation.matching import THRESHOLDS, ratio, true_positives
from cellwire.evaluation.overlap import overlap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cellwire.segmentation.arrays import AnyArray

RESAMPLES = 1000
LEVEL = 95


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
        (3, scales) precision, recall and F-score of the outlines at `SCALES`.
    """

    name: str
    objects: int
    predicted: int
    tp: tuple[int, ...]
    aji: float
    boundary: AnyArray

    @property
    def ap(self) -> AnyArray:
        """Average precision at each of `THRESHOLDS`; NaN if there are no objects at all."""
        tp = np.array(self.tp)
        return ratio(tp, self.objects + self.predicted - tp)


def score_image(name: str, truth: AnyArray, prediction: AnyArray) -> ImageScores:
    """Score one image.

    Parameters
    ----------
    name
        Of the image.
    truth, prediction
        (Y, X) label images of one shape.
    """
    pairs = overlap(truth, prediction)
    return ImageScores(
        name,
        pairs.truth_count,
        pairs.prediction_count,
        tuple(true_positives(pairs, threshold) for threshold in THRESHOLDS),
        jaccard_of(pairs),
        np.array(boundary_scores(truth, prediction)),
    )


def evaluate_pairs(
    pairs: Iterable[tuple[str, AnyArray, AnyArray]],
    report: Callable[[ImageScores], None] | None = None,
) -> dict[str, Any]:
    """Score images and give the report.

    Parameters
    ----------
    pairs
        Name, true labels and predicted labels of each image, taken one at a time.
    report
        Called with the scores of each image as they come.

    Returns
    -------
    dict
        ``{"images": [...], "mean": {...}, "pooled": {...}}``, ready for JSON: None where there is
        no score. ``mean`` averages the images that have one; ``pooled`` counts the objects of all
        images together. Intervals are the middle 95 % over 1000 draws of images with replacement.

    Raises
    ------
    TrainingDataError
        If there are no pairs.
    """
    scores = []
    for name, truth, prediction in pairs:
        scores.append(score_image(name, truth, prediction))
        if report is not None:
            report(scores[-1])
    if not scores:
        raise TrainingDataError(
            "There is no image to evaluate.", "Name folders with images and their labels."
        )
    return {
        "images": [_of_image(each) for each in scores],
        "mean": _mean(scores),
        "pooled": _pooled(scores),
    }


def _of_image(scores: ImageScores) -> dict[str, Any]:
    return {
        "name": scores.name,
        "objects": scores.objects,
        "predicted": scores.predicted,
        "ap": _by_threshold(scores.ap),
        "aji": _plain(scores.aji),
        "boundary": _by_scale(scores.boundary),
    }


def _mean(scores: list[ImageScores]) -> dict[str, Any]:
    ap = np.array([each.ap for each in scores])
    draws = _draws(len(scores))
    return {
        "images": len(scores),
        "ap": _by_threshold(_nanmean(ap)),
        "ap_interval": _intervals(np.stack([_nanmean(ap[draw]) for draw in draws])),
        "aji": _plain(float(_nanmean(np.array([each.aji for each in scores])))),
        "boundary": _by_scale(_nanmean(np.stack([each.boundary for each in scores]))),
    }


def _pooled(scores: list[ImageScores]) -> dict[str, Any]:
    tp = np.array([each.tp for each in scores])
    both = np.array([[each.objects + each.predicted] for each in scores])
    draws = _draws(len(scores))
    tp_sum, both_sum = tp[draws].sum(axis=1), both[draws].sum(axis=1)
    return {
        "objects": sum(each.objects for each in scores),
        "predicted": sum(each.predicted for each in scores),
        "ap": _by_threshold(ratio(tp.sum(axis=0), both.sum(axis=0) - tp.sum(axis=0))),
        "ap_interval": _intervals(ratio(tp_sum, both_sum - tp_sum)),
    }


def _draws(count: int) -> AnyArray:
    """Draw images with replacement; the same for the same number of images."""
    return np.random.default_rng(0).integers(0, count, (RESAMPLES, count))


def _nanmean(values: AnyArray) -> AnyArray:
    """Average over the first axis what is no NaN."""
    there = ~np.isnan(values)
    total, count = np.where(there, values, 0.0).sum(axis=0), there.sum(axis=0)
    return ratio(total, count)


def _intervals(draws: AnyArray) -> dict[str, list[float | None]]:
    tail = (100 - LEVEL) / 2
    found = {}
    for threshold, column in zip(THRESHOLDS, draws.T, strict=True):
        column = column[~np.isnan(column)]
        ends = np.percentile(column, [tail, 100 - tail]) if len(column) else [math.nan] * 2
        found[str(threshold)] = [_plain(end) for end in ends]
    return found


def _by_threshold(values: AnyArray) -> dict[str, float | None]:
    return {str(t): _plain(value) for t, value in zip(THRESHOLDS, values, strict=True)}


def _by_scale(boundary: AnyArray) -> dict[str, dict[str, float | None]]:
    names = ("precision", "recall", "fscore")
    return {
        str(scale): {name: _plain(value) for name, value in zip(names, column, strict=True)}
        for scale, column in zip(SCALES, boundary.T, strict=True)
    }


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
