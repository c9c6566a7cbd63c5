"""Cut an image into overlapping tiles, and blend the network's answers into one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from cellwire.segmentation.parallel import parallel_region

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray

TILE = 224
TAPER_SIGMA = 7.5
TAPER_EDGE = 20.0

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TileGrid:
    """Where the tiles of a padded image lie (peer: ``transforms.make_tiles`` 3.1.1.3).

    Attributes
    ----------
    rows, columns
        First row of each row of tiles, first column of each column of tiles.
    tile
        Height and width of a tile.
    image
        Height and width of the image that the tiles cover.
    flips
        Whether tiles are flipped by their place in the grid, for test-time augmentation.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    tile: tuple[int, int]
    image: tuple[int, int]
    flips: bool

    def __len__(self) -> int:
        """Count the tiles."""
        return len(self.rows) * len(self.columns)

    def place(self, index: int) -> tuple[int, int, bool, bool]:
        """Give a tile's first row and column, and whether it is flipped along Y and along X."""
        j, i = divmod(index, len(self.columns))
        flip_y = self.flips and i % 2 == 1
        flip_x = self.flips and j % 2 == 1
        return self.rows[j], self.columns[i], flip_y, flip_x


def grid_of(shape: tuple[int, int], augment: bool = False, overlap: float = 0.1) -> TileGrid:
    """Lay tiles over an image of a padded shape (H, W).

    Plain tiles overlap by a share of their side and are no larger than the image. With
    ``augment`` they overlap by half, there are at least 2 x 2, and an image below a tile's side is
    extended to it.
    """
    if augment:
        image = (max(shape[0], TILE), max(shape[1], TILE))
        counts = [max(2, math.ceil(2.0 * length / TILE)) for length in image]
    else:
        image = shape
        counts = [
            1 if length <= TILE else math.ceil((1.0 + 2 * overlap) * length / TILE)
            for length in image
        ]
    tile = (min(TILE, image[0]), min(TILE, image[1]))
    rows, columns = (
        tuple(np.linspace(0, length - side, count).astype(int).tolist())
        for length, side, count in zip(image, tile, counts, strict=True)
    )
    return TileGrid(rows, columns, tile, image, augment)


def cut(
    image: FloatArray, grid: TileGrid, first: int, end: int, corner: tuple[int, int] = (0, 0)
) -> FloatArray:
    """Give tiles ``first`` to ``end`` of an image (C, H, W) as (N, C, h, w) float32.

    ``corner`` is the place of the image's first pixel in what the grid covers; around the image
    there are zeros.
    """
    height, width = grid.tile
    tiles = np.zeros((end - first, image.shape[0], height, width), np.float32)
    for k in range(first, end):
        top, left, flip_y, flip_x = grid.place(k)
        y, x = top - corner[0], left - corner[1]
        part = image[:, max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)]
        target = tiles[k - first, :, max(-y, 0) :, max(-x, 0) :]
        target[:, : part.shape[1], : part.shape[2]] = part
        if flip_y:
            tiles[k - first] = tiles[k - first, :, ::-1].copy()
        if flip_x:
            tiles[k - first] = tiles[k - first, :, :, ::-1].copy()
    return tiles


def taper(side: int) -> Weights:
    """Give the weight of a tile's pixels along one axis: 1 inside, falling to the borders."""
    full = max(TILE, side)
    distance = np.abs(np.arange(full) - (full - 1) / 2)
    weights: Weights = 1 / (1 + np.exp((distance - (full / 2 - TAPER_EDGE)) / TAPER_SIGMA))
    return weights[full // 2 - side // 2 : full // 2 + side // 2 + side % 2]


def blend(total: FloatArray, answers: FloatArray, grid: TileGrid, first: int) -> None:
    """Add the answers for tiles from ``first`` on to the weighted sum over the image, in place.

    Parameters
    ----------
    total
        (3, H, W) float32 of the grid's image, zeros at the start.
    answers
        (N, 3, h, w) float32: Y flow, X flow, cell probability.
    """
    weights_y, weights_x = taper(grid.tile[0]), taper(grid.tile[1])
    for k in range(len(answers)):
        top, left, flip_y, flip_x = grid.place(first + k)
        with parallel_region():
            _add(total, answers[k], weights_y, weights_x, top, left, flip_y, flip_x)


def finish(total: FloatArray, grid: TileGrid) -> None:
    """Divide the weighted sum by the sum of the weights, in place (peer: ``average_tiles``)."""
    sums = weight_sums(grid)
    with parallel_region():
        _divide(total, sums[0], sums[1])


def crop(total: FloatArray, corner: tuple[int, int], shape: tuple[int, int]) -> FloatArray:
    """Give the part (C, *shape) of an array (C, H, W) from a corner on, in the same memory.

    The rows move together, so that ``total`` is worth nothing any more.
    """
    (top, left), (height, width), planes = corner, shape, len(total)
    rows = total.reshape(-1)[: planes * height * width].reshape(planes * height, width)
    for row in range(planes * height):  # none is written before it was read
        plane, y = divmod(row, height)
        rows[row] = total[plane, top + y, left : left + width]
    return rows.reshape(planes, height, width)


def weight_sums(grid: TileGrid) -> tuple[Weights, Weights]:
    """Give (H,) and (W,), whose outer product is the sum of the tiles' weights at each pixel."""
    # Tiles form a grid and weights are products: so is their sum.
    sums = []
    for starts, side, length in zip((grid.rows, grid.columns), grid.tile, grid.image, strict=True):
        weight = np.zeros(length)
        for start in starts:
            weight[start : start + side] += taper(side)
        sums.append(weight)
    return sums[0], sums[1]


@numba.njit(nogil=True, parallel=True, cache=True)
def _add(total, answer, weights_y, weights_x, top, left, flip_y, flip_x):  # type: ignore[no-untyped-def]
    planes, height, width = answer.shape
    for index in numba.prange(height):
        y = np.int64(index)
        row = height - 1 - y if flip_y else y
        for plane in range(planes):
            turned = (plane == 0 and flip_y) or (plane == 1 and flip_x)
            sign = np.float32(-1.0) if turned else np.float32(1.0)
            for x in range(width):
                column = width - 1 - x if flip_x else x
                value = np.float64(sign * answer[plane, row, column])
                total[plane, top + y, left + x] += value * (weights_y[y] * weights_x[x])


@numba.njit(nogil=True, parallel=True, cache=True)
def _divide(total, sums_y, sums_x):  # type: ignore[no-untyped-def]
    planes, height, width = total.shape
    for index in numba.prange(height):
        y = np.int64(index)
        for plane in range(planes):
            for x in range(width):
                total[plane, y, x] /= sums_y[y] * sums_x[x]
