"""Images for ImageJ, with cells in them, and reading back what ImageJ saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

DIAMETER = 17
PIXEL = 0.5
"""Micrometres."""


def nuclei(
    height: int, width: int, seed: int = 0, spacing: int = 32, radius: tuple[float, float] = (7, 10)
) -> npt.NDArray[np.uint16]:
    """An image (Y, X) of bright ellipses on a grid with noise: nuclei of about 17 pixels."""
    rng = np.random.default_rng(seed)
    image = np.zeros((height, width))
    half = spacing // 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    for row in range(half, height - half, spacing):
        for column in range(half, width - half, spacing):
            dy, dx = rng.integers(-4, 5, 2)
            a, b = rng.uniform(*radius, 2)
            away = np.hypot((y - 0.3 * dy) / a, (x - 0.3 * dx) / b)
            light = rng.uniform(600, 1500) * np.clip(4 * (1 - away), 0, 1)
            image[row - half : row + half + 1, column - half : column + half + 1] += light
    image = 150 + image + rng.normal(0, 20, image.shape)
    return image.clip(0, 65535).astype(np.uint16)


def cell_bodies(nuclear: npt.NDArray[np.uint16], seed: int = 1) -> npt.NDArray[np.uint16]:
    """The cytoplasm (Y, X) around the nuclei of `nuclei`."""
    from scipy import ndimage

    rng = np.random.default_rng(seed)
    wide = ndimage.gaussian_filter(ndimage.grey_dilation(nuclear.astype(float), (9, 9)), 2)
    return (0.6 * wide + rng.normal(0, 15, wide.shape)).clip(0, 65535).astype(np.uint16)


def save(path: Path, array: npt.NDArray[Any], axes: str = "YX", calibrated: bool = True) -> Path:
    """Write a TIFF as ImageJ does; axes are of TZCYX, RGB images end in S."""
    metadata: dict[str, Any] = {"axes": axes}
    options: dict[str, Any] = {}
    if calibrated:
        metadata |= {"unit": "um", "spacing": 2.0}
        options["resolution"] = (1 / PIXEL, 1 / PIXEL)
    tifffile.imwrite(path, array, imagej=True, metadata=metadata, **options)
    return path


def read(path: Path) -> npt.NDArray[np.int64]:
    """A label image as ImageJ saved it."""
    array = tifffile.imread(path)
    labels = array.astype(np.int64)
    assert (labels == array).all()
    return labels
