"""Euler dynamics: every pixel of a cell follows the flows to its cell's centre."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from cellwire.segmentation.parallel import parallel_region

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import BoolArray, FloatArray

BLOCK = 1024
PERIOD = 8
FLOW_SCALE = 5.0
"""The network gives five times the unit flows."""

PIXEL_STEPS_A_CALL = 300_000_000
"""Work between two calls of ``progress``: about a second on one core."""

Positions = npt.NDArray[np.uint32]


def follow_flows(
    flows: FloatArray,
    cells: BoolArray,
    niter: int,
    interpolate: bool = True,
    progress: Callable[[int, int], None] | None = None,
    tolerance: float = 0.0,
) -> tuple[Positions, Positions]:
    """Move every pixel of a cell along the flows and tell where it ends.

    A step is ``p += flow(p) / 5``, clamped to the image; the flow is bilinear in its four
    pixels, and 0 outside of cells (Stringer et al. 2021, Methods; peer: ``dynamics.follow_flows``
    3.1.1.3 on the CPU, whose mixture of float32 and float64 is kept, so that the end points are
    the same to the last bit). A pixel that is back where it was eight steps ago goes round for
    ever, so its end is known at once: that saves two thirds of the steps and changes nothing.

    Parameters
    ----------
    flows
        (2, Y, X) float32 [dY, dX], five times unit flows.
    cells
        (Y, X), the pixels that move.
    niter
        Number of steps.
    interpolate
        False takes the flow of the pixel a point lies in.
    progress
        Called with (pixels done, pixels) now and then; may raise to stop.
    tolerance
        A pixel that is within so many pixels of where it was eight steps ago stops there, which
        saves steps; a few end in a neighbouring pixel. 0 = only where it goes round, exact.
        Without interpolation it has no effect.

    Returns
    -------
    pixels, ends
        (N,) uint32 each: positions ``y * X + x`` of the pixels in raster order, and of the
        pixels in which they end.
    """
    height, width = cells.shape
    row_ends = np.cumsum(np.count_nonzero(cells, axis=1))
    pixels = np.empty(int(row_ends[-1]) if height else 0, np.uint32)
    ends = np.empty_like(pixels)
    if not len(pixels):
        return pixels, ends
    # Both flows of a pixel lie together: one read of 64 bits fetches them.
    steps = np.zeros((height + 1, width + 1, 2), np.float32)
    with parallel_region():
        _list_pixels(cells, row_ends, pixels)
        _scale(flows, cells, steps)
    total = len(pixels)
    size = max(BLOCK, PIXEL_STEPS_A_CALL // max(1, niter) // BLOCK * BLOCK)
    for first in range(0, total, size):
        part = slice(first, first + size)
        with parallel_region():
            if interpolate:
                pairs = steps.view(np.uint64)[..., 0]
                _walk(pairs, pixels[part], niter, np.float32(tolerance), ends[part])
            else:
                _walk_nearest(steps, pixels[part], niter, ends[part])
        if progress is not None:
            progress(min(total, first + size), total)
    return pixels, ends


@numba.njit(nogil=True, parallel=True, cache=True)
def _list_pixels(cells, row_ends, pixels):  # type: ignore[no-untyped-def]
    height, width = cells.shape
    for index in numba.prange(height):
        y = np.int64(index)
        k = row_ends[y - 1] if y > 0 else 0
        for x in range(width):
            if cells[y, x]:
                pixels[k] = y * width + x
                k += 1


@numba.njit(nogil=True, parallel=True, cache=True)
def _scale(flows, cells, steps):  # type: ignore[no-untyped-def]
    height, width = cells.shape
    for index in numba.prange(height):
        y = np.int64(index)
        for x in range(width):
            if not cells[y, x]:
                continue
            for plane in range(2):
                value = flows[plane, y, x] / np.float32(FLOW_SCALE)
                # What is no number would lead a pixel out of the image.
                if math.isfinite(value):
                    steps[y, x, plane] = value


@numba.njit(nogil=True, cache=True, inline="always")
def _bilinear(corners, y, x):  # type: ignore[no-untyped-def]
    # The peer's numba code multiplies some terms in float32 and some in float64: so do we.
    one = np.float64(1.0)
    above = one - y
    before = one - x
    return np.float32(
        corners[0] * above * before
        + corners[1] * above * np.float64(x)
        + np.float64(corners[2] * y) * before
        + np.float64(corners[3] * y * x)
    )


@numba.njit(nogil=True, cache=True, inline="always")
def _low(pair):  # type: ignore[no-untyped-def]
    return np.uint32(pair).view(np.float32)


@numba.njit(nogil=True, cache=True, inline="always")
def _high(pair):  # type: ignore[no-untyped-def]
    return np.uint32(pair >> np.uint64(32)).view(np.float32)


@numba.njit(nogil=True, parallel=True, cache=True, error_model="numpy")
def _walk(pairs, pixels, niter, tolerance, ends):  # type: ignore[no-untyped-def]
    stride = np.uint32(pairs.shape[1])
    width = pairs.shape[1] - 1
    last_y = np.float32(pairs.shape[0] - 2)
    last_x = np.float32(width - 1)
    flat = pairs.ravel()
    zero = np.float32(0)
    for index in numba.prange((len(pixels) + BLOCK - 1) // BLOCK):
        block = np.int64(index)
        first = block * BLOCK
        count = len(pixels) - first
        if count > BLOCK:
            count = np.int64(BLOCK)
        ys = np.empty(BLOCK, np.float32)
        xs = np.empty(BLOCK, np.float32)
        old_ys = np.empty(BLOCK, np.float32)
        old_xs = np.empty(BLOCK, np.float32)
        owner = np.empty(BLOCK, np.int32)
        for i in range(count):
            ys[i] = np.float32(pixels[first + i] // width)
            xs[i] = np.float32(pixels[first + i] % width)
            owner[i] = i
        done = 0
        # The odd steps come first: afterwards a multiple of the period is always left.
        steps = niter % PERIOD
        while True:
            for _ in range(steps):
                for i in range(count):
                    y = ys[i]
                    x = xs[i]
                    row = np.uint32(y)
                    column = np.uint32(x)
                    k = row * stride + column
                    part_y = y - np.float32(row)
                    part_x = x - np.float32(column)
                    a, b = flat[k], flat[k + np.uint32(1)]
                    c, d = flat[k + stride], flat[k + stride + np.uint32(1)]
                    step_y = _bilinear((_low(a), _low(b), _low(c), _low(d)), part_y, part_x)
                    step_x = _bilinear((_high(a), _high(b), _high(c), _high(d)), part_y, part_x)
                    ys[i] = min(last_y, max(zero, y + step_y))
                    xs[i] = min(last_x, max(zero, x + step_x))
            done += steps
            if done >= PERIOD and steps == PERIOD:
                kept = np.int64(0)
                for i in range(count):
                    moved = max(abs(ys[i] - old_ys[i]), abs(xs[i] - old_xs[i]))
                    if moved <= tolerance:
                        ends[first + owner[i]] = np.int64(ys[i]) * width + np.int64(xs[i])
                    else:
                        ys[kept] = ys[i]
                        xs[kept] = xs[i]
                        owner[kept] = owner[i]
                        kept += 1
                count = kept
            if done >= niter or count == 0:
                break
            steps = PERIOD
            for i in range(count):
                old_ys[i] = ys[i]
                old_xs[i] = xs[i]
        for i in range(count):
            ends[first + owner[i]] = np.int64(ys[i]) * width + np.int64(xs[i])


@numba.njit(nogil=True, parallel=True, cache=True)
def _walk_nearest(steps, pixels, niter, ends):  # type: ignore[no-untyped-def]
    width = steps.shape[1] - 1
    last_y = np.float32(steps.shape[0] - 2)
    last_x = np.float32(width - 1)
    zero = np.float32(0)
    for index in numba.prange(len(pixels)):
        k = np.int64(index)
        y = np.float32(pixels[k] // width)
        x = np.float32(pixels[k] % width)
        for _ in range(niter):
            row = np.int64(y)
            column = np.int64(x)
            old_y = y
            old_x = x
            y = min(last_y, max(zero, y + steps[row, column, 0]))
            x = min(last_x, max(zero, x + steps[row, column, 1]))
            if y == old_y and x == old_x:
                break
        ends[k] = np.int64(y) * width + np.int64(x)
