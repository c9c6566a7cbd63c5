"""Scores equal to the reference's, run live."""

from __future__ import annotations

import numpy as np
import pytest

from cellwire.evaluation.aggregated_jaccard import aggregated_jaccard
from cellwire.evaluation.boundary import boundary_scores, outer_outlines
from cellwire.evaluation.matching import THRESHOLDS, average_precision

metrics = pytest.importorskip("cellpose.metrics", reason="the reference is not installed")
utils = pytest.importorskip("cellpose.utils")


def blobs(seed: int, size: int = 160) -> np.ndarray:
    """Touching objects with holes, without gaps in the labels."""
    from scipy import ndimage

    rng = np.random.default_rng(seed)
    points = rng.integers(0, size, (45, 2))
    y, x = np.mgrid[:size, :size]
    distance = np.hypot(y[..., None] - points[:, 0], x[..., None] - points[:, 1])
    labels = np.where(distance.min(-1) < rng.uniform(8, 16), distance.argmin(-1) + 1, 0)
    labels[ndimage.gaussian_filter(rng.normal(size=(size, size)), 2) > 0.18] = 0
    _, dense = np.unique(labels, return_inverse=True)
    return dense.reshape(labels.shape).astype(np.int32)


def disturbed(labels: np.ndarray, seed: int) -> np.ndarray:
    """Shifted, some objects joined, some cut, some gone."""
    rng = np.random.default_rng(seed)
    moved = np.roll(labels, rng.integers(-3, 4, 2), axis=(0, 1))
    lookup = np.arange(labels.max() + 1)
    lookup[rng.integers(1, len(lookup), 5)] = lookup[rng.integers(1, len(lookup), 5)]
    lookup[rng.integers(1, len(lookup), 4)] = 0
    moved = lookup[moved]
    moved[:, 80:] = np.where(moved[:, 80:] > 0, moved[:, 80:] + labels.max(), 0)
    _, dense = np.unique(moved, return_inverse=True)
    return dense.reshape(labels.shape).astype(np.int32)


PAIRS = [(blobs(seed), disturbed(blobs(seed), seed + 100)) for seed in range(6)]


def test_average_precision_and_counts_are_equal() -> None:
    truths, predictions = [p[0] for p in PAIRS], [p[1] for p in PAIRS]
    thresholds = [0.1, 0.3, *THRESHOLDS]
    ours = average_precision(truths, predictions, thresholds)
    theirs = metrics.average_precision(truths, predictions, threshold=thresholds)
    np.testing.assert_allclose(ours.ap, theirs[0], rtol=1e-6)
    for own, their in zip(ours[1:], theirs[1:], strict=True):
        np.testing.assert_array_equal(own, their)
    assert 0 < ours.ap.mean() < 1


def test_noise_labels_with_many_ties_are_equal() -> None:
    rng = np.random.default_rng(4)
    for _ in range(40):
        truth, prediction = rng.integers(0, 7, (2, 6, 6)).astype(np.int32)
        truth.flat[:7] = prediction.flat[7:14] = range(7)
        ours = average_precision([truth], [prediction], [0.1, 0.2, 0.5])
        theirs = metrics.average_precision([truth], [prediction], threshold=[0.1, 0.2, 0.5])
        np.testing.assert_allclose(ours.ap, theirs[0], rtol=1e-6)


def test_no_prediction_is_equal() -> None:
    truth = PAIRS[0][0]
    ours = average_precision([truth], [np.zeros_like(truth)], [0.5])
    theirs = metrics.average_precision([truth], [np.zeros_like(truth)], threshold=[0.5])
    assert [float(o[0, 0]) for o in ours] == [float(t[0, 0]) for t in theirs]


def test_aggregated_jaccard_is_equal() -> None:
    theirs = metrics.aggregated_jaccard_index([p[0] for p in PAIRS], [p[1] for p in PAIRS])
    np.testing.assert_allclose([aggregated_jaccard(*pair) for pair in PAIRS], theirs, rtol=1e-12)


def test_outlines_are_equal() -> None:
    for pair in PAIRS:
        for labels in pair:
            np.testing.assert_array_equal(outer_outlines(labels), utils.masks_to_outlines(labels))


def test_boundary_scores_are_equal() -> None:
    scales = [0.025, 0.1, 0.2, 0.5]
    theirs = metrics.boundary_scores([p[0] for p in PAIRS], [p[1] for p in PAIRS], scales)
    ours = np.stack([np.stack(boundary_scores(*pair, scales)) for pair in PAIRS])
    np.testing.assert_allclose(ours.transpose(1, 2, 0), np.stack(theirs), rtol=1e-12)
