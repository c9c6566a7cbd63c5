"""The parameters of a segmentation, checked once, before any work."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from cellwire.errors import InvalidParameterError

CELLPOSE3 = "cellpose3"
"""The value of ``compat`` that reproduces Cellpose 3.1.1.3, known faults included."""

LEAST_PIXELS = 15
"""Least area of a cell in pixels where none is given, as in the reference."""

LEAST_SHARE_OF_BALL = 0.02
"""Least volume in that of a ball of the diameter, where none is given.

As much as `LEAST_PIXELS` are of a disc of 30 pixels, to which the reference resizes cells; it takes
15 voxels for a cell, which specks of noise have.
"""


@dataclass(frozen=True, slots=True)
class Normalisation:
    """How intensities become the network's input.

    Attributes
    ----------
    enabled
        False sends the image as it is.
    percentiles
        Lower and upper percentile that become 0 and 1, each channel for itself; a few cells beyond
        them widen the range, see `cellwire.segmentation.normalise.MOST`.
    fixed_range
        Lower and upper intensity that become 0 and 1, instead of percentiles.
    tile_blocksize
        Side in pixels of the blocks whose percentiles are used locally, 0 for the whole image.
    invert
        Swap dark and bright, for dark cells on bright ground.
    """

    enabled: bool = True
    percentiles: tuple[float, float] = (1.0, 99.0)
    fixed_range: tuple[float, float] | None = None
    tile_blocksize: int = 0
    invert: bool = False


@dataclass(frozen=True, slots=True)
class CellposeParameters:
    """Everything that decides the labels of a plane, given a model.

    Attributes
    ----------
    diameter
        Diameter of the cells in pixels of the image; ``None`` = automatic, by the size model.
    flow_threshold
        Greatest mean squared difference between a cell's flows and those of its shape; 0 = all.
    cellprob_threshold
        Pixels with a higher cell probability (logit) belong to cells.
    min_size, max_size
        Least and greatest area of a cell in pixels. ``min_size`` ``None`` = `LEAST_PIXELS`, in a
        volume `LEAST_SHARE_OF_BALL` if that is more; 0 or -1 = any. ``max_size`` ``None`` = no
        limit.
    max_size_fraction
        Cells larger than this share of the image are dropped, as in the reference.
    niter
        Steps of the dynamics; ``None`` = from the diameter.
    tolerance
        A pixel that moves no farther than this in eight steps of the dynamics stops there, which
        is faster; 0 = every pixel ends where all its steps lead, exact.
    augment
        Average the network over flipped, more overlapping tiles.
    resample
        Run the dynamics at the image's own resolution rather than the network's.
    exclude_on_edges
        Drop cells that touch the border of the image (or of the mask).
    tile_overlap
        Share of a tile that overlaps its neighbour.
    batch_size
        Tiles a batch.
    normalisation
        See `Normalisation`.
    compat
        ``None``, or ``"cellpose3"`` for the reference's exact behaviour, its known faults included.
    """

    diameter: float | None = None
    flow_threshold: float = 0.4
    cellprob_threshold: float = 0.0
    min_size: int | None = None
    max_size: int | None = None
    max_size_fraction: float = 0.4
    niter: int | None = None
    tolerance: float = 0.0
    augment: bool = False
    resample: bool = True
    exclude_on_edges: bool = False
    tile_overlap: float = 0.1
    batch_size: int = 8
    normalisation: Normalisation = Normalisation()
    compat: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is out of range, naming the range and the value."""
        if self.diameter is not None:
            _within("diameter", self.diameter, 1.0, 10_000.0, "pixels")
        _within("flow threshold", self.flow_threshold, 0.0, 100.0)
        _within("cell-probability threshold", self.cellprob_threshold, -50.0, 50.0)
        _within("minimum size", self.least_size, -1, 2**31, "pixels")
        if self.max_size is not None:
            _within("maximum size", self.max_size, max(1, self.least_size), 2**40, "pixels")
        _within("largest share of the image", self.max_size_fraction, 0.0, 1.0)
        if self.niter is not None:
            _within("number of steps (niter)", self.niter, 1, 100_000)
        _within("tolerance of the dynamics", self.tolerance, 0.0, 1.0, "pixels")
        _within("tile overlap", self.tile_overlap, 0.05, 0.5)
        _within("batch size", self.batch_size, 1, 256, "tiles")
        low, high = self.normalisation.percentiles
        _within("lower percentile", low, 0.0, 100.0)
        _within("upper percentile", high, 0.0, 100.0)
        if not low < high:
            raise InvalidParameterError(
                f"The lower percentile ({low:g}) must be below the upper one ({high:g}).",
                "Give them as LOW,HIGH, for example 1,99.",
            )
        if self.normalisation.invert and not self.normalisation.enabled:
            raise InvalidParameterError(
                "Inverting needs normalised intensities; the normalisation is switched off.",
                "Switch the normalisation on, or invert the image beforehand.",
            )
        if self.normalisation.fixed_range is not None:
            low, high = self.normalisation.fixed_range
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise InvalidParameterError(
                    f"The fixed intensity range must rise; it is {low:g} to {high:g}.",
                    "Give the lower intensity first.",
                )
        block = self.normalisation.tile_blocksize
        if block:
            _within("block size of the tiled normalisation", block, 8, 100_000, "pixels")
        if self.compat not in (None, CELLPOSE3):
            raise InvalidParameterError(
                f"compat is {self.compat!r}; the only one is {CELLPOSE3!r}.",
                "Leave it out for Cellwire's own behaviour.",
            )

    @property
    def least_size(self) -> int:
        """The least size where it does not depend on the diameter."""
        return LEAST_PIXELS if self.min_size is None else self.min_size

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values, for provenance and cache keys."""
        return asdict(self)


def _within(name: str, value: float, low: float, high: float, unit: str = "") -> None:
    if not (math.isfinite(value) and low <= value <= high):
        unit = f" {unit}" if unit else ""
        raise InvalidParameterError(
            f"The {name} must be from {low:g} to {high:g}{unit}; it is {value:g}.",
            "Choose a value in that range.",
        )
