"""How much work a stack is, known before any of it is done."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellwire.errors import ImageTooLargeError
from cellwire.segmentation.resize import scale_for
from cellwire.segmentation.volume.scaling import Shape, scaled_volume
from cellwire.segmentation.volume.views import VIEWS
from cellwire.segmentation.work import check_work, steps_of, work_of

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
        view.name: scaled[view.axis] * len(view.grid(scaled, parameters, diam_mean))
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


@dataclass(frozen=True, slots=True)
class _VolumeLimits:
    max_tiles: int
    max_pixel_steps: int
    max_resized_pixels: int = 2**32 - 1  # what the dynamics can count; memory is checked for itself


def check_stack_work(
    shape: tuple[int, int, int, int],
    parameters: CellposeParameters,
    volume: VolumeParameters | None,
    diam_mean: float,
    limits: WorkLimits,
) -> None:
    """Refuse a stack or series above the limits, before anything is allocated for it.

    Parameters
    ----------
    shape
        Frames, planes, rows and columns.
    parameters
        As for a plane; an unknown diameter counts as the network's.
    volume
        How volumes are segmented; ``None`` = planes are.
    diam_mean
        The network's mean diameter.
    limits
        Tiles and steps of the whole; resized pixels of one plane.

    Raises
    ------
    ImageTooLargeError
        Too much work.
    """
    frames, depth, height, width = shape
    if volume is None:
        check_work((height, width), parameters, diam_mean, limits)
        work = work_of((height, width), parameters, diam_mean)
        tiles, steps = work.tiles * frames * depth, work.walked * work.steps * frames * depth
    else:
        one = (depth, height, width)
        own = _VolumeLimits(limits.max_tiles, limits.max_pixel_steps)
        check_volume_work(one, parameters, volume, diam_mean, own)
        tiles = frames * sum(tiles_of_volume(one, parameters, volume, diam_mean).values())
        steps = 0
    size = " × ".join(str(length) for length in (shape if frames > 1 else shape[1:]))
    step = "Give a larger diameter, or segment a part of the stack at a time."
    if tiles > limits.max_tiles:
        raise ImageTooLargeError(
            f"{size} voxels at this diameter are {tiles} tiles; the limit is {limits.max_tiles}.",
            step,
        )
    if steps > limits.max_pixel_steps:
        raise ImageTooLargeError(
            f"{size} voxels at this diameter are up to {steps} steps of the dynamics; the limit "
            f"is {limits.max_pixel_steps}.",
            step,
        )
