"""What must always hold of the three sets of labels."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cellwire_cellprofiler.label_sets import LabelSets, keep, label_sets

REASONS = ("small", "large", "edge")


@st.composite
def found(draw: st.DrawFn) -> tuple[Any, dict[int, str]]:
    """Labels with gaps in their numbers, and reasons for some of them."""
    dtype = draw(st.sampled_from((np.uint8, np.uint16, np.uint32, np.int32)))
    shape = draw(arrays.array_shapes(min_dims=2, max_dims=3, max_side=7))
    labels = draw(arrays.arrays(dtype, shape, elements=st.integers(0, 12)))
    present = sorted(set(labels.ravel().tolist()) - {0})
    removed = draw(
        st.dictionaries(st.sampled_from(present), st.sampled_from(REASONS))
        if present
        else st.just({})
    )
    return labels, removed


def _numbers(labels: Any) -> list[int]:
    return sorted(set(labels.ravel().tolist()) - {0})


def _check(sets: LabelSets) -> None:
    for labels in sets:
        assert labels.dtype == np.int32
        assert labels.shape == sets.unedited.shape
        # A subset of the unedited labels, with the same numbers.
        assert np.array_equal(labels[labels > 0], sets.unedited[labels > 0])
        for number in _numbers(labels):  # no object is cut
            assert np.array_equal(labels == number, sets.unedited == number)
    assert _numbers(sets.segmented) == list(range(1, sets.number + 1))
    assert _numbers(sets.unedited) == list(range(1, len(_numbers(sets.unedited)) + 1))


@given(found())
def test_the_sets_split_what_was_found(case: tuple[Any, dict[int, str]]) -> None:
    labels, removed = case
    sets = label_sets(labels, removed)
    _check(sets)
    assert np.array_equal(sets.unedited > 0, labels > 0)
    kept = [label for label in _numbers(labels) if label not in removed]
    assert sets.number == len(kept)
    for number, label in enumerate(kept, 1):  # in the order of the labels
        assert np.array_equal(sets.segmented == number, labels == label)
    for attribute, reasons in (
        (sets.by_size, ("small", "large")),
        (sets.by_border, ("edge",)),
        (np.where(sets.small_removed > 0, 0, sets.unedited), ("small",)),
    ):
        gone = [label for label, reason in removed.items() if reason in reasons]
        assert np.array_equal(attribute > 0, np.isin(labels, gone))


@given(found(), st.randoms(use_true_random=False))
def test_keeping_some_renumbers_them_in_the_order_given(
    case: tuple[Any, dict[int, str]], random: Any
) -> None:
    before = label_sets(*case)
    chosen = random.sample(range(1, before.number + 1), random.randint(0, before.number))
    after = keep(before, chosen)
    _check(after)
    assert after.number == len(chosen)
    for number, was in enumerate(chosen, 1):
        assert np.array_equal(after.segmented == number, before.segmented == was)
    for one, other in zip(before[1:], after[1:], strict=True):  # the same pixels as before
        assert np.array_equal(one > 0, other > 0)


def test_labels_that_are_numbered_already_stay_as_they_are() -> None:
    labels = np.array([[1, 1, 0], [2, 3, 4]], np.uint16)
    sets = label_sets(labels, {3: "small", 4: "edge"})
    assert np.array_equal(sets.unedited, labels)
    assert np.array_equal(sets.segmented, [[1, 1, 0], [2, 0, 0]])
    assert np.array_equal(sets.small_removed, [[1, 1, 0], [2, 0, 4]])


def test_no_objects() -> None:
    sets = label_sets(np.zeros((3, 4), np.uint16), {})
    _check(sets)
    assert sets.number == 0
    assert sets.segmented.shape == (3, 4)
