"""One diameter for all planes of a stack, found by the size model in a few of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.normalise import percentile_range
from cellwire.segmentation.parameters import CELLPOSE3, Normalisation
from cellwire.segmentation.sizing import find_diameter
from cellwire.segmentation.stages import of_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import AnyArray, BoolArray, FloatArray
    from cellwire.segmentation.network_pass import TileNetwork
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.size import SizeRegression
    from cellwire.segmentation.stages import PartProgress
    from cellwire.segmentation.work import WorkLimits

Place = tuple[int, int]
"""Frame and plane, from 0."""

SIZED = 5
"""Planes in which the diameter is looked for."""

LOOKED_AT = 50
"""Planes whose contrast is compared."""


@dataclass(frozen=True, slots=True)
class StackDiameter:
    """What `stack_diameter` found.

    Attributes
    ----------
    pixels
        The diameter.
    places
        Frame and plane, from 0, of the planes that it is the median of; empty if no cell was
        found in any, so that it is the mean of the size model.
    """

    pixels: float
    places: tuple[Place, ...]


def stack_diameter(
    image: AnyArray,
    plane_at: Callable[[int, int], FloatArray],
    parameters: CellposeParameters,
    network: TileNetwork,
    size: SizeRegression,
    mask: BoolArray | None = None,
    report: PartProgress | None = None,
    limits: WorkLimits | None = None,
) -> StackDiameter:
    """Find the diameter of the cells of a stack: the median over planes that hold signal.

    The peer finds one for every plane, so that planes above and below the cells have wild ones.

    Parameters
    ----------
    image
        (T, Z, Y, X, C); the channel to segment first.
    plane_at
        Gives, for a frame and a plane, (Y, X, C) float32, normalised, with all channels of the
        network.
    parameters, network, size, mask, limits
        See `cellwire.segmentation.sizing.find_diameter`.
    report
        Told how far it is, in the stage ``size``; may raise to stop.
    """
    usual = Normalisation(invert=parameters.normalisation.invert)
    places = planes_with_signal(image, usual, parameters.compat == CELLPOSE3)
    found = []
    for index, (frame, plane) in enumerate(places, start=1):
        tell = of_part(report, index, len(places))

        def progress(done: int, total: int, tell: object = tell) -> None:
            assert callable(tell)  # noqa: S101  of_part gives what can be called
            tell("size", done, total)

        diameter = find_diameter(
            plane_at(frame, plane), parameters, network, size, mask, progress, limits
        )
        if diameter > 0:
            found.append((diameter, (frame, plane)))
    if not found:
        return StackDiameter(float(size.diam_mean), ())
    return StackDiameter(
        float(np.median([diameter for diameter, _ in found])),
        tuple(place for _, place in found),
    )


def planes_with_signal(
    image: AnyArray, settings: Normalisation, peer: bool = False
) -> tuple[Place, ...]:
    """Choose a few planes, far from each other, whose contrast is half the greatest or more.

    The contrast of a plane is the range that its intensities are normalised by, in the channel
    that is segmented. Of a deep stack, planes in a grid are compared.

    Parameters
    ----------
    image
        (T, Z, Y, X, C).
    settings, peer
        As in `cellwire.segmentation.normalise.percentile_range`.
    """
    frames, depth = image.shape[:2]
    places = [(t, z) for t in range(frames) for z in range(depth)]
    places = [places[index] for index in _spread(len(places), LOOKED_AT)]
    steps = tuple(slice(None, None, max(1, length // 224)) for length in image.shape[2:4])
    contrasts = []
    for frame, plane in places:
        values = np.asarray(image[frame, plane][steps][..., 0], np.float32)
        low, high = percentile_range(values, settings, peer)
        contrasts.append(high - low)
    bright = [
        place
        for place, contrast in zip(places, contrasts, strict=True)
        if contrast >= max(contrasts) / 2
    ]
    return tuple(bright[index] for index in _spread(len(bright), SIZED))


def _spread(count: int, most: int) -> list[int]:
    """Give at most so many of the numbers below ``count``, evenly spread, away from the ends."""
    if count <= most:
        return list(range(count))
    return [int((index + 0.5) * count / most) for index in range(most)]
