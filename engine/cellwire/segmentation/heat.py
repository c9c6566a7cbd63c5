"""Heat that spreads inside one cell, and the flows that its gradient gives."""

from __future__ import annotations

import math

import numba
import numpy as np

TINY = 1e-60
"""Added to a flow's length before the division by it, as in the peer."""


@numba.njit(nogil=True, cache=True)
def cell_flows(labels, cell, box):  # type: ignore[no-untyped-def]
    """Compute the unit flows of one cell towards its centre, for use inside kernels.

    Heat is released at the pixel closest to the mean of the cell's pixels and spreads over the
    3x3 neighbourhood, inside the cell only (Stringer et al. 2021, Methods; peer:
    ``dynamics.masks_to_flows_cpu`` 3.1.1.3). The 3x3 sum is done as rows, then columns.

    Parameters
    ----------
    labels
        (Y, X) integers.
    cell
        The label.
    box
        First row, end row, first column, end column of the cell.

    Returns
    -------
    flows
        (2, height, width) float64 in the box, 0 outside of the cell.
    count
        Pixels of the cell.
    """
    top, bottom, left, right = box[0], box[1], box[2], box[3]
    height, width = bottom - top + 2, right - left + 2
    share = np.zeros((height, width))
    count = 0
    y_sum = 0
    x_sum = 0
    for y in range(top, bottom):
        for x in range(left, right):
            if labels[y, x] == cell:
                share[y - top + 1, x - left + 1] = 1.0 / 9.0
                count += 1
                y_sum += y - top + 1
                x_sum += x - left + 1
    flows = np.zeros((2, height - 2, width - 2))
    if count == 0:
        return flows, count
    y_mean, x_mean = y_sum / count, x_sum / count
    nearest = np.inf
    centre_y, centre_x = 1, 1
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if share[y, x] > 0.0:
                distance = (x - x_mean) ** 2 + (y - y_mean) ** 2
                if distance < nearest:
                    nearest = distance
                    centre_y, centre_x = y, x
    heat = np.zeros((height, width))
    rows = np.zeros((height, width))
    for _ in range(2 * (height + width)):
        heat[centre_y, centre_x] += 1.0
        for y in range(1, height - 1):
            for x in range(1, width - 1):
                rows[y, x] = heat[y, x - 1] + heat[y, x] + heat[y, x + 1]
        for y in range(1, height - 1):
            for x in range(1, width - 1):
                heat[y, x] = (rows[y - 1, x] + rows[y, x] + rows[y + 1, x]) * share[y, x]
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if share[y, x] > 0.0:
                dy = heat[y + 1, x] - heat[y - 1, x]
                dx = heat[y, x + 1] - heat[y, x - 1]
                length = TINY + math.sqrt(dy * dy + dx * dx)
                flows[0, y - 1, x - 1] = dy / length
                flows[1, y - 1, x - 1] = dx / length
    return flows, count
