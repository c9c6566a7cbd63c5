"""Textures: noise of chosen scales, filaments, grains and nets, and their way into cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy import fft

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Labels, Rng

TILE = 256
"""Side of the tiles that repeat without a seam."""


def noise(rng: Rng, side: int, coarse: float, fine: float = 1.0, slope: float = 1.5) -> FloatArray:
    """Make seamless noise: flat above the wavelength ``coarse``, falling by ``slope`` to ``fine``.

    Returns
    -------
    FloatArray
        (side, side), mean 0, standard deviation 1.
    """
    down = fft.fftfreq(side).astype(np.float32)[:, None]
    right = fft.rfftfreq(side).astype(np.float32)[None]
    squared = down**2 + right**2
    envelope = (1.0 + squared * np.float32(coarse**2)) ** np.float32(-slope / 2.0 - 0.5)
    envelope *= np.exp(-0.5 * squared * np.float32(fine**2))
    return _shaped(rng, side, envelope)


def threads(rng: Rng, side: int, width: float, length: float, wander: float = 0.15) -> FloatArray:
    """Make seamless, slightly bent filaments along X, values from 0 to ~1.

    Parameters
    ----------
    width, length
        Of a filament in pixels.
    wander
        Spread of their directions in radians.
    """
    down = fft.fftfreq(side).astype(np.float32)[:, None]
    right = fft.rfftfreq(side).astype(np.float32)[None]
    total = np.zeros((side, side), np.float32)
    for tilt in rng.normal(0.0, wander, 3):
        along = right * np.cos(tilt) + down * np.sin(tilt)
        across = down * np.cos(tilt) - right * np.sin(tilt)
        envelope = np.exp(-2.0 * (along * length) ** 2 - 2.0 * (across * width) ** 2)
        total = np.maximum(total, _shaped(rng, side, envelope.astype(np.float32)))
    rows, columns = np.indices((side, side), dtype=np.float32)
    bend = noise(rng, side, length * 2.0, length * 0.7, 3.0) * np.float32(length * 0.1)
    total = cv2.remap(
        np.pad(total, ((0, 1), (0, 1)), mode="wrap"), columns, np.mod(rows + bend, side),
        cv2.INTER_LINEAR,
    )  # fmt: skip
    return np.asarray(np.clip(total - 0.4, 0.0, None) / 2.0, np.float32)


def grains(rng: Rng, side: int, size: float, density: float = 0.5) -> FloatArray:
    """Make seamless bright grains of about ``size`` pixels, values from 0 to ~1."""
    band = noise(rng, side, size * 1.6, size * 0.6, 1.0) - noise(rng, side, size * 5.0, size, 2.0)
    return np.asarray(np.clip(band / 1.4 - (1.0 - 2.0 * density), 0.0, None) / 1.5, np.float32)


def net(rng: Rng, side: int, mesh: float) -> FloatArray:
    """Make a seamless net of thin bright lines with meshes of about ``mesh`` pixels, 0 to 1."""
    field = noise(rng, side, mesh * 1.5, mesh * 0.45, 3.0)
    return np.asarray(np.exp(-((field / 0.35) ** 2)), np.float32)


def _shaped(rng: Rng, side: int, envelope: FloatArray) -> FloatArray:
    envelope = envelope.copy()
    envelope[0, 0] = 0.0
    white = rng.standard_normal((side, side), dtype=np.float32)
    made = fft.irfft2(fft.rfft2(white) * envelope, s=(side, side))
    return np.asarray(made / (made.std() + 1e-9), np.float32)


def inside_cells(
    rng: Rng,
    tile: FloatArray,
    labels: Labels,
    centres: FloatArray,
    angles: FloatArray,
    stretch: FloatArray | float = 1.0,
) -> FloatArray:
    """Lay a tile into each cell, turned by the cell's angle and from a place of its own.

    Parameters
    ----------
    tile
        Seamless texture.
    labels
        (Y, X) cells from 1.
    centres
        (N + 1, 2) y and x of each label.
    angles
        (N + 1,) in radians.
    stretch
        Enlargement of the texture.
    """
    side = tile.shape[0]
    count = len(angles)
    offsets = rng.uniform(0, side, (count, 2)).astype(np.float32)
    scale = np.broadcast_to(np.asarray(stretch, np.float32), (count,))
    cosine = (np.cos(angles) / scale).astype(np.float32)[labels]
    sine = (np.sin(angles) / scale).astype(np.float32)[labels]
    rows, columns = np.indices(labels.shape, dtype=np.float32)
    dy = rows - centres[:, 0].astype(np.float32)[labels]
    dx = columns - centres[:, 1].astype(np.float32)[labels]
    u = dx * cosine + dy * sine + offsets[:, 1][labels]
    v = dy * cosine - dx * sine + offsets[:, 0][labels]
    return np.asarray(
        cv2.remap(
            np.pad(tile, ((0, 1), (0, 1)), mode="wrap"),
            np.mod(u, side).astype(np.float32),
            np.mod(v, side).astype(np.float32),
            cv2.INTER_LINEAR,
        ),
        np.float32,
    )


def blur(image: FloatArray, sigma: float) -> FloatArray:
    """Blur by a Gaussian; large ones on a reduced picture, which is as good and faster."""
    if sigma < 0.2:
        return image
    if sigma < 8.0:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT))
    factor = int(sigma // 3)
    height, width = image.shape
    small = cv2.resize(
        image, (max(4, width // factor), max(4, height // factor)), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


def elsewhere(rng: Rng, image: FloatArray) -> FloatArray:
    """Give another place of the same sample: turned by right angles, mirrored and moved."""
    turned = np.rot90(image, int(rng.integers(1, 4)))
    if rng.random() < 0.5:
        turned = turned[::-1]
    top, left = rng.integers(0, image.shape[0], 2)
    bordered = np.pad(turned, ((0, top), (0, left)), mode="symmetric")
    return np.ascontiguousarray(bordered[top:, left:])
