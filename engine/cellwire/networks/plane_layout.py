"""What becomes of a plane on its way through a network, as plain numbers and arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray: TypeAlias = npt.NDArray[np.float32]
    Indices: TypeAlias = npt.NDArray[np.int64]
    Shares: TypeAlias = npt.NDArray[np.float32]
    Weights: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Taps:
    """Linear interpolation along one axis, for each new pixel.

    Attributes
    ----------
    first, second
        Old pixels between which it lies.
    share
        How much of it is the second's.
    """

    first: Indices
    second: Indices
    share: Shares


@dataclass(frozen=True, slots=True)
class PlaneLayout:
    """How a plane is resized, padded, cut into tiles, blended and resized again.

    Attributes
    ----------
    inward
        From the image (Y, X) to the scaled size, along Y and along X; ``None`` = as it is.
    scaled
        Height and width after that.
    corner
        Row and column of the scaled plane in the padded one.
    padded
        Height and width that the tiles cover; zeros around the plane.
    tile
        Height and width of a tile.
    places
        (T, 4): first row and column of each tile, and whether it is flipped along Y and along X.
    weights
        (h, w): how much each pixel of a tile counts where tiles overlap.
    sums
        (H,) and (W,), whose outer product is the sum of all weights at a pixel.
    outward
        From the scaled size to that of the answer; ``None`` = as it is.
    """

    inward: tuple[Taps, Taps] | None
    scaled: tuple[int, int]
    corner: tuple[int, int]
    padded: tuple[int, int]
    tile: tuple[int, int]
    places: Indices
    weights: Weights
    sums: tuple[Weights, Weights]
    outward: tuple[Taps, Taps] | None

    def nbytes(self, channels: int) -> int:
        """Bound the memory of a pass in bytes, beside that of the network's batches."""
        pixels = self.padded[0] * self.padded[1]
        for taps in (self.inward, self.outward):
            if taps is not None:
                rows, columns = (max(len(t.first), int(t.second[-1]) + 1) for t in taps)
                pixels = max(pixels, rows * columns)
        # At most the plane three times while it is resized, the blended answer, and it three times.
        return 4 * pixels * (3 * channels + 12)
