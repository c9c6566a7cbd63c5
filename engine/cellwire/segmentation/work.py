"""How much work a segmentation is, known before any of it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cellwire.errors import ImageTooLargeError
from cellwire.segmentation.resize import padding, scale_for, scaled_shape
from cellwire.segmentation.tiles import grid_of

if TYPE_CHECKING:
    from cellwire.segmentation.parameters import CellposeParameters

STEPS = 200
"""Steps of the dynamics for cells of the size that the network knows."""


@dataclass(frozen=True, slots=True)
class Work:
    """The work of segmenting a plane.

    Attributes
    ----------
    tiles
        Tiles for the network, over all passes.
    scaled_shape
        (Y, X) to which the image is resized.
    walked, steps
        Pixels that may be walked in the dynamics, and the steps that each takes at most.
    exact
        False with an automatic diameter: then the diameter counts as the network's own.
    """

    tiles: int
    scaled_shape: tuple[int, int]
    walked: int
    steps: int
    exact: bool


class WorkLimits(Protocol):
    """How much work may be; see `cellwire.jobs.settings.EngineSettings`."""

    @property
    def max_tiles(self) -> int: ...  # noqa: D102

    @property
    def max_resized_pixels(self) -> int: ...  # noqa: D102

    @property
    def max_pixel_steps(self) -> int: ...  # noqa: D102


def steps_of(parameters: CellposeParameters, scale: float) -> int:
    """Give the number of steps of the dynamics: as set, or 200 at the network's size."""
    if parameters.niter is not None:
        return parameters.niter
    return int(1 / scale * STEPS) if parameters.resample else STEPS


def work_of(shape: tuple[int, int], parameters: CellposeParameters, diam_mean: float) -> Work:
    """Compute the work of segmenting a plane of a shape (Y, X), in whole numbers of any size."""
    automatic = parameters.diameter is None
    diameter = diam_mean if parameters.diameter is None else parameters.diameter
    scale = scale_for(diam_mean, diameter)
    scaled = scaled_shape(shape, scale)
    height, width = (sum(padding(length)) + length for length in scaled)
    tiles = len(grid_of((height, width), parameters.augment, parameters.tile_overlap))
    if automatic:
        tiles += 2 * len(grid_of((height, width)))
    at = shape if parameters.resample else scaled
    return Work(tiles, scaled, at[0] * at[1], steps_of(parameters, scale), not automatic)


def check_work(
    shape: tuple[int, int], parameters: CellposeParameters, diam_mean: float, limits: WorkLimits
) -> None:
    """Refuse work above the limits, before anything is allocated for it.

    Raises
    ------
    ImageTooLargeError
        Too many tiles, too many pixels after resizing, or too many steps of too many pixels.
    """
    work = work_of(shape, parameters, diam_mean)
    y, x = work.scaled_shape
    size = f"{shape[0]} x {shape[1]} pixels at this diameter become {y} x {x}"
    step = "Give a larger diameter, or segment a region of the image."
    if y * x > limits.max_resized_pixels:
        raise ImageTooLargeError(
            f"{size}: {y * x} in all; the limit is {limits.max_resized_pixels}.", step
        )
    if work.tiles > limits.max_tiles:
        raise ImageTooLargeError(
            f"{size}, {work.tiles} tiles; the limit is {limits.max_tiles}.", step
        )
    if work.walked * work.steps > limits.max_pixel_steps:
        fewer = (
            "Give a smaller diameter, switch resampling off"
            if parameters.niter is None
            else "Lower the number of steps (niter; 0 takes it from the diameter)"
        )
        raise ImageTooLargeError(
            f"{work.walked} pixels with up to {work.steps} steps each are "
            f"{work.walked * work.steps} steps of the dynamics; the limit is "
            f"{limits.max_pixel_steps}.",
            f"{fewer}, or segment a region of the image.",
        )
