"""From labels to what a network learns: unit flows towards each cell's centre, and diameters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from cellwire.errors import ShapeMismatchError
from cellwire.segmentation.heat import cell_flows
from cellwire.segmentation.objects import measure
from cellwire.segmentation.parallel import parallel_region

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray, LabelArray


def labels_to_flows(labels: AnyArray) -> FloatArray:
    """Give for every pixel of a cell the unit vector that leads to the cell's centre.

    Heat is released at the pixel of the cell that is closest to the mean of its pixels, and
    spreads over the 3×3 neighbourhood, inside the cell only, for twice as many steps as the
    cell's height and width together; the flow is the gradient of the heat (Stringer et al.
    2021, Methods; peer: ``cellpose.dynamics.masks_to_flows_cpu`` 3.1.1.3). Touching cells do not
    see each other's heat. Cells are computed in parallel, each in its own box.

    Parameters
    ----------
    labels
        (Y, X) integers, 0 = background; ids need not be consecutive.

    Returns
    -------
    flows
        (2, Y, X) float32, dY and dX of unit length, 0 outside of cells and in cells of one pixel.

    Raises
    ------
    ShapeMismatchError
        If the labels are not a plane.
    """
    if labels.ndim != 2:
        raise ShapeMismatchError(
            f"Flows are computed for one plane (Y, X); the labels have the shape {labels.shape}.",
            "Choose one plane.",
        )
    flows = np.zeros((2, *labels.shape), np.float32)
    dense = _dense(labels)
    ids, boxes = label_boxes(dense)
    if len(ids):
        with parallel_region():
            _fill_flows(dense, ids, boxes, flows)
    return flows


def label_boxes(labels: AnyArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the ids of the cells (n,) and their boxes (n, 4): first and end row and column."""
    objects = measure(_dense(labels))
    ids = objects.present()
    return ids, objects.boxes[ids]


def diameters(labels: AnyArray) -> npt.NDArray[np.float64]:
    """Give the diameter in pixels of a circle with each cell's area, in order of the ids."""
    areas = np.unique(labels[labels > 0], return_counts=True)[1]
    return np.sqrt(areas) * (2.0 / math.sqrt(math.pi))


def median_diameter(labels: AnyArray) -> float:
    """Give the median of `diameters`, 0 where there are no cells (peer: ``utils.diameters``)."""
    each = diameters(labels)
    return float(np.median(each)) if len(each) else 0.0


def _dense(labels: AnyArray) -> LabelArray:
    if labels.size and int(labels.max()) > 2 * labels.size:
        values, inverse = np.unique(labels, return_inverse=True)
        first = 0 if len(values) and values[0] == 0 else 1
        return (inverse.reshape(labels.shape) + first).astype(np.uint32)
    if labels.dtype == np.int32:  # the same bits, and no copy
        return np.ascontiguousarray(labels).view(np.uint32)
    return np.ascontiguousarray(labels, np.uint32)


@numba.njit(nogil=True, parallel=True, cache=True)
def _fill_flows(labels, ids, boxes, flows):  # type: ignore[no-untyped-def]
    for k in numba.prange(len(ids)):
        box = boxes[k]
        in_box, _ = cell_flows(labels, ids[k], box)
        for y in range(box[0], box[1]):
            for x in range(box[2], box[3]):
                if labels[y, x] == ids[k]:
                    flows[0, y, x] = in_box[0, y - box[0], x - box[2]]
                    flows[1, y, x] = in_box[1, y - box[0], x - box[2]]
