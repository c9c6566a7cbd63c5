"""From flows and cell probability to clean labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.cleaning import Cleaned, clean
from cellwire.segmentation.dynamics import follow_flows
from cellwire.segmentation.flow_error import erase, flow_errors
from cellwire.segmentation.masks import build_masks
from cellwire.segmentation.objects import measure
from cellwire.segmentation.resize import resize_nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import BoolArray, FloatArray
    from cellwire.segmentation.parameters import CellposeParameters


def masks_from_flows(
    answer: FloatArray,
    parameters: CellposeParameters,
    niter: int,
    shape: tuple[int, int] | None = None,
    mask: BoolArray | None = None,
    interpolate: bool = True,
    report: Callable[[str], Callable[[int, int], None]] | None = None,
) -> Cleaned:
    """Make labels from the network's answer (peer: ``dynamics.resize_and_compute_masks`` 3.1.1.3).

    Parameters
    ----------
    answer
        (3, y, x) float32: Y flow, X flow, cell probability.
    parameters
        Thresholds, sizes, edges, tolerance.
    niter
        Steps of the dynamics.
    shape
        (Y, X) to which labels are resized where the answer has another size.
    mask
        (Y, X) of that shape; no cell where it is False.
    interpolate
        Whether flows are bilinear in the dynamics.
    report
        Gives, for the name of a stage, what is called with (done, total).
    """
    flows, cellprob = answer[:2], answer[2]
    size = (answer.shape[1], answer.shape[2])
    shape = size if shape is None else shape
    cells = cellprob > np.float32(parameters.cellprob_threshold)
    if mask is not None:
        cells &= resize_nearest(mask, size) if size != shape else mask
    walking = None if report is None else report("dynamics")
    pixels, ends = follow_flows(flows, cells, niter, interpolate, walking, parameters.tolerance)
    del cells
    labels, oversized = build_masks(pixels, ends, size, parameters.max_size_fraction)
    del pixels, ends
    objects = measure(labels)
    if parameters.flow_threshold > 0:
        checking = None if report is None else report("flow check")
        errors = flow_errors(labels, flows, objects, checking)
        doomed = np.flatnonzero(errors > parameters.flow_threshold)
        erase(labels, doomed)
        objects = objects.without(doomed)
    if report is not None:
        report("clean")(0, 1)
    if size != shape:
        labels = resize_nearest(labels, shape)
        oversized = None if oversized is None else resize_nearest(oversized, shape)
    if oversized is not None and mask is not None:
        oversized[~mask] = 0
    return clean(labels, parameters, oversized, mask, objects if size == shape else None)
