"""One pass of the network over an image: resize, pad, tile, run, blend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from cellwire.segmentation.resize import pad, padding, resize_linear, scaled_shape
from cellwire.segmentation.tiles import blend, cut, finish, grid_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import FloatArray
    from cellwire.segmentation.parameters import CellposeParameters


class TileNetwork(Protocol):
    """A network that answers batches of tiles.

    Attributes
    ----------
    channels_in
        Channels that it takes.
    diam_mean
        Diameter in pixels to which cells are scaled for it.
    """

    @property
    def channels_in(self) -> int: ...  # noqa: D102

    @property
    def diam_mean(self) -> float: ...  # noqa: D102

    def __call__(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Answer (N, C, h, w) with (N, 3, h, w) and styles (N, 256).

        Tiles are 224 on a side, or smaller multiples of 16 for smaller images.
        """
        ...


def run_network(
    image: FloatArray,
    scale: float,
    network: TileNetwork,
    parameters: CellposeParameters,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Run the network over an image (peer: ``core.run_net`` 3.1.1.3).

    Parameters
    ----------
    image
        (Y, X, C) float32, normalised.
    scale
        Factor by which the image is resized first.
    network
        Answers the tiles.
    parameters
        ``augment``, ``tile_overlap`` and ``batch_size`` are used.
    progress
        Called with (tiles done, tiles) before the first and after every batch; may raise to stop.

    Returns
    -------
    answer
        (3, h, w) float32 at the scaled size: Y flow, X flow, cell probability.
    style
        (256,) float32 of unit length, over all tiles.
    """
    shape = scaled_shape((image.shape[0], image.shape[1]), scale)
    extents = tuple(sum(padding(length)) + length for length in shape)
    grid = grid_of((extents[0], extents[1]), parameters.augment, parameters.tile_overlap)
    padded = pad(resize_linear(image, shape))
    total = np.zeros((3, *grid.image), np.float32)
    styles = []
    if progress is not None:
        progress(0, len(grid))
    for first in range(0, len(grid), parameters.batch_size):
        end = min(len(grid), first + parameters.batch_size)
        answers, style = network(cut(padded, grid, first, end))
        styles.append(style)
        blend(total, np.ascontiguousarray(answers, np.float32), grid, first)
        if progress is not None:
            progress(end, len(grid))
    finish(total, grid)
    top, left = padding(shape[0])[0], padding(shape[1])[0]
    style = np.concatenate(styles).sum(axis=0)
    length = np.sqrt((style**2).sum())
    style = style / length if length > 0 else style
    return total[:, top : top + shape[0], left : left + shape[1]], style
