from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellwire.errors import ShapeMismatchError, TrainingDataError
from cellwire.evaluation.aggregated_jaccard import aggregated_jaccard
from cellwire.evaluation.boundary import boundary_scores
from cellwire.evaluation.matching import THRESHOLDS, average_precision
from cellwire.evaluation.report import evaluate_pairs
from cellwire.evaluation.score_table import score_table

LABELS = arrays(np.uint32, (9, 11), elements=st.integers(0, 5))
QUICK = settings(max_examples=50, deadline=None)


@QUICK
@given(LABELS, LABELS)
def test_precision_is_symmetric_and_falls_with_the_threshold(a: np.ndarray, b: np.ndarray) -> None:
    one, other = average_precision([a], [b]), average_precision([b], [a])
    np.testing.assert_array_equal(one.ap, other.ap)
    np.testing.assert_array_equal(one.fp, other.fn)
    assert (np.diff(one.tp) <= 0).all()


@QUICK
@given(LABELS, LABELS, st.permutations(list(range(1, 6))))
def test_names_of_labels_do_not_matter(a: np.ndarray, b: np.ndarray, order: list[int]) -> None:
    lookup = np.array([0, *(1000 * label for label in order)])
    np.testing.assert_array_equal(
        average_precision([a], [b]).ap, average_precision([a], [lookup[b]]).ap
    )
    assert aggregated_jaccard(a, b) == pytest.approx(aggregated_jaccard(a, lookup[b]), nan_ok=True)


@QUICK
@given(LABELS)
def test_identity_scores_one(a: np.ndarray) -> None:
    expected = 1.0 if a.any() else math.nan
    np.testing.assert_array_equal(average_precision([a], [a]).ap, np.full((1, 10), expected))
    assert aggregated_jaccard(a, a) == pytest.approx(expected, nan_ok=True)
    np.testing.assert_array_equal(boundary_scores(a, a).fscore, np.full(3, expected))


def squares(side: int) -> np.ndarray:
    labels = np.zeros((40, 40), np.uint32)
    for number, (y, x) in enumerate([(2, 2), (2, 20), (20, 2)], 1):
        labels[y : y + side, x : x + side] = number
    return labels


def test_precision_of_known_squares() -> None:
    scores = average_precision([squares(10)], [squares(8)], [0.5, 0.64, 0.65])
    np.testing.assert_array_equal(scores.ap, [[1, 1, 0]])
    np.testing.assert_array_equal(scores.fn, [[0, 0, 3]])


def test_report_is_json_with_every_threshold_and_pools_objects() -> None:
    fewer = squares(10)
    fewer[fewer == 3] = 0
    empty = np.zeros_like(fewer)
    report = evaluate_pairs(
        [("a", squares(10), squares(10)), ("b", squares(10), fewer), ("none", empty, empty)]
    )
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert list(report) == ["images", "mean", "pooled"]
    assert list(report["mean"]["ap"]) == [str(t) for t in THRESHOLDS]
    assert list(report["mean"]["ap"])[:2] == ["0.5", "0.55"]
    assert report["mean"]["ap"]["0.5"] == pytest.approx((1 + 2 / 3) / 2)
    assert report["pooled"]["ap"]["0.5"] == pytest.approx(5 / 6)
    assert report["images"][2]["ap"]["0.5"] is None
    low, high = report["pooled"]["ap_interval"]["0.5"]
    assert low <= 5 / 6 <= high
    assert score_table(report).row_count == 6


def test_a_million_possible_pairs_need_no_table() -> None:
    labels = np.arange(1, 250_001, dtype=np.uint32).reshape(500, 500)
    assert average_precision([labels], [labels], [0.5]).tp[0, 0] == 250_000


def test_shapes_that_differ_are_named() -> None:
    with pytest.raises(ShapeMismatchError, match="9 × 9 pixels and the prediction is 9 × 8"):
        average_precision([np.zeros((9, 9), int)], [np.zeros((9, 8), int)])


def test_nothing_to_evaluate() -> None:
    with pytest.raises(TrainingDataError, match="no image to evaluate"):
        evaluate_pairs([])
