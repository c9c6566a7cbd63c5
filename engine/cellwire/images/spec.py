"""What an image is, apart from its pixels: type, shape, axes and calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass

AXES = "TZCYX"
"""Axis letters, in the order in which Cellwire keeps them."""

WIRE_TYPES = ("uint8", "uint16", "uint32", "float32")
"""Pixel types that travel and are segmented; others are converted only when nothing is lost."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Pixel size in micrometres, ``None`` where the image does not say.

    Attributes
    ----------
    y, x
        Height and width of a pixel, in micrometres.
    z
        Distance of planes, in micrometres.
    """

    y: float | None = None
    x: float | None = None
    z: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether lengths in the plane can be given in micrometres."""
        return self.y is not None and self.x is not None

    @property
    def pixel(self) -> float | None:
        """Side in µm of the square with a pixel's area, ``None`` if unknown."""
        if self.y is None or self.x is None:
            return None
        return math.sqrt(self.y * self.x)


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """Type, shape and axes of an array.

    Attributes
    ----------
    dtype
        One of `WIRE_TYPES`.
    shape
        Length of each axis.
    axes
        A letter of `AXES` for each axis, such as ``"CYX"``.
    calibration
        Size of a pixel.
    """

    dtype: str
    shape: tuple[int, ...]
    axes: str
    calibration: Calibration = Calibration()

    @property
    def nbytes(self) -> int:
        """Size in bytes, computed in Python's unbounded integers."""
        sizes = {"uint8": 1, "uint16": 2, "uint32": 4, "float32": 4}
        return math.prod(self.shape) * sizes[self.dtype]
