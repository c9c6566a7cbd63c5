"""Euler dynamics in three dimensions: every voxel follows the flows to its object's centre."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from cellwire.segmentation.dynamics import FLOW_SCALE, PERIOD
from cellwire.segmentation.parallel import parallel_region
from cellwire.segmentation.volume.flow_at import aligned_step, shifted_step
from cellwire.segmentation.volume.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.segmentation.volume.slabs import Pulse

BLOCK = 512
VOXEL_STEPS_A_CALL = 100_000_000
"""Work between two calls of ``progress``: about a second on one core."""

Places = npt.NDArray[np.uint32]


def follow_flows(
    answer: AnyArray,
    threshold: float,
    niter: int,
    shifted: bool = False,
    progress: Callable[[int, int], None] | None = None,
    workspace: Workspace | None = None,
    tolerance: float = 0.0,
) -> tuple[Places, Places]:
    """Move every voxel of an object along the flows and tell where it ends.

    A step is ``p += flow(p) / 5``, clamped to the stack; the flow is trilinear in its eight
    voxels, and 0 outside of objects (Stringer et al. 2021, Methods). The peer
    (``dynamics.steps_interp`` 3.1.1.3) takes the flow for ``p * S / (S - 1) - 0.5`` instead, since
    it calls ``grid_sample(align_corners=False)`` with positions divided by S - 1: half a voxel
    aside, and 0 on the border. ``shifted`` reproduces that, in the same float32 operations, so that
    the end points are the same to the last bit. A voxel that is back where it was eight steps ago
    goes round for ever, so its end is known at once.

    Parameters
    ----------
    answer
        (4, Z, Y, X): Z, Y and X flow, five times unit flows, and cell probability.
    threshold
        Voxels with a higher cell probability move.
    niter
        Number of steps.
    shifted
        Whether the flow is taken half a voxel aside, as in the peer.
    progress
        Called with (voxels done, voxels) now and then; may raise to stop.
    workspace
        Where the arrays lie.
    tolerance
        A voxel that is within so many voxels of where it was eight steps ago stops there; 0 = only
        where it goes round, exact.

    Returns
    -------
    order
        (Z, Y, X) uint32: 0 where no voxel moves, else its place in raster order, from 1.
    ends
        (N,) uint32, positions ``(z * Y + y) * X + x`` of the voxels in which they end.
    """
    workspace = workspace or Workspace()
    shape = answer.shape[1:]
    order = workspace.zeros(shape, np.uint32)
    pulse = None if progress is None else partial(progress, 0, 1)
    total = _number_voxels(answer[3], np.float32(threshold), order, pulse)
    ends = workspace.zeros((total,), np.uint32)
    if not total:
        return order, ends
    # The first entry stands for all voxels that are in no object.
    steps = workspace.zeros((total + 1, 3), np.float32)
    starts = np.zeros(shape[0] + 1, np.int64)
    lengths = np.maximum(np.array(shape, np.float64) - 1, 1)
    for z in range(shape[0]):
        if pulse is not None:
            pulse()
        inside = order[z] > 0
        starts[z + 1] = starts[z] + np.count_nonzero(inside)
        _fill_steps(answer[:3, z], inside, steps[starts[z] + 1 : starts[z + 1] + 1])
    if shifted:
        steps *= (2.0 / lengths).astype(np.float32)
    size = max(BLOCK, VOXEL_STEPS_A_CALL // max(1, niter) // BLOCK * BLOCK)
    voxels = np.empty(min(size, total), np.uint32)
    for first in range(0, total, size):
        part = voxels[: min(size, total - first)]
        planes = np.searchsorted(starts, [first, first + len(part) - 1], side="right") - 1
        _list_voxels(order, planes[0], planes[1] + 1, first, part)
        with parallel_region():
            here = ends[first : first + len(part)]
            _walk(order, steps, part, niter, shifted, np.float32(tolerance), here)
        if progress is not None:
            progress(first + len(part), total)
    return order, ends


def _number_voxels(
    cellprob: AnyArray, threshold: np.float32, order: Places, pulse: Pulse | None
) -> int:
    count = 0
    for z in range(len(order)):
        if pulse is not None:
            pulse()
        inside = cellprob[z] > threshold
        here = int(np.count_nonzero(inside))
        order[z][inside] = np.arange(count + 1, count + here + 1, dtype=np.uint32)
        count += here
    return count


def _fill_steps(flows: AnyArray, inside: npt.NDArray[np.bool_], steps: FloatArray) -> None:
    for axis in range(3):
        values = flows[axis][inside].astype(np.float32) / np.float32(FLOW_SCALE)
        # What is no number would lead a voxel out of the stack.
        steps[:, axis] = np.where(np.isfinite(values), values, np.float32(0))


@numba.njit(nogil=True, cache=True)
def _list_voxels(order, first_plane, end_plane, first, voxels):  # type: ignore[no-untyped-def]
    flat = order[first_plane:end_plane].ravel()
    offset = first_plane * order.shape[1] * order.shape[2]
    for k in range(len(flat)):
        place = np.int64(flat[k]) - 1 - first
        if 0 <= place < len(voxels):
            voxels[place] = offset + k


@numba.njit(nogil=True, parallel=True, cache=True, error_model="numpy")
def _walk(order, steps, voxels, niter, shifted, tolerance, ends):  # type: ignore[no-untyped-def]
    shape = (np.uint64(order.shape[0]), np.uint64(order.shape[1]), np.uint64(order.shape[2]))
    flat = order.ravel()
    depth, height, width = order.shape
    ends_at = np.empty(3, np.float32)
    ends_at[0], ends_at[1], ends_at[2] = depth - 1, height - 1, width - 1
    # The peer's positions go from -1 to 1.
    low = np.float32(-1) if shifted else np.float32(0)
    high = np.ones(3, np.float32) if shifted else ends_at.copy()
    unit = ends_at / np.float32(2) if shifted else np.ones(3, np.float32)
    for index in numba.prange((len(voxels) + BLOCK - 1) // BLOCK):
        first = np.int64(index) * BLOCK
        count = min(len(voxels) - first, np.int64(BLOCK))
        now = np.empty((BLOCK, 3), np.float32)
        old = np.empty((BLOCK, 3), np.float32)
        owner = np.empty(BLOCK, np.int32)
        for i in range(count):
            voxel = np.int64(voxels[first + i])
            now[i, 0] = np.float32(voxel // width // height)
            now[i, 1] = np.float32(voxel // width % height)
            now[i, 2] = np.float32(voxel % width)
            if shifted:
                for axis in range(3):
                    share = now[i, axis] / max(ends_at[axis], np.float32(1))
                    now[i, axis] = share * np.float32(2) - np.float32(1)
            owner[i] = i
        done = 0
        # The odd steps come first: afterwards a multiple of the period is always left.
        turns = niter % PERIOD
        while True:
            for _ in range(turns):
                for i in range(count):
                    z, y, x = now[i, 0], now[i, 1], now[i, 2]
                    if shifted:
                        step_z, step_y, step_x = shifted_step(flat, steps, shape, z, y, x)
                    else:
                        step_z, step_y, step_x = aligned_step(flat, steps, shape, z, y, x)
                    now[i, 0] = min(high[0], max(low, z + step_z))
                    now[i, 1] = min(high[1], max(low, y + step_y))
                    now[i, 2] = min(high[2], max(low, x + step_x))
            done += turns
            if turns == PERIOD:
                kept = np.int64(0)
                for i in range(count):
                    z, y, x = now[i, 0], now[i, 1], now[i, 2]
                    moved = max(
                        abs(z - old[i, 0]) * unit[0],
                        abs(y - old[i, 1]) * unit[1],
                        abs(x - old[i, 2]) * unit[2],
                    )
                    if moved <= tolerance:
                        ends[first + owner[i]] = _end(z, y, x, shape, ends_at, shifted)
                    else:
                        now[kept, 0], now[kept, 1], now[kept, 2] = z, y, x
                        owner[kept] = owner[i]
                        kept += 1
                count = kept
            if done >= niter or count == 0:
                break
            turns = PERIOD
            old[:count] = now[:count]
        for i in range(count):
            ends[first + owner[i]] = _end(now[i, 0], now[i, 1], now[i, 2], shape, ends_at, shifted)


@numba.njit(nogil=True, cache=True, inline="always")
def _end(z, y, x, shape, ends_at, shifted):  # type: ignore[no-untyped-def]
    if shifted:
        one, half = np.float32(1), np.float32(0.5)
        z = (z + one) * half * ends_at[0]
        y = (y + one) * half * ends_at[1]
        x = (x + one) * half * ends_at[2]
    return (np.uint64(z) * shape[1] + np.uint64(y)) * shape[2] + np.uint64(x)
