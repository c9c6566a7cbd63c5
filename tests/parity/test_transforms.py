"""Normalising and resizing give the peer's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellwire.segmentation.normalise import normalise
from cellwire.segmentation.parameters import Normalisation
from cellwire.segmentation.resize import padding, resize_linear, resize_nearest
from cellwire.segmentation.tiles import TileGrid, cut

pytestmark = pytest.mark.usefixtures("peer")


def image(seed: int, shape: tuple[int, ...] = (133, 170, 2), dtype: Any = np.uint16) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.gamma(2.0, 900.0, shape).astype(dtype)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"invert": True},
        {"percentiles": (0.3, 99.7)},
        {"percentiles": (5.0, 80.0), "invert": True},
        {"fixed_range": (100.0, 4000.0)},
        {"fixed_range": (100.0, 4000.0), "invert": True},
        {"tile_blocksize": 40},
        {"tile_blocksize": 1000},
        {"tile_blocksize": 50, "percentiles": (2.0, 95.0)},
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 2])
def test_normalised_intensities(settings: dict[str, Any], dtype: Any, channels: int) -> None:
    from cellpose.transforms import normalize_img

    plane = image(1, dtype=dtype)
    plane[..., channels:] = 0
    # As its `eval` does, with an axis of one plane; without it the peer takes the block limits
    # of the first row for all rows.
    theirs = normalize_img(
        plane.astype(np.float32)[None],
        invert=settings.get("invert", False),
        percentile=settings.get("percentiles"),
        lowhigh=settings.get("fixed_range"),
        tile_norm_blocksize=settings.get("tile_blocksize", 0),
    )[0]
    # Inversion of tiles and constant channels are the peer's only in compat.
    got = normalise(plane[..., :channels], Normalisation(**settings), 2, compat="cellpose3")
    if channels == 1 and ("fixed_range" in settings or settings.get("tile_blocksize")):
        theirs[..., 1] = 0  # the peer scales the empty channel as well
    np.testing.assert_allclose(got, theirs, atol=1e-6, rtol=1e-6)


def test_percentiles_of_a_large_image_come_from_the_peers_grid() -> None:
    from cellpose.transforms import normalize_img

    plane = image(2, (3000, 3800, 1))
    theirs = normalize_img(plane.astype(np.float32)[None])[0]
    got = normalise(plane, Normalisation(), 1)
    np.testing.assert_array_equal(got, theirs)


def test_a_sparse_image_borrows_block_limits_as_the_peer_does() -> None:
    from cellpose.transforms import normalize_img

    plane = image(3, (200, 260, 1))
    plane[:90] = 0
    theirs = normalize_img(plane.astype(np.float32)[None], tile_norm_blocksize=30)[0]
    np.testing.assert_allclose(
        normalise(plane, Normalisation(tile_blocksize=30), 1), theirs, atol=1e-6, rtol=1e-6
    )


@pytest.mark.parametrize("block", [0, 180])
def test_a_few_nuclei_are_beyond_the_range_in_the_peer_and_not_here(block: int) -> None:
    from cellpose.transforms import normalize_img

    plane = image(5, (200, 220, 1), np.float32)
    plane[100:118, 90:106] += 20 * np.percentile(plane, 99)
    theirs = normalize_img(plane[None].copy(), tile_norm_blocksize=block)[0]
    choice = Normalisation(tile_blocksize=block)
    compat = normalise(plane, choice, 1, compat="cellpose3")
    np.testing.assert_allclose(compat, theirs, atol=1e-6, rtol=1e-6)
    got = normalise(plane, choice, 1)
    assert np.percentile(got, 99.9) < 6 < 0.6 * np.percentile(theirs, 99.9)


def test_a_dim_image_is_lost_in_the_peer_and_not_here() -> None:
    """A 16-bit image of 40 grey levels, scaled to 0..1, has a range below the peer's 1e-3."""
    from cellpose.transforms import normalize_img

    plane = (image(4, (90, 80, 1)) % 40 / 65535).astype(np.float32)
    assert not normalize_img(plane.copy()[None]).any()
    assert not normalise(plane, Normalisation(), 1, compat="cellpose3").any()
    got = normalise(plane, Normalisation(), 1)
    assert got.std() > 0.1
    bright = normalise(plane * 65535, Normalisation(), 1)
    np.testing.assert_allclose(got, bright, atol=1e-5)


@pytest.mark.parametrize("shape", [(223, 317), (40, 640), (131, 17)])
def test_nearest_pixels_are_those_of_opencv(shape: tuple[int, int]) -> None:
    import cv2

    labels = np.arange(97 * 143, dtype=np.uint16).reshape(97, 143)
    theirs = cv2.resize(labels, shape[::-1], interpolation=cv2.INTER_NEAREST)
    np.testing.assert_array_equal(resize_nearest(labels, shape), theirs)


@pytest.mark.parametrize("shape", [(223, 317), (64, 64), (16, 225), (1, 1)])
def test_padding_is_that_of_the_peer(shape: tuple[int, int]) -> None:
    from cellpose.transforms import pad_image_ND

    plane = np.random.default_rng(0).random((*shape, 2), np.float32)
    theirs, ys, xs = pad_image_ND(plane.transpose(2, 0, 1))
    whole = (theirs.shape[1], theirs.shape[2])
    corner = (padding(shape[0])[0], padding(shape[1])[0])
    seen = cut(plane.transpose(2, 0, 1), TileGrid((0,), (0,), whole, whole, False), 0, 1, corner)
    np.testing.assert_array_equal(seen[0], theirs)
    assert (padding(shape[0])[0], padding(shape[1])[0]) == (ys[0], xs[0])


def test_resized_intensities() -> None:
    from cellpose.transforms import resize_image

    plane = np.random.default_rng(0).random((64, 90, 2), np.float32)
    theirs = resize_image(plane, rsz=1.7)
    np.testing.assert_array_equal(resize_linear(plane, theirs.shape[:2]), theirs)
