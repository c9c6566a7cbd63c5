"""The three views of a stack through the network, and their sum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.parameters import CELLPOSE3
from cellwire.segmentation.volume.planes import padded_grid, run_planes

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.segmentation.network_pass import TileNetwork
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.stages import Clock
    from cellwire.segmentation.tiles import TileGrid


LEAST_DIAMETERS = 1.5
"""Least thickness of a stack, in diameters of the network's cells, that is continued."""


@dataclass(frozen=True, slots=True)
class View:
    """One way to cut a stack into planes.

    Attributes
    ----------
    name
        The axes of its planes.
    axis
        The axis along which the planes lie behind each other: 0 = Z, 1 = Y, 2 = X.
    flows
        The axes of its two flows.
    """

    name: str
    axis: int
    flows: tuple[int, int]

    def plane_of(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Give the shape of its planes in a stack (Z, Y, X)."""
        return shape[self.flows[0]], shape[self.flows[1]]

    def mirrored(
        self, shape: tuple[int, ...], parameters: CellposeParameters, diam_mean: float
    ) -> bool:
        """Say whether its planes in a stack (Z, Y, X) are continued by their mirror images.

        A cell that the first or last plane cuts is a thin line at the border of ZX and ZY planes,
        which no network takes for a cell; with its mirror image it is as thick as it is long. In a
        stack that is thinner than cells, which both cut, it would become a column without an end.
        """
        thick = min(self.plane_of(shape)) >= LEAST_DIAMETERS * diam_mean
        return self.axis != 0 and parameters.compat != CELLPOSE3 and thick

    def grid(
        self, shape: tuple[int, ...], parameters: CellposeParameters, diam_mean: float
    ) -> TileGrid:
        """Lay the tiles for one of its planes in a stack (Z, Y, X)."""
        mirrored = self.mirrored(shape, parameters, diam_mean)
        return padded_grid(self.plane_of(shape), parameters, mirrored)


VIEWS = (View("YX", 0, (1, 2)), View("ZX", 1, (0, 2)), View("ZY", 2, (0, 1)))


def planes_a_block(view: View, shape: tuple[int, ...], channels: int, block_bytes: int) -> int:
    """Give how many planes of a view are taken at once."""
    height, width = view.plane_of(shape)
    return max(1, min(shape[view.axis], block_bytes // (4 * (channels + 3) * height * width)))


def add_views(
    stack: AnyArray,
    network: TileNetwork,
    orthogonal: TileNetwork | None,
    parameters: CellposeParameters,
    sums: AnyArray,
    clock: Clock,
    block_bytes: int,
) -> dict[str, FloatArray]:
    """Run the network on YX, ZX and ZY planes and add its answers up (peer: ``core.run_3D``).

    Unless they shall be the peer's, ZX and ZY planes are continued by their mirror images.

    Each flow is the sum of the two views that show it, the cell probability that of all three.

    Parameters
    ----------
    stack
        (C, Z, Y, X) float32, normalised and scaled.
    network
        Answers the tiles; those of ZX and ZY planes too, where there is no other for them.
    orthogonal
        A network for ZX and ZY planes.
    parameters
        ``augment``, ``tile_overlap`` and ``batch_size`` are used.
    sums
        (4, Z, Y, X) zeros, filled: Z, Y and X flow, cell probability.
    clock
        Told the planes done of the stages ``network YX``, ``network ZX`` and ``network ZY``.
    block_bytes
        Planes are taken in blocks of about this size, answers included. Where stack and sums lie
        in files, each block of ZY planes reads and writes all of both.

    Returns
    -------
    styles
        For each view (planes, 256) float32.
    """
    shape = stack.shape[1:]
    styles = {}
    for view in VIEWS:
        chosen = network if view.axis == 0 or orthogonal is None else orthogonal
        count, size = shape[view.axis], planes_a_block(view, shape, len(stack), block_bytes)
        if size < count:
            # Whole batches, so that none is cut where a block ends.
            tiles = len(view.grid(shape, parameters, network.diam_mean))
            multiple = parameters.batch_size // math.gcd(parameters.batch_size, tiles)
            size = max(1, size - size % multiple)
        found = []
        stage = f"network {view.name}"
        with clock.stage(stage):
            for first in range(0, count, size):
                block = tuple(
                    slice(first, first + size) if axis == view.axis else slice(None)
                    for axis in range(3)
                )
                answers, style = run_planes(
                    _taken(stack[(slice(None), *block)], view),
                    chosen,
                    parameters,
                    _from(first, count, clock.within(stage)),
                    mirrored=view.mirrored(shape, parameters, network.diam_mean),
                )
                found.append(style)
                for component, answer in zip((*view.flows, 3), answers, strict=True):
                    _add(sums[component][block], answer, view)
        styles[view.name] = np.concatenate(found)
    return styles


# numpy would go through a stack plane by plane of the view, each time over all of its pages.


def _taken(part: AnyArray, view: View) -> FloatArray:
    """Copy (C, Z, Y, X) as (C, planes, height, width)."""
    count, (height, width) = part.shape[view.axis + 1], view.plane_of(part.shape[1:])
    planes = np.empty((len(part), count, height, width), np.float32)
    as_stack = np.moveaxis(planes, 1, view.axis + 1)
    for z in range(part.shape[1]):
        as_stack[:, z] = part[:, z]
    return planes


def _add(part: AnyArray, planes: FloatArray, view: View) -> None:
    """Add (planes, height, width) to (Z, Y, X)."""
    as_stack = np.moveaxis(planes, 0, view.axis)
    for z in range(len(part)):
        part[z] += as_stack[z]


def _from(first: int, count: int, tell: Callable[[int, int], None]) -> Callable[[int], None]:
    return lambda done: tell(first + done, count)
