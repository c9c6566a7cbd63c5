"""Intensities to the network's input: percentiles become 0 and 1, each channel for itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.segmentation.parameters import CELLPOSE3

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, BoolArray, FloatArray
    from cellwire.segmentation.parameters import Normalisation

PEER_LEAST_RANGE = 1e-3
"""The peer takes a range below this for a constant image, whatever the image's scale."""

LEAST_RELATIVE_RANGE = 1e-6
"""A range below this share of the intensities is float32 rounding, not signal."""

SUBSAMPLE_ABOVE = 224**3
"""Pixels above which percentiles come from a grid of about 224 x 224 of them, as in the peer."""

BLOCK_OVERLAP = 0.1

MOST = 4.0
"""What the brightest cells become at most where they are too few for the upper percentile.

Nuclei on less than a hundredth of an image leave its 99th percentile in the ground: in the peer the
noise of the ground becomes 0 to 1 and the nuclei 5 to 25, which the network takes for no cells.
The range is therefore at least this part, a fourth, of that from the lower percentile to
`BRIGHTEST`.
"""

BRIGHTEST = 99.9
"""The percentile that stands for the brightest cells, unless the upper one is above it."""

FEWEST = 10
"""Pixels above that percentile, so that in small images and blocks it is no hot pixel."""


def normalise(
    image: AnyArray,
    settings: Normalisation,
    channels: int,
    mask: BoolArray | None = None,
    compat: str | None = None,
) -> FloatArray:
    """Normalise an image for the network (peer: ``transforms.normalize_img`` 3.1.1.3).

    Parameters
    ----------
    image
        (Y, X, C), any real type; C at most ``channels``.
    settings
        What to do.
    channels
        Channels that the network takes; missing ones are zeros.
    mask
        (Y, X); pixels where it is False do not enter the percentiles.
    compat
        ``"cellpose3"``: a range of at most 1e-3 counts as constant, a constant channel stays as it
        is, inversion has no effect on tiled normalisation, and percentiles are taken as they are.
        Otherwise constant is what does not exceed the rounding of float32, a constant channel
        becomes 0, inversion always works, and a few bright cells widen the range; see `MOST`.

    Returns
    -------
    planes
        (Y, X, channels) float32.
    """
    result = np.zeros((*image.shape[:2], channels), np.float32)
    result[..., : image.shape[2]] = image
    if not settings.enabled:
        return result
    for channel in range(image.shape[2]):
        _normalise_plane(result[..., channel], settings, mask, compat == CELLPOSE3)
    return result


def is_constant(low: float, high: float, peer: bool = False) -> bool:
    """Tell whether a range of intensities holds no signal."""
    if peer:
        return not high - low > PEER_LEAST_RANGE
    return not high - low > LEAST_RELATIVE_RANGE * max(abs(low), abs(high))


def percentile_range(
    values: AnyArray, settings: Normalisation, peer: bool = False
) -> tuple[np.float32, np.float32]:
    """Find the intensities that become 0 and 1.

    Parameters
    ----------
    values
        Intensities of any shape, at least one.
    settings
        What to do; its percentiles, and whether cells are dark (`Normalisation.invert`), so that
        it is a few dark ones that widen the range, downwards.
    peer
        Take the percentiles as they are.
    """
    lower, upper = settings.percentiles
    if peer:
        low, high = np.percentile(values, (lower, upper))
        return np.float32(low), np.float32(high)
    tail = max(100.0 - BRIGHTEST, 100.0 * FEWEST / values.size)
    extreme = min(lower, tail) if settings.invert else max(upper, 100.0 - tail)
    low, high, cells = np.percentile(values, (lower, upper, extreme))
    # A ground that is one value has no range to be seen beside the cells.
    most = MOST if high > low else 1.0
    if settings.invert:
        low = min(low, high - (high - cells) / most)
    else:
        high = max(high, low + (cells - low) / most)
    return np.float32(low), np.float32(high)


