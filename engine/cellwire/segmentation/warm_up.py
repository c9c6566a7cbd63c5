"""Compile, or load from the cache, every kernel before the first image comes."""

from __future__ import annotations

import numpy as np

from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.postprocess import masks_from_flows
from cellwire.segmentation.tiles import blend, finish, grid_of


def warm_up() -> None:
    """Run all kernels on a tiny image with a few cells, one of them with a hole."""
    side = 64
    y, x = np.mgrid[:side, :side].astype(np.float32)
    answer = np.full((3, side, side), -1, np.float32)
    for row in (16, 48):
        for column in (16, 48):
            cell = np.hypot(y - row, x - column) < 11
            answer[0][cell] = np.clip(row - y, -1, 1)[cell] * 5
            answer[1][cell] = np.clip(column - x, -1, 1)[cell] * 5
            answer[2][cell] = 1
    answer[2, 46:48, 40:42] = -1
    parameters = CellposeParameters(diameter=22, exclude_on_edges=True)
    for interpolate in (True, False):
        masks_from_flows(answer, parameters, 200, interpolate=interpolate)
    padded = np.zeros((3, side, side), np.float32)
    grid = grid_of((side, side))
    blend(padded, answer[None], grid, 0)
    finish(padded, grid)
