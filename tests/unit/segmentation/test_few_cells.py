"""Cells on little of an image become bright, not lost above the range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwire.segmentation.normalise import MOST, normalise, percentile_range
from cellwire.segmentation.parameters import CELLPOSE3, Normalisation

GROUND = (200.0, 20.0)
"""Mean and standard deviation."""


def few_nuclei(
    count: int = 7, times: float = 20.0, seed: int = 0, shape: tuple[int, int] = (300, 320)
) -> tuple[np.ndarray, np.ndarray]:
    """(Y, X, 1) float32 with noise, and where nuclei are: times the range of the ground above."""
    rng = np.random.default_rng(seed)
    image = rng.normal(*GROUND, shape).astype(np.float32)
    row, column = np.ogrid[: shape[0], : shape[1]]
    inside = np.zeros(shape, bool)
    for y, x in rng.integers(8, np.array(shape) - 8, (count, 2)):
        inside |= (row - y) ** 2 + (column - x) ** 2 <= 36
    ground = np.percentile(image, 99) - np.percentile(image, 1)
    image[inside] += times * ground
    return image[..., None], inside


@pytest.mark.parametrize("invert", [False, True])
def test_a_few_nuclei_stay_in_the_range(invert: bool) -> None:
    image, inside = few_nuclei()
    assert inside.mean() < 0.01
    if invert:
        image = -image
    choice = Normalisation(invert=invert)
    theirs = normalise(image, choice, 1, compat=CELLPOSE3)[..., 0]
    got = normalise(image, choice, 1)[..., 0]
    assert theirs[inside].mean() > 15
    assert np.percentile(got, 99.9) <= MOST + 1e-4
    assert 0.9 * MOST < got[inside].mean() < 1.1 * MOST
    # The ground still has what can be seen of dim cells.
    assert np.ptp(np.percentile(got[~inside], [1, 99])) > 0.15


def test_blocks_with_a_few_nuclei() -> None:
    image, inside = few_nuclei()
    choice = Normalisation(tile_blocksize=150)
    theirs = normalise(image, choice, 1, compat=CELLPOSE3)[..., 0][inside]
    got = normalise(image, choice, 1)[..., 0][inside]
    assert theirs.max() > 15
    # Between the middles of two blocks it is between their ranges.
    assert got.max() < 2 * MOST
    assert got.mean() < 1.1 * MOST


def test_a_mask_leaves_out_what_is_brighter() -> None:
    image, inside = few_nuclei()
    mask = np.ones(inside.shape, bool)
    mask[:40] = False
    image[~mask] *= 1000
    got = normalise(image, Normalisation(), 1, mask)[..., 0]
    assert 0.9 * MOST < got[inside & mask].mean() < 1.1 * MOST


@pytest.mark.parametrize("invert", [False, True])
def test_on_a_ground_of_one_value_the_cells_become_one(invert: bool) -> None:
    _, inside = few_nuclei()
    image = inside[..., None].astype(np.uint16) * 300 + 7
    got = normalise(-image.astype(np.float32) if invert else image, Normalisation(invert=invert), 1)
    np.testing.assert_allclose(got[..., 0], inside, atol=1e-6)


@pytest.mark.parametrize("block", [0, 20])
def test_a_hot_pixel_is_no_cell(block: int) -> None:
    image = np.random.default_rng(1).gamma(2.0, 50.0, (40, 45, 1)).astype(np.float32)
    image[20, 30] = 65_535
    choice = Normalisation(tile_blocksize=block)
    np.testing.assert_array_equal(
        normalise(image, choice, 1), normalise(image, choice, 1, compat=CELLPOSE3)
    )


def test_what_the_user_fixes_is_taken_as_it_is() -> None:
    image, _ = few_nuclei()
    for choice in (
        Normalisation(fixed_range=(150.0, 260.0)),
        Normalisation(enabled=False),
        Normalisation(percentiles=(1.0, 99.9)),
        Normalisation(percentiles=(0.0, 100.0)),
        Normalisation(percentiles=(0.1, 99.0), invert=True),
    ):
        np.testing.assert_array_equal(
            normalise(image, choice, 1), normalise(image, choice, 1, compat=CELLPOSE3)
        )


LOWER = st.floats(0.0, 49.0)
UPPER = st.floats(51.0, 100.0)


@st.composite
def intensities(draw: st.DrawFn) -> np.ndarray:
    """Any brightness, any number of cells, a few pixels to many."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.normal(
        0, draw(st.sampled_from([0.0, 1e-3, 1.0, 50.0])), draw(st.integers(1, 20_000))
    )
    bright = rng.random(values.size) < draw(st.sampled_from([0.0, 0.002, 0.02, 0.3]))
    values[bright] += draw(st.floats(-1e4, 1e4)) * rng.uniform(0.5, 1.0, int(bright.sum()))
    return (values + draw(st.sampled_from([0.0, 300.0]))).astype(np.float32)


@given(values=intensities(), lower=LOWER, upper=UPPER, invert=st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_range_never_shrinks_and_holds_the_cells(
    values: np.ndarray, lower: float, upper: float, invert: bool
) -> None:
    choice = Normalisation(percentiles=(lower, upper), invert=invert)
    low, high = percentile_range(values, choice)
    theirs = percentile_range(values, choice, peer=True)
    np.testing.assert_array_equal(
        np.float32(theirs), np.percentile(values, [lower, upper]).astype(np.float32)
    )
    assert low <= theirs[0]
    assert high >= theirs[1]
    assert (high == theirs[1]) if invert else (low == theirs[0])
    if values.size < 10_000:
        return
    end = np.percentile(values, min(lower, 0.1) if invert else max(upper, 99.9))
    reach = abs(float(end) - float(high if invert else low))
    rounding = 1e-5 * float(np.abs(values).max())
    assert reach <= MOST * (float(high) - float(low)) + rounding
    if rounding < reach < MOST * (float(theirs[1]) - float(theirs[0])) - rounding:
        assert (low, high) == theirs


@given(seed=st.integers(0, 2**32 - 1), times=st.floats(0.0, 40.0), count=st.integers(0, 400))
@settings(max_examples=25, deadline=None)
def test_inverted_is_what_is_made_of_the_negative(seed: int, times: float, count: int) -> None:
    image, _ = few_nuclei(count, times, seed, (120, 130))
    np.testing.assert_allclose(
        normalise(-image, Normalisation(invert=True), 1),
        normalise(image, Normalisation(), 1),
        rtol=1e-3,
        atol=1e-3,
    )


@pytest.mark.parametrize("block", [0, 100])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_an_ordinary_image_is_the_same_to_the_bit(block: int, dtype: Any) -> None:
    image = np.random.default_rng(3).gamma(2.0, 25.0, (230, 240, 2)).clip(0, 255).astype(dtype)
    choice = Normalisation(tile_blocksize=block)
    np.testing.assert_array_equal(
        normalise(image, choice, 2), normalise(image, choice, 2, compat=CELLPOSE3)
    )
