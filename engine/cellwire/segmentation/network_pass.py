"""One pass of the network over an image: resize, tile, run, blend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from cellwire.errors import DeviceOutOfMemoryError
from cellwire.networks.plane_layout import PlaneLayout
from cellwire.segmentation.resize import (
    linear_taps,
    padding,
    resize_answer,
    resize_linear,
    scaled_shape,
)
from cellwire.segmentation.tiles import (
    TileGrid,
    blend,
    crop,
    cut,
    finish,
    grid_of,
    taper,
    weight_sums,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import FloatArray
    from cellwire.segmentation.parameters import CellposeParameters


class TileNetwork(Protocol):
    """A network that answers batches of tiles.

    Attributes
    ----------
    channels_in
        Channels that it takes.
    diam_mean
        Diameter in pixels to which cells are scaled for it.
    """

    @property
    def channels_in(self) -> int: ...  # noqa: D102

    @property
    def diam_mean(self) -> float: ...  # noqa: D102

    def __call__(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Answer (N, C, h, w) with (N, 3, h, w) and styles (N, 256).

        Tiles are 224 on a side, or smaller multiples of 16 for smaller images.
        """
        ...


@runtime_checkable
class PlaneNetwork(Protocol):
    """A network that may keep whole planes on a device of its own."""

    @property
    def keeps_planes(self) -> bool: ...  # noqa: D102

    def plane_pass(self, image: FloatArray, layout: PlaneLayout) -> PlanePass | None:
        """Take a plane (Y, X, C) through the network; ``None`` = this one is too large there."""
        ...


@runtime_checkable
class RetreatingNetwork(Protocol):
    """A network that may have another device."""

    def retreat(self) -> bool:
        """Compute there from now on, as here is no memory; False = there is none."""
        ...


class PlanePass(Protocol):
    """A plane on its way; see `cellwire.networks.device_plane.DevicePlane`."""

    def start(self) -> None: ...  # noqa: D102

    def advance(self) -> int: ...  # noqa: D102

    def launch_answer(self) -> None: ...  # noqa: D102

    def answer(self) -> tuple[FloatArray, FloatArray]: ...  # noqa: D102

    def close(self) -> None: ...  # noqa: D102


def run_network(
    image: FloatArray,
    scale: float,
    network: TileNetwork,
    parameters: CellposeParameters,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Run the network over an image (peer: ``core.run_net`` 3.1.1.3).

    Where the device has no memory for it, it is begun anew elsewhere, if the network can.

    Parameters
    ----------
    image
        (Y, X, C) float32, normalised.
    scale
        Factor by which the image is resized first.
    network
        Answers the tiles.
    parameters
        ``augment``, ``tile_overlap``, ``batch_size`` (where tiles are cut here, not on a device)
        and ``resample`` are used.
    progress
        Called with (tiles done, tiles) before the first and after every batch; may raise to stop.

    Returns
    -------
    answer
        (3, h, w) float32, at the image's size with ``resample``, else at the scaled one: Y flow,
        X flow, cell probability.
    style
        (256,) float32 of unit length, over all tiles.

    Raises
    ------
    DeviceOutOfMemoryError
        If the device has no memory, nor has another.
    """
    while True:
        try:
            answer, style = _pass(image, scale, network, parameters, progress)
        except DeviceOutOfMemoryError:
            if not isinstance(network, RetreatingNetwork) or not network.retreat():
                raise
        else:
            break
    length = np.sqrt((style**2).sum())
    return answer, style / length if length > 0 else style


def answer_tiles(network: TileNetwork, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Answer a batch of tiles, elsewhere from now on where the device has no memory for it.

    Raises
    ------
    DeviceOutOfMemoryError
        If the device has no memory, nor has another.
    """
    while True:
        try:
            return network(tiles)
        except DeviceOutOfMemoryError:
            if not isinstance(network, RetreatingNetwork) or not network.retreat():
                raise


def _pass(
    image: FloatArray,
    scale: float,
    network: TileNetwork,
    parameters: CellposeParameters,
    progress: Callable[[int, int], None] | None,
) -> tuple[FloatArray, FloatArray]:
    before = (image.shape[0], image.shape[1])
    shape = scaled_shape(before, scale)
    after = before if parameters.resample else shape
    extents = tuple(sum(padding(length)) + length for length in shape)
    grid = grid_of((extents[0], extents[1]), parameters.augment, parameters.tile_overlap)
    tell = progress or (lambda _done, _total: None)
    tell(0, len(grid))
    if isinstance(network, PlaneNetwork) and network.keeps_planes:
        own = network.plane_pass(image, _layout(grid, before, shape, after))
        if own is not None:
            return _on_device(own, len(grid), tell)
    corner = (padding(shape[0])[0], padding(shape[1])[0])
    scaled = resize_linear(image, shape).transpose(2, 0, 1)
    total = np.zeros((3, *grid.image), np.float32)
    styles = []
    for first in range(0, len(grid), parameters.batch_size):
        end = min(len(grid), first + parameters.batch_size)
        answers, style = network(cut(scaled, grid, first, end, corner))
        styles.append(style)
        blend(total, np.ascontiguousarray(answers, np.float32), grid, first)
        tell(end, len(grid))
    del scaled
    finish(total, grid)
    return resize_answer(crop(total, corner, shape), after), np.concatenate(styles).sum(axis=0)


def _on_device(
    plane: PlanePass, tiles: int, tell: Callable[[int, int], None]
) -> tuple[FloatArray, FloatArray]:
    try:
        plane.start()
        done = 0
        while done < tiles:
            done = plane.advance()
            tell(done, tiles)
        plane.launch_answer()
        return plane.answer()
    finally:
        plane.close()


def _layout(
    grid: TileGrid, before: tuple[int, int], shape: tuple[int, int], after: tuple[int, int]
) -> PlaneLayout:
    return PlaneLayout(
        inward=linear_taps(before, shape),
        scaled=shape,
        corner=(padding(shape[0])[0], padding(shape[1])[0]),
        padded=grid.image,
        tile=grid.tile,
        places=np.array([grid.place(index) for index in range(len(grid))], np.int64),
        weights=np.outer(taper(grid.tile[0]), taper(grid.tile[1])),
        sums=weight_sums(grid),
        outward=linear_taps(shape, after),
    )
