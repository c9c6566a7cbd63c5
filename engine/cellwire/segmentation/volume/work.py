"""How much work a stack is, known before any of it is done."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cellwire.errors import ImageTooLargeError
from cellwire.segmentation.resize import scale_for
from cellwire.segmentation.volume.planes import padded_grid
from cellwire.segmentation.volume.scaling import Shape, scaled_volume
from cellwire.segmentation.volume.views import VIEWS
from cellwire.segmentation.work import steps_of

if TYPE_CHECKING:
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.volume.parameters import VolumeParameters
    from cellwire.segmentation.work import WorkLimits


def tiles_of_volume(
    shape: Shape, parameters: CellposeParameters, volume: VolumeParameters, diam_mean: float
) -> dict[str, int]:
    """Count the tiles of each view of a stack (Z, Y, X), by the view's name."""
    diameter = diam_mean if parameters.diameter is None else parameters.diameter
    scaled = scaled_volume(shape, scale_for(diam_mean, diameter), volume.anisotropy)
    return {
        view.name: scaled[view.axis] * len(padded_grid(view.plane_of(scaled), parameters))
        for view in VIEWS
    }


def check_volume_work(
    shape: Shape,
    parameters: CellposeParameters,
    volume: VolumeParameters,
    diam_mean: float,
    limits: WorkLimits,
) -> None:
    """Refuse work above the limits, before anything is allocated for it.

    Raises
    ------
    ImageTooLargeError
        Too many tiles, too many voxels after resizing, or too many steps of too many voxels.
    """
    diameter = diam_mean if parameters.diameter is None else parameters.diameter
    scale = scale_for(diam_mean, diameter)
    scaled = scaled_volume(shape, scale, volume.anisotropy)
    tiles = sum(tiles_of_volume(shape, parameters, volume, diam_mean).values())
    walked = math.prod(shape if parameters.resample else scaled) * steps_of(parameters, scale)
    size = (
        f"{shape[0]} × {shape[1]} × {shape[2]} voxels at this diameter and anisotropy become "
        f"{scaled[0]} × {scaled[1]} × {scaled[2]}"
    )
    step = "Give a larger diameter, segment a part of the stack, or stitch its planes by overlap."
    if math.prod(scaled) > limits.max_resized_pixels:
        raise ImageTooLargeError(
            f"{size}: {math.prod(scaled)} in all; the limit is {limits.max_resized_pixels}.", step
        )
    if tiles > limits.max_tiles:
        raise ImageTooLargeError(f"{size}, {tiles} tiles; the limit is {limits.max_tiles}.", step)
    if walked > limits.max_pixel_steps:
        raise ImageTooLargeError(
            f"{size}, {walked} steps of the dynamics at most; the limit is "
            f"{limits.max_pixel_steps}.",
            "Lower the number of steps (niter), or segment a part of the stack.",
        )