def _normalise_plane(
    plane: FloatArray, settings: Normalisation, mask: BoolArray | None, peer: bool
) -> None:
    inverted = settings.invert
    if settings.fixed_range is not None:
        low, high = settings.fixed_range
        plane -= low
        plane /= high - low
    elif plane.max() == plane.min():
        if not peer:
            plane[:] = 0
        elif settings.tile_blocksize > 0:
            _normalise_blocks(plane, settings, mask, peer)
        inverted = False
    elif settings.tile_blocksize > 0:
        _normalise_blocks(plane, settings, mask, peer)
        inverted = inverted and not peer
    else:
        limits = _percentiles(plane, settings, mask, peer)
        if is_constant(float(limits[0]), float(limits[1]), peer):
            plane[:] = 0
            inverted = inverted and peer
        else:
            plane -= limits[0]
            plane /= limits[1] - limits[0]
    if inverted:
        np.subtract(1, plane, out=plane)


def _percentiles(
    plane: FloatArray, settings: Normalisation, mask: BoolArray | None, peer: bool
) -> tuple[np.float32, np.float32]:
    if plane.size > SUBSAMPLE_ABOVE:
        grid = tuple(slice(0, length, max(1, length // 224)) for length in plane.shape)
        if mask is None or mask[grid].any():
            plane = plane[grid]
            mask = None if mask is None else mask[grid]
    values = plane if mask is None else plane[mask]
    if not values.size:
        return np.float32(0), np.float32(0)
    return percentile_range(values, settings, peer)


def _normalise_blocks(
    plane: FloatArray, settings: Normalisation, mask: BoolArray | None, peer: bool
) -> None:
    """Percentiles of overlapping blocks, spread over the image (peer: ``normalize99_tile``)."""
    from scipy.ndimage import gaussian_filter1d  # a third of a second that few images need

    rows = _block_starts(plane.shape[0], settings.tile_blocksize)
    columns = _block_starts(plane.shape[1], settings.tile_blocksize)
    limits = np.zeros((2, len(rows), len(columns)), np.float32)
    for j, (top, bottom) in enumerate(rows):
        for i, (left, right) in enumerate(columns):
            values = plane[top:bottom, left:right]
            if mask is not None:
                values = values[mask[top:bottom, left:right]]
            if values.size:
                limits[:, j, i] = percentile_range(values, settings, peer)
    _borrow_limits(limits, peer)
    # Twice along Y and never along X, as in the peer.
    for _ in range(2):
        limits = gaussian_filter1d(limits, 1, axis=1)
    size = (plane.shape[1], plane.shape[0])
    low = cv2.resize(limits[0], size, interpolation=cv2.INTER_LINEAR)
    high = cv2.resize(limits[1], size, interpolation=cv2.INTER_LINEAR)
    plane -= low
    np.subtract(high, low, out=high)
    plane /= high


def _block_starts(length: int, block: int) -> list[tuple[int, int]]:
    side = min(block, length)
    count = 1 if length <= block else math.ceil((1.0 + 2 * BLOCK_OVERLAP) * length / block)
    starts = np.linspace(0, length - side, count).astype(int)
    return [(int(start), int(start) + side) for start in starts]


def _borrow_limits(limits: FloatArray, peer: bool) -> None:
    """Give blocks without signal the limits of the nearest block that has some."""
    if peer:
        empty = limits[1] - limits[0] < PEER_LEAST_RANGE
    else:
        scale = np.maximum(np.abs(limits[0]), np.abs(limits[1]))
        empty = ~(limits[1] - limits[0] > LEAST_RELATIVE_RANGE * scale)
    if empty.all():
        limits[0], limits[1] = 0, 1
        return
    if not empty.any():
        return
    full = np.argwhere(~empty)
    for j, i in np.argwhere(empty):
        nearest = ((full - (j, i)) ** 2).sum(axis=1).argmin()
        limits[:, j, i] = limits[:, full[nearest][0], full[nearest][1]]
