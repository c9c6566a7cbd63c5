"""The flow at a point between voxels, for use inside kernels: aligned, or as the peer takes it."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(nogil=True, cache=True, inline="always", error_model="numpy")
def aligned_step(order, steps, shape, z, y, x):  # type: ignore[no-untyped-def]
    """Give the trilinear step (Z, Y, X) at a point in voxels, inside of the stack.

    Parameters
    ----------
    order
        (Z * Y * X,) uint32, row of ``steps`` for each voxel.
    steps
        (N + 1, 3) float32, zeros first.
    shape
        Z, Y, X as uint64.
    z, y, x
        float32, from 0 to the last voxel.
    """
    depth, height, width = shape
    one = np.float32(1)
    low_z, low_y, low_x = np.int64(z), np.int64(y), np.int64(x)
    part_z, part_y, part_x = z - np.float32(low_z), y - np.float32(low_y), x - np.float32(low_x)
    # Unsigned from here on: numba would look at every index for being negative.
    plane, row, column = np.uint64(low_z), np.uint64(low_y), np.uint64(low_x)
    k = (plane * height + row) * width + column
    # On the last voxel the part is 0, so that it may be its own neighbour.
    none = np.uint64(0)
    down = height * width if plane + np.uint64(1) < depth else none
    below = width if row + np.uint64(1) < height else none
    right = np.uint64(1) if column + np.uint64(1) < width else none
    a, b = order[k], order[k + right]
    c, d = order[k + below], order[k + below + right]
    k += down
    e, f = order[k], order[k + right]
    g, h = order[k + below], order[k + below + right]
    rest_x = one - part_x
    near, far = (one - part_y) * (one - part_z), part_y * (one - part_z)
    wa, wb, wc, wd = near * rest_x, near * part_x, far * rest_x, far * part_x
    near, far = (one - part_y) * part_z, part_y * part_z
    we, wf, wg, wh = near * rest_x, near * part_x, far * rest_x, far * part_x
    step_z = (wa * steps[a, 0] + wb * steps[b, 0] + (wc * steps[c, 0] + wd * steps[d, 0])) + (
        we * steps[e, 0] + wf * steps[f, 0] + (wg * steps[g, 0] + wh * steps[h, 0])
    )
    step_y = (wa * steps[a, 1] + wb * steps[b, 1] + (wc * steps[c, 1] + wd * steps[d, 1])) + (
        we * steps[e, 1] + wf * steps[f, 1] + (wg * steps[g, 1] + wh * steps[h, 1])
    )
    step_x = (wa * steps[a, 2] + wb * steps[b, 2] + (wc * steps[c, 2] + wd * steps[d, 2])) + (
        we * steps[e, 2] + wf * steps[f, 2] + (wg * steps[g, 2] + wh * steps[h, 2])
    )
    return step_z, step_y, step_x


@numba.njit(nogil=True, cache=True, inline="always", error_model="numpy")
def shifted_step(order, steps, shape, z, y, x):  # type: ignore[no-untyped-def]
    """Give the step as ``grid_sample(align_corners=False)`` does, in the same float32 operations.

    Positions and steps are in the units of that function: -1 to 1 from the first voxel to the
    last; what lies outside of the stack counts as 0. The eight products are added in its order.
    """
    depth, height, width = np.int64(shape[0]), np.int64(shape[1]), np.int64(shape[2])
    one, two = np.float32(1), np.float32(2)
    at_z = ((z + one) * np.float32(depth) - one) / two
    at_y = ((y + one) * np.float32(height) - one) / two
    at_x = ((x + one) * np.float32(width) - one) / two
    plane, row, column = np.floor(at_z), np.floor(at_y), np.floor(at_x)
    rest_z, rest_y, rest_x = plane + one - at_z, row + one - at_y, column + one - at_x
    part_z, part_y, part_x = at_z - plane, at_y - row, at_x - column
    step_z, step_y, step_x = np.float32(0), np.float32(0), np.float32(0)
    for corner in range(8):
        corner_z = np.int64(plane) + (corner >> 2)
        corner_y = np.int64(row) + (corner >> 1 & 1)
        corner_x = np.int64(column) + (corner & 1)
        if corner_z < 0 or corner_z >= depth or corner_y < 0 or corner_y >= height:
            continue
        if corner_x < 0 or corner_x >= width:
            continue
        weight = part_x if corner & 1 else rest_x
        weight *= part_y if corner & 2 else rest_y
        weight *= part_z if corner & 4 else rest_z
        k = order[(corner_z * height + corner_y) * width + corner_x]
        step_z += steps[k, 0] * weight
        step_y += steps[k, 1] * weight
        step_x += steps[k, 2] * weight
    return step_z, step_y, step_x
