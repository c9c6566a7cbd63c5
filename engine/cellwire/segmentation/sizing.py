"""Find the diameter of the cells of a plane with the network and the size model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.network_pass import TileNetwork, run_network
from cellwire.segmentation.parameters import CELLPOSE3
from cellwire.segmentation.postprocess import masks_from_flows
from cellwire.segmentation.resize import scale_for
from cellwire.segmentation.size import (
    SizeRegression,
    parameters_for_sizing,
    refined_diameter,
)
from cellwire.segmentation.work import check_work, steps_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from cellwire.segmentation.arrays import BoolArray, FloatArray
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.work import WorkLimits


def find_diameter(
    planes: FloatArray,
    parameters: CellposeParameters,
    network: TileNetwork,
    size: SizeRegression,
    mask: BoolArray | None = None,
    progress: Callable[[int, int], None] | None = None,
    limits: WorkLimits | None = None,
) -> float:
    """Find the diameter of the cells in pixels, 0 if there are none.

    Parameters
    ----------
    planes
        (Y, X, C) float32, normalised, with all channels of the network.
    parameters
        What concerns the intensities is used, see
        `cellwire.segmentation.size.parameters_for_sizing`.
    network, size
        The network and its size model.
    mask
        (Y, X); no cell where it is False.
    progress
        Called with (tiles done, tiles) of each pass, two or three; may raise to stop.
    limits
        Greatest amount of work; ``None`` = any.

    Raises
    ------
    ImageTooLargeError
        If it is more work than allowed.
    """
    shape = (planes.shape[0], planes.shape[1])

    def areas_at(diameter: float) -> npt.NDArray[np.int64]:
        own = parameters_for_sizing(parameters, diameter)
        if limits is not None:
            check_work(shape, own, float(size.diam_mean), limits)
        scale = np.float64(size.diam_mean) / diameter
        answer, _ = run_network(planes, scale, network, own, progress)
        return masks_from_flows(
            answer, own, steps_of(own, scale), shape, mask, interpolate=False
        ).areas

    plain = parameters_for_sizing(parameters, network.diam_mean)
    # Files that users train say how large their cells were; the peer starts at that size.
    labelled = float(getattr(network, "diam_labels", network.diam_mean))
    first_scale = scale_for(network.diam_mean, labelled)
    if limits is not None:
        check_work(shape, replace(plain, diameter=labelled), network.diam_mean, limits)
    style = run_network(planes, first_scale, network, plain, progress)[1]
    return refined_diameter(style, size, areas_at, again=parameters.compat != CELLPOSE3)
