"""From CellProfiler's 0..1 back to the camera's counts."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cellwire_cellprofiler.parameters import median_ball_diameter, median_diameter
from cellwire_cellprofiler.pixels import counts

DEPTHS = st.sampled_from((255, 1023, 4095, 16383, 65535))


@st.composite
def camera_images(draw: st.DrawFn) -> tuple[Any, int]:
    """Counts of a camera and the scale by which CellProfiler divides them."""
    scale = draw(DEPTHS)
    shape = draw(arrays.array_shapes(min_dims=2, max_dims=3, max_side=6))
    return draw(arrays.arrays(np.uint16, shape, elements=st.integers(0, scale))), scale


@given(camera_images(), st.booleans())
def test_counts_come_back_exactly(case: tuple[Any, int], narrow: bool) -> None:
    image, scale = case
    # Read as float32 and divided, or divided in float64 and narrowed then.
    read = image.astype(np.float32) / np.float32(scale) if narrow else image / scale
    sent = counts(read.astype(np.float32), float(scale))
    assert sent.dtype == np.uint16
    assert np.array_equal(sent, image)


def test_every_16_bit_count_comes_back() -> None:
    image = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    for read in (image.astype(np.float32) / np.float32(65535), (image / 65535).astype(np.float32)):
        assert np.array_equal(counts(read, 65535.0), image)


@given(camera_images().filter(lambda case: case[1] in (255, 65535)))
def test_a_scale_that_is_not_known_is_found(case: tuple[Any, int]) -> None:
    image, scale = case
    sent = counts((image / scale).astype(np.float32), None)
    assert sent.dtype == np.uint16
    # Counts of 8 bits that are also whole numbers of 16 bits keep their proportions.
    assert np.array_equal(sent.astype(float) * image.max(), image.astype(float) * sent.max())


@given(st.floats(0.001, 0.9), st.sampled_from((None, 255.0, 65535.0)))
@example(0.5, None)
def test_processed_images_travel_as_floats(factor: float, scale: float | None) -> None:
    pixels = (np.linspace(0.1, 1.0, 35).reshape(5, 7) ** 1.7 * factor).astype(np.float32)
    sent = counts(pixels, scale)
    assert sent.dtype == np.float32
    assert np.allclose(sent, pixels * (scale or 1.0), rtol=1e-6)


def test_a_stack_with_one_plane_of_no_whole_counts_travels_as_floats_throughout() -> None:
    pixels = np.full((3, 4, 5), 100 / 65535, np.float32)
    assert counts(pixels, 65535.0).dtype == np.uint16
    pixels[2, 1, 1] = 0.123456789
    sent = counts(pixels, 65535.0)
    assert sent.dtype == np.float32
    assert np.allclose(sent, pixels * 65535, rtol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.25, 1.5])
def test_what_no_camera_counts_is_left_to_the_engine(value: float) -> None:
    pixels = np.full((3, 4), 0.5, np.float32)
    pixels[1, 2] = value
    sent = counts(pixels, 65535.0)
    assert sent.dtype == np.float32
    assert np.isfinite(sent).all() == np.isfinite(value)


def test_binary_images() -> None:
    assert np.array_equal(counts(np.array([[True, False]]), None), [[1, 0]])


def test_median_diameter() -> None:
    assert median_diameter([]) is None
    assert median_diameter([0, 0]) is None
    assert median_diameter([np.pi * 25]) == pytest.approx(10)
    assert median_diameter([np.pi, 0, np.pi * 100, np.pi * 25]) == pytest.approx(10)


def test_median_diameter_of_balls() -> None:
    assert median_ball_diameter([0], 1.0) is None
    # A ball 10 pixels across, in planes 2 pixels apart.
    assert median_ball_diameter([np.pi / 6 * 1000 / 2, 0], 2.0) == pytest.approx(10)
