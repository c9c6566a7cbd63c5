"""From a stack of labels to the flows that a network could give for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.errors import ShapeMismatchError
from cellwire.segmentation.targets import labels_to_flows

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray


def volume_to_flows(labels: AnyArray) -> FloatArray:
    """Add up the unit flows of all slices of a stack (peer: ``dynamics.masks_to_flows`` 3.1.1.3).

    Parameters
    ----------
    labels
        (Z, Y, X) integers, 0 = background.

    Returns
    -------
    flows
        (3, Z, Y, X) float32: dZ, dY and dX, each the sum over the two slices that show it.

    Raises
    ------
    ShapeMismatchError
        If the labels are no stack.
    """
    if labels.ndim != 3:
        raise ShapeMismatchError(
            f"A stack has axes (Z, Y, X); the labels have the shape {labels.shape}.",
            "Give a stack, or use the flows of a plane.",
        )
    flows = np.zeros((3, *labels.shape), np.float32)
    for axis, others in enumerate(((1, 2), (0, 2), (0, 1))):
        for index in range(labels.shape[axis]):
            plane = labels_to_flows(labels.take(index, axis=axis))
            for component, flow in zip(others, plane, strict=True):
                np.moveaxis(flows[component], axis, 0)[index] += flow
    return flows
