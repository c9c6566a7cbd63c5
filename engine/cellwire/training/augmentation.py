"""Random views of a training image: the geometry of the paper and mild changes of intensity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray


@dataclass(frozen=True, slots=True)
class View:
    """One way of looking at an image.

    Attributes
    ----------
    flip
        Mirror left and right.
    angle
        Rotation in radians.
    scale
        Size in the view of one pixel of the image.
    shift
        (y, x) of the view's centre from the image's centre, in pixels of the view.
    """

    flip: bool
    angle: float
    scale: float
    shift: tuple[float, float]


@dataclass(frozen=True, slots=True)
class IntensityRange:
    """How far intensities are changed; each probability is drawn for itself.

    Attributes
    ----------
    invert
        Probability of swapping dark and bright.
    gamma
        Greatest factor of the exponent, up or down.
    noise
        Greatest standard deviation of added noise, in units of the normalised range.
    blur
        Greatest standard deviation of a Gaussian blur in pixels of the view.
    probability
        Probability of each of gamma, gain, noise and blur.
    """

    invert: float = 0.05
    gamma: float = 1.6
    noise: float = 0.08
    blur: float = 1.2
    probability: float = 0.3


def draw_view(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    crop: int,
    scale: float,
    scale_range: float = 0.5,
) -> View:
    """Draw a view as the paper does (peer: ``transforms.random_rotate_and_resize``).

    Parameters
    ----------
    rng
        Source of chance.
    shape
        Height and width of the image.
    crop
        Side of the view in pixels.
    scale
        Mean diameter of the model divided by the diameter of the image's cells.
    scale_range
        Width of the uniform range around 1 that the scale is multiplied by.
    """
    scale *= 1.0 - scale_range / 2.0 + scale_range * rng.random()
    room = [max(0.0, side * scale - crop) for side in shape[:2]]
    y, x = (float((rng.random() - 0.5) * each) for each in room)
    return View(bool(rng.random() < 0.5), float(rng.random() * 2.0 * math.pi), scale, (y, x))


def warp_matrix(view: View, shape: tuple[int, ...], crop: int) -> FloatArray:
    """Give the (2, 3) matrix from (x, y) of the image to (x, y) of the view."""
    height, width = shape[:2]
    sign = -1.0 if view.flip else 1.0
    cosine, sine = view.scale * math.cos(view.angle), view.scale * math.sin(view.angle)
    linear = np.array([[cosine * sign, -sine], [sine * sign, cosine]])
    centre = np.array([(width - 1) / 2.0, (height - 1) / 2.0])
    turned = linear / view.scale @ np.array([view.shift[1], view.shift[0]])
    offset = (crop - 1) / 2.0 - linear @ centre - turned
    return np.concatenate([linear, offset[:, None]], axis=1).astype(np.float32)


def warp(
    view: View, image: FloatArray, labels: AnyArray, flows: FloatArray, crop: int
) -> tuple[FloatArray, FloatArray]:
    """Give a view of an image and of its targets.

    Parameters
    ----------
    view
        The view.
    image, labels, flows
        (Y, X, C), (Y, X) and (2, Y, X); see `cellwire.training.folders.TrainingImage`.
    crop
        Side of the view in pixels. What lies outside of the image is 0.

    Returns
    -------
    image, targets
        (C, crop, crop), and (3, crop, crop) with 1 in cells else 0, dY and dX; float32.
    """
    matrix = warp_matrix(view, image.shape, crop)
    size = (crop, crop)
    seen = np.stack(
        [
            cv2.warpAffine(
                np.ascontiguousarray(image[..., c]), matrix, size, flags=cv2.INTER_LINEAR
            )
            if image[..., c].any()
            else np.zeros(size, np.float32)
            for c in range(image.shape[2])
        ]
    )
    inside = cv2.warpAffine((labels > 0).astype(np.float32), matrix, size, flags=cv2.INTER_NEAREST)
    dy, dx = (cv2.warpAffine(flow, matrix, size, flags=cv2.INTER_LINEAR) for flow in flows)
    (xx, xy), (yx, yy) = matrix[:, :2] / view.scale
    return seen, np.stack([inside, yx * dx + yy * dy, xx * dx + xy * dy])


def change_intensities(
    rng: np.random.Generator, image: FloatArray, limits: IntensityRange
) -> FloatArray:
    """Change the intensities of a view (C, Y, X) mildly; empty channels stay empty."""
    out = image.copy()
    for channel in out:
        if not channel.any():
            continue
        if rng.random() < limits.invert:
            np.subtract(1.0, channel, out=channel)
        if rng.random() < limits.probability:
            exponent = limits.gamma ** rng.uniform(-1.0, 1.0)
            channel[...] = np.sign(channel) * np.abs(channel) ** exponent
        if rng.random() < limits.probability:
            channel *= rng.uniform(0.7, 1.3)
            channel += rng.uniform(-0.1, 0.1)
        if rng.random() < limits.probability:
            sigma = rng.uniform(0.2, limits.blur)
            channel[...] = cv2.GaussianBlur(channel, (0, 0), sigma)
        if rng.random() < limits.probability:
            sigma = rng.uniform(0.0, limits.noise)
            channel += sigma * rng.standard_normal(channel.shape, dtype=np.float32)
    return out
