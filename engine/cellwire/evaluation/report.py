"""Scores of many images: each, their mean, and all objects together, whole and by group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cellwire.errors import TrainingDataError
from cellwire.evaluation.boundary import SCALES
from cellwire.evaluation.matching import THRESHOLDS, ratio
from cellwire.evaluation.resampling import image_draws, interval
from cellwire.evaluation.scores import ImageScores, score_image
from cellwire.evaluation.sizes import size_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cellwire.segmentation.arrays import AnyArray


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
        See `report_of`.

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
    return report_of(scores)


def report_of(scores: Sequence[ImageScores]) -> dict[str, Any]:
    """Put the scores of images together.

    Returns
    -------
    dict
        ``images``, ``mean``, ``pooled``, ``sizes`` and ``groups``, ready for JSON: None where there
        is no score. ``mean`` averages the images that have one; ``pooled`` counts the objects of
        all images together. Intervals are the middle 95 % over 1000 draws of images with
        replacement. ``sizes`` is there where a size model gave diameters (see
        `cellwire.evaluation.sizes.size_errors`), ``groups`` where images have groups: mean, pooled
        and sizes of each, by name.

    Raises
    ------
    TrainingDataError
        If there are no scores.
    """
    if not scores:
        raise TrainingDataError(
            "There is no image to evaluate.", "Name folders with images and their labels."
        )
    names = sorted({each.group for each in scores} - {""})
    groups = {name: summary([each for each in scores if each.group == name]) for name in names}
    return {
        "images": [_of_image(each) for each in scores],
        **summary(scores),
        **({"groups": groups} if groups else {}),
    }


def summary(scores: Sequence[ImageScores]) -> dict[str, Any]:
    """Give ``mean``, ``pooled`` and, where diameters were predicted, ``sizes``."""
    draws = image_draws([each.name for each in scores])
    sizes = size_errors(
        np.array([each.true_diameter for each in scores]),
        np.array([each.diameter for each in scores]),
    )
    return {
        "mean": _mean(scores, draws),
        "pooled": _pooled(scores, draws),
        **({"sizes": sizes} if sizes else {}),
    }


def _of_image(scores: ImageScores) -> dict[str, Any]:
    more: dict[str, Any] = {"group": scores.group} if scores.group else {}
    for name in ("true_diameter", "diameter", "anisotropy"):
        if not math.isnan(value := getattr(scores, name)):
            more[name] = value
    return {
        "name": scores.name,
        **more,
        "objects": scores.objects,
        "predicted": scores.predicted,
        "ap": _by_threshold(scores.ap),
        "aji": _plain(scores.aji),
        "boundary": _by_scale(scores.boundary),
    }


def _mean(scores: Sequence[ImageScores], draws: AnyArray) -> dict[str, Any]:
    ap = np.array([each.ap for each in scores])
    once = np.ones((1, len(scores)))
    boundary = np.stack([each.boundary.ravel() for each in scores])
    return {
        "images": len(scores),
        "ap": _by_threshold(_mean_over(once, ap)[0]),
        "ap_interval": _intervals(_mean_over(draws, ap)),
        "aji": _plain(float(_mean_over(once, np.array([[each.aji] for each in scores]))[0, 0])),
        "boundary": _by_scale(_mean_over(once, boundary)[0].reshape(-1, len(SCALES))),
    }


def _pooled(scores: Sequence[ImageScores], draws: AnyArray) -> dict[str, Any]:
    tp = np.array([each.tp for each in scores])
    both = np.array([[each.objects + each.predicted] for each in scores])
    drawn = draws @ tp
    return {
        "objects": sum(each.objects for each in scores),
        "predicted": sum(each.predicted for each in scores),
        "ap": _by_threshold(ratio(tp.sum(axis=0), both.sum(axis=0) - tp.sum(axis=0))),
        "ap_interval": _intervals(ratio(drawn, draws @ both - drawn)),
    }


def _mean_over(draws: AnyArray, values: AnyArray) -> AnyArray:
    """Average (n, K) over the images of each draw (D, n), where a value is no NaN: (D, K)."""
    there = ~np.isnan(values)
    return ratio(draws @ np.where(there, values, 0.0), draws @ there.astype(np.float64))


def _intervals(draws: AnyArray) -> dict[str, list[float | None]]:
    return {
        str(threshold): [_plain(end) for end in interval(column)]
        for threshold, column in zip(THRESHOLDS, draws.T, strict=True)
    }


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
