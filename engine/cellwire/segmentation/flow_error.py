"""The flow-error filter: drop cells whose shape does not agree with the network's flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from cellwire.segmentation.dynamics import FLOW_SCALE
from cellwire.segmentation.heat import cell_flows
from cellwire.segmentation.objects import measure
from cellwire.segmentation.parallel import parallel_region

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import FloatArray, LabelArray
    from cellwire.segmentation.objects import Objects

WORK_A_CALL = 2_000_000_000
"""Additions between two calls of ``progress``: about a second on one core."""


def flow_errors(
    labels: LabelArray,
    flows: FloatArray,
    objects: Objects | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> npt.NDArray[np.float64]:
    """Compare the flows of each cell's shape with those of the network.

    The error of a cell is the mean over its pixels of the squared difference between the two
    flows (peer: ``metrics.flow_error`` 3.1.1.3).

    Parameters
    ----------
    labels
        (Y, X) uint32.
    flows
        (2, Y, X) float32, five times unit flows.
    objects
        The measured labels, where they are there already.
    progress
        Called with (cells done, cells) now and then; may raise to stop.

    Returns
    -------
    errors
        (n + 1,), index = label; 0 for a label that is not in the image.
    """
    objects = measure(labels) if objects is None else objects
    errors = np.zeros(len(objects.areas))
    present = objects.present()
    boxes = objects.boxes[present]
    sides = (boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2])
    work = np.cumsum(8 * (sides[0] + sides[1] + 4) * sides[0] * sides[1])
    first = 0
    while first < len(present):
        before = int(work[first - 1]) if first else 0
        end = max(first + 1, int(np.searchsorted(work, before + WORK_A_CALL)))
        with parallel_region():
            _errors(labels, flows, present[first:end], boxes[first:end], errors)
        first = end
        if progress is not None:
            progress(min(end, len(present)), len(present))
    return errors


def erase(labels: LabelArray, doomed: npt.NDArray[np.int64]) -> None:
    """Set some labels to background, in place."""
    if len(doomed):
        table = np.arange(int(labels.max(initial=0)) + 1, dtype=np.uint32)
        table[doomed] = 0
        with parallel_region():
            _erase(labels, table)


@numba.njit(nogil=True, parallel=True, cache=True)
def _errors(labels, flows, cells, boxes, errors):  # type: ignore[no-untyped-def]
    for index in numba.prange(len(cells)):
        k = np.int64(index)
        cell = cells[k]
        box = boxes[k]
        shape_flows, count = cell_flows(labels, cell, box)
        total = 0.0
        for y in range(box[0], box[1]):
            for x in range(box[2], box[3]):
                if labels[y, x] == cell:
                    dy = shape_flows[0, y - box[0], x - box[2]]
                    dx = shape_flows[1, y - box[0], x - box[2]]
                    dy -= flows[0, y, x] / np.float32(FLOW_SCALE)
                    dx -= flows[1, y, x] / np.float32(FLOW_SCALE)
                    total += dy * dy + dx * dx
        errors[cell] = total / max(1, count)


@numba.njit(nogil=True, parallel=True, cache=True)
def _erase(labels, table):  # type: ignore[no-untyped-def]
    height, width = labels.shape
    for index in numba.prange(height):
        y = np.int64(index)
        for x in range(width):
            labels[y, x] = table[labels[y, x]]
