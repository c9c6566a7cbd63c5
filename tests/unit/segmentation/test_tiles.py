from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwire.segmentation.network_pass import run_network
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.tiles import blend, crop, cut, finish, grid_of

SIDES = st.integers(1, 40).map(lambda value: value * 16)


@given(height=SIDES, width=SIDES, augment=st.booleans(), overlap=st.floats(0.05, 0.5))
@settings(max_examples=25, deadline=None)
def test_blended_tiles_are_the_image_again(
    height: int, width: int, augment: bool, overlap: float
) -> None:
    rng = np.random.default_rng(0)
    image = rng.normal(size=(3, height, width)).astype(np.float32)
    grid = grid_of((height, width), augment, overlap)
    tiles = cut(image, grid, 0, len(grid))
    # A flip turns the direction of the flow along it.
    for k in range(len(grid)):
        _, _, flip_y, flip_x = grid.place(k)
        tiles[k, 0] *= -1 if flip_y else 1
        tiles[k, 1] *= -1 if flip_x else 1
    total = np.zeros((3, *grid.image), np.float32)
    blend(total, tiles, grid, 0)
    finish(total, grid)
    np.testing.assert_allclose(total[:, :height, :width], image, atol=1e-5)


@given(data=st.data())
def test_a_part_moves_within_its_own_memory(data: st.DataObject) -> None:
    height, width = (data.draw(st.integers(1, 20)) for _ in "yx")
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    shape = data.draw(st.integers(1, height - top)), data.draw(st.integers(1, width - left))
    total = np.random.default_rng(0).random((3, height, width), dtype=np.float32)
    expected = total[:, top : top + shape[0], left : left + shape[1]].copy()
    part = crop(total, (top, left), shape)
    np.testing.assert_array_equal(part, expected)
    assert part.flags.c_contiguous
    assert np.shares_memory(part, total)


class Mirror:
    """Answers with its input: Y flow and X flow 0, cell probability the first channel."""

    channels_in = 1
    diam_mean = 30.0

    def __call__(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        answers = np.zeros((len(tiles), 3, *tiles.shape[2:]), np.float32)
        answers[:, 2] = tiles[:, 0]
        return answers, np.ones((len(tiles), 256), np.float32)


@given(height=st.integers(1, 500), width=st.integers(1, 500), augment=st.booleans())
@settings(max_examples=25, deadline=None)
def test_padding_and_tiling_give_every_pixel_back(height: int, width: int, augment: bool) -> None:
    image = np.random.default_rng(1).normal(size=(height, width, 1)).astype(np.float32)
    parameters = CellposeParameters(diameter=30.0, augment=augment, batch_size=3)
    answer, style = run_network(image, 1.0, Mirror(), parameters)
    np.testing.assert_allclose(answer[2], image[..., 0], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(style), 1, atol=1e-5)
