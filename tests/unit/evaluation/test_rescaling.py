from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwire.errors import InvalidParameterError
from cellwire.evaluation.rescaling import Rescaling, busiest_window, rescale
from cellwire.segmentation.targets import median_diameter

QUICK = settings(max_examples=40, deadline=None)


def disks(radius: float, side: int = 120) -> np.ndarray:
    y, x = np.mgrid[:side, :side]
    labels = np.zeros((side, side), np.int32)
    for number, (cy, cx) in enumerate([(30, 30), (30, 88), (88, 30), (88, 88)], 1):
        labels[np.hypot(y - cy, x - cx) <= radius] = number
    return labels


@QUICK
@given(st.floats(6, 25), st.sampled_from([7.0, 12.0, 20.0, 35.0, 60.0]))
def test_cells_get_the_diameter_that_was_asked_for(radius: float, target: float) -> None:
    labels = disks(radius)
    factor = Rescaling(target=target).factor_for(labels)
    assert factor == pytest.approx(target / median_diameter(labels))
    _, new = rescale(labels.astype(np.uint8), labels, factor, longest_side=10_000)
    assert set(np.unique(new)) == {0, 1, 2, 3, 4}
    assert median_diameter(new) == pytest.approx(target, rel=0.08)


@QUICK
@given(
    st.floats(0.2, 3),
    st.sampled_from(["uint8", "uint16", "uint32", "float32"]),
    st.sampled_from([(), (1,), (3,), (2, 2)]),
)
def test_image_and_labels_keep_fitting(factor: float, kind: str, leading: tuple[int, ...]) -> None:
    labels = disks(20)[:100, :80]
    image = np.broadcast_to((labels > 0) * 200, (*leading, *labels.shape)).astype(kind)
    new, new_labels = rescale(image, labels, factor, longest_side=128)
    assert new.dtype == np.float32
    assert new_labels.dtype == labels.dtype
    assert new.shape == (*leading, *new_labels.shape)
    assert set(np.unique(new_labels)) <= set(range(5))
    if factor > 1:
        assert max(new_labels.shape) <= 128
    else:
        assert new_labels.shape == tuple(round(side * factor) for side in labels.shape)
    agreement = ((new > 100) == (new_labels > 0)).mean()
    assert agreement > 0.9


def test_a_factor_of_one_changes_nothing() -> None:
    labels = disks(15)
    image = np.random.default_rng(0).integers(0, 255, labels.shape).astype(np.uint8)
    new, new_labels = rescale(image, labels, 1.0, longest_side=10)
    np.testing.assert_array_equal(new, image)
    np.testing.assert_array_equal(new_labels, labels)


def test_few_grey_levels_give_no_steps() -> None:
    slope = np.tile(np.arange(4, dtype=np.uint8), (4, 1))
    larger, _ = rescale(slope, slope, 8.0)
    inside = np.diff(larger[16, 4:-4].astype(float))
    np.testing.assert_allclose(inside, 1 / 8, rtol=1e-5)


@QUICK
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_no_other_window_holds_more(seed: int, side: int) -> None:
    there = np.random.default_rng(seed).random((17, 23)) > 0.8
    rows, columns = busiest_window(there, side)
    found = there[rows, columns]
    assert found.shape == (min(side, 17), min(side, 23))
    high, wide = found.shape
    most = max(
        int(there[y : y + high, x : x + wide].sum())
        for y in range(17 - high + 1)
        for x in range(23 - wide + 1)
    )
    assert found.sum() == most


def test_sizes_that_make_no_sense() -> None:
    assert Rescaling(target=12).factor_for(np.zeros((9, 9), int)) == 1.0
    with pytest.raises(InvalidParameterError, match=r"resized by 1/64 to 64; × 100"):
        Rescaling(factor=100).factor_for(disks(10))
    assert [str(Rescaling(factor=0.5)), str(Rescaling(target=7))] == ["× 0.5", "7 px"]
