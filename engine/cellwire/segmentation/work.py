"""How much work a segmentation is, known before any of it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    pixel_steps
        Greatest number of steps of the dynamics, over all pixels.
    exact
        False with an automatic diameter: then the diameter counts as the network's own.
    """

    tiles: int
    scaled_shape: tuple[int, int]
    pixel_steps: int
    exact: bool


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
    return Work(tiles, scaled, at[0] * at[1] * steps_of(parameters, scale), not automatic)
