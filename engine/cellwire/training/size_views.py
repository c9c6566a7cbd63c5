"""Views for the size model: an image's cells at any size, as a network may be given them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.training.training_images import TrainingImage

SMALLEST, LARGEST = 6.0, 130.0
"""Diameters in pixels between which cells are shown, evenly over their logarithm."""
SIDES = (64, 96, 128, 160, 192, 224)
"""Sides of views in pixels; the largest that the image fills is taken."""
TRIES = 8


class SizeView(NamedTuple):
    """A view and the size of its cells.

    Attributes
    ----------
    pixels
        (C, side, side) float32.
    diameter
        Median diameter in pixels of the cells in it.
    """

    pixels: FloatArray
    diameter: float


def areas_of(labels: AnyArray) -> AnyArray:
    """Give the area in pixels (n + 1,) of every label, 0 for those that are not there."""
    areas: AnyArray = np.bincount(labels.ravel())
    areas[0] = 0
    return areas


def draw_size_view(
    rng: np.random.Generator, image: TrainingImage, areas: AnyArray, channels: int
) -> SizeView | None:
    """Draw a part of an image, resized so that its cells have a random size.

    As in segmentation there is nothing but the image in it: no padding, no slanting. Its size is
    the median diameter of the cells that show in it, cut ones with their whole area.

    Parameters
    ----------
    rng
        Source of chance.
    image
        Where to look.
    areas
        What `areas_of` gives for its labels.
    channels
        Channels of the network's input.

    Returns
    -------
    view
        ``None`` if no cell was met.
    """
    wanted = math.exp(rng.uniform(math.log(SMALLEST), math.log(LARGEST)))
    scale = wanted / image.diameter
    shorter = min(image.labels.shape) * scale
    side = max([each for each in SIDES if each <= shorter], default=SIDES[0])
    shown = min(max(4, round(side / scale)), *image.labels.shape)
    for _ in range(TRIES):
        y, x = (int(rng.integers(0, length - shown + 1)) for length in image.labels.shape)
        part = (slice(y, y + shown), slice(x, x + shown))
        ids, counts = np.unique(image.labels[part], return_counts=True)
        # Slivers at the border say nothing of a size.
        seen = areas[ids][(ids > 0) & (counts >= 0.25 * areas[ids])]
        if len(seen):
            break
    else:
        return None
    smooth = bool(rng.random() < 0.5)
    turns, mirrored = int(rng.integers(4)), bool(rng.random() < 0.5)
    pixels = np.zeros((channels, side, side), np.float32)
    for channel in range(min(channels, image.image.shape[2])):
        plane = np.rot90(_resized(image.image[part][..., channel], side, smooth=smooth), turns)
        pixels[channel] = plane[:, ::-1] if mirrored else plane
    diameter = 2.0 * math.sqrt(float(np.median(seen)) / math.pi) * side / shown
    return SizeView(pixels, diameter)


def _resized(plane: AnyArray, side: int, *, smooth: bool) -> FloatArray:
    """Resize a square; images that are made smaller are averaged, or not, as people do both."""
    plane = np.ascontiguousarray(plane, np.float32)
    method = cv2.INTER_AREA if smooth and side < len(plane) else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, (side, side), interpolation=method))
