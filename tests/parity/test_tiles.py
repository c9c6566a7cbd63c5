"""Tiles are cut and blended as the peer does."""

from __future__ import annotations

import numpy as np
import pytest

from cellwire.segmentation.tiles import blend, cut, finish, grid_of, taper

pytestmark = pytest.mark.usefixtures("peer")

SHAPES = [(80, 80), (224, 224), (240, 336), (528, 528), (208, 720), (1120, 96)]


@pytest.mark.parametrize("overlap", [0.1, 0.05, 0.37])
@pytest.mark.parametrize("augment", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_tiles_and_their_average(shape: tuple[int, int], augment: bool, overlap: float) -> None:
    from cellpose.transforms import average_tiles, make_tiles, unaugment_tiles

    rng = np.random.default_rng(0)
    image = rng.normal(size=(2, *shape)).astype(np.float32)
    theirs, ysub, xsub, height, width = make_tiles(image, augment=augment, tile_overlap=overlap)
    grid = grid_of(shape, augment, overlap)
    assert grid.image == (height, width)
    flat = theirs.reshape(-1, *theirs.shape[2:])
    np.testing.assert_array_equal(cut(image, grid, 0, len(grid)), flat)

    answers = rng.normal(size=(len(grid), 3, *grid.tile)).astype(np.float32)
    total = np.zeros((3, *grid.image), np.float32)
    half = len(grid) // 2
    blend(total, answers[:half], grid, 0)
    blend(total, answers[half:], grid, half)
    finish(total, grid)
    turned = answers.reshape(*theirs.shape[:2], *answers.shape[1:]).copy()
    if augment:
        turned = unaugment_tiles(turned)
    averaged = average_tiles(turned.reshape(answers.shape), ysub, xsub, height, width)
    np.testing.assert_allclose(total, averaged, atol=1e-6)


@pytest.mark.parametrize("side", [16, 80, 208, 224])
def test_taper(side: int) -> None:
    from cellpose.transforms import _taper_mask

    np.testing.assert_allclose(
        np.outer(taper(side), taper(224)), _taper_mask(side, 224), rtol=1e-12
    )
