from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwire.segmentation.normalise import normalise
from cellwire.segmentation.parameters import Normalisation


def photograph(seed: int = 0, shape: tuple[int, ...] = (60, 70, 1)) -> np.ndarray:
    return np.random.default_rng(seed).gamma(2.0, 500.0, shape).astype(np.uint16)


@given(
    scale=st.sampled_from([1e-6, 1e-3, 1.0, 100.0]),
    offset=st.sampled_from([0.0, 5.0]),
    block=st.sampled_from([0, 16]),
    invert=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_brightness_and_contrast_do_not_matter(
    scale: float, offset: float, block: int, invert: bool
) -> None:
    image = photograph().astype(np.float32)
    changed = (image + offset * 1000) * np.float32(scale)
    choice = Normalisation(tile_blocksize=block, invert=invert)
    np.testing.assert_allclose(
        normalise(changed, choice, 1), normalise(image, choice, 1), atol=2e-4
    )


@pytest.mark.parametrize("block", [0, 16])
def test_inverted_is_one_minus_normalised(block: int) -> None:
    image = photograph()
    plain = normalise(image, Normalisation(tile_blocksize=block), 1)
    inverted = normalise(image, Normalisation(tile_blocksize=block, invert=True), 1)
    np.testing.assert_allclose(inverted, 1 - plain, atol=1e-6)


def test_percentiles_become_zero_and_one() -> None:
    image = photograph()
    got = normalise(image, Normalisation(percentiles=(10.0, 90.0)), 2)
    np.testing.assert_allclose(np.percentile(got[..., 0], [10, 90]), [0, 1], atol=1e-5)
    assert not got[..., 1].any()


def test_a_fixed_range_is_taken_as_it_is() -> None:
    got = normalise(photograph(), Normalisation(fixed_range=(100.0, 300.0)), 1)
    np.testing.assert_allclose(got[..., 0] * 200 + 100, photograph()[..., 0], atol=0.01)


def test_switched_off_the_intensities_stay() -> None:
    got = normalise(photograph(), Normalisation(enabled=False), 2)
    np.testing.assert_array_equal(got[..., 0], photograph()[..., 0])


@pytest.mark.parametrize("block", [0, 16])
def test_only_the_mask_enters_the_percentiles(block: int) -> None:
    mask = np.zeros((60, 70), bool)
    mask[5:40, 10:50] = True
    one, other = photograph(), photograph()
    other[~mask] = 60_000
    choice = Normalisation(tile_blocksize=block)
    a = normalise(one, choice, 1, mask)[mask]
    b = normalise(other, choice, 1, mask)[mask]
    np.testing.assert_array_equal(a, b)
    assert abs(np.percentile(a, 99) - 1) < 0.6


@pytest.mark.parametrize("block", [0, 16])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("compat", [None, "cellpose3"])
def test_an_empty_mask_or_image_gives_finite_numbers(block: int, dtype: Any, compat: Any) -> None:
    choice = Normalisation(tile_blocksize=block, invert=True)
    mask = np.zeros((60, 70), bool)
    for image in (photograph().astype(dtype), np.full((60, 70, 1), 9, dtype)):
        assert np.isfinite(normalise(image, choice, 1, mask, compat)).all()


def test_rounding_noise_is_no_signal() -> None:
    image = np.float32(1000) + np.random.default_rng(0).integers(0, 2, (60, 70, 1)) * np.spacing(
        np.float32(1000)
    )
    assert not normalise(image.astype(np.float32), Normalisation(), 1).any()
