"""Many planes of one size through the network, tiles of several planes in one batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.network_pass import answer_tiles
from cellwire.segmentation.resize import padding
from cellwire.segmentation.tiles import TileGrid, blend, cut, finish, grid_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.segmentation.network_pass import TileNetwork
    from cellwire.segmentation.parameters import CellposeParameters


MIRRORED = 8
"""Pixels by which the padding is wider where it mirrors the plane, of what networks see."""


def margins(length: int, mirrored: bool) -> tuple[int, int]:
    """Give the pixels to add before and after a length."""
    before, after = padding(length)
    return (before + MIRRORED, after + MIRRORED) if mirrored else (before, after)


def padded_grid(
    shape: tuple[int, int], parameters: CellposeParameters, mirrored: bool = False
) -> TileGrid:
    """Lay the tiles for a plane (Y, X) with its padding."""
    height, width = (sum(margins(length, mirrored)) + length for length in shape)
    return grid_of((height, width), parameters.augment, parameters.tile_overlap)


def run_planes(
    planes: AnyArray,
    network: TileNetwork,
    parameters: CellposeParameters,
    progress: Callable[[int], None] | None = None,
    *,
    mirrored: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Run the network over planes (peer: ``core.run_net`` 3.1.1.3 without resizing).

    Parameters
    ----------
    planes
        (C, P, Y, X) normalised; at most the network's channels, missing ones are zeros.
    network
        Answers the tiles.
    parameters
        ``augment``, ``tile_overlap`` and ``batch_size`` are used.
    progress
        Called with the planes done, before the first and after every batch; may raise to stop.
    mirrored
        Beyond its border a plane is continued by its mirror image, else by zeros as the peer's.

    Returns
    -------
    answers
        (3, P, Y, X) float32: the flow along the planes' first axis, along their second, and cell
        probability.
    styles
        (P, 256) float32 of unit length.
    """
    channels, count, height, width = planes.shape
    grid = padded_grid((height, width), parameters, mirrored)
    (top, bottom), (left, right) = margins(height, mirrored), margins(width, mirrored)
    padded = np.zeros(
        (network.channels_in, top + height + bottom, left + width + right), np.float32
    )
    answers = np.empty((3, count, height, width), np.float32)
    totals: dict[int, FloatArray] = {}
    styles: dict[int, FloatArray] = {}
    tiles: list[FloatArray] = []
    owners: list[tuple[int, int]] = []

    def flush() -> None:
        answered, style = answer_tiles(network, np.concatenate(tiles))
        answered = np.ascontiguousarray(answered, np.float32)
        for k, (plane, tile) in enumerate(owners):
            if tile == 0:
                totals[plane] = np.zeros((3, *grid.image), np.float32)
                styles[plane] = np.zeros_like(style[k])
            blend(totals[plane], answered[k : k + 1], grid, tile)
            styles[plane] += style[k]
            if tile == len(grid) - 1:
                total = totals.pop(plane)
                finish(total, grid)
                answers[:, plane] = total[:, top : top + height, left : left + width]
        if progress is not None:
            progress(owners[-1][0] + (owners[-1][1] == len(grid) - 1))
        tiles.clear()
        owners.clear()

    if progress is not None:
        progress(0)
    for plane in range(count):
        if mirrored:
            around = ((0, 0), (top, bottom), (left, right))
            padded[:channels] = np.pad(planes[:, plane], around, mode="symmetric")
        else:
            padded[:channels, top : top + height, left : left + width] = planes[:, plane]
        first = 0
        while first < len(grid):
            end = min(len(grid), first + parameters.batch_size - len(owners))
            tiles.append(cut(padded, grid, first, end))
            owners.extend((plane, tile) for tile in range(first, end))
            first = end
            if len(owners) == parameters.batch_size:
                flush()
    if owners:
        flush()
    unit = np.stack([styles[plane] for plane in range(count)])
    lengths: FloatArray = np.sqrt((unit**2).sum(axis=1, keepdims=True))
    lengths[lengths == 0] = 1
    return answers, unit / lengths
