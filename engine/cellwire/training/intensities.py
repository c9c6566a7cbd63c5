"""Random mild changes of a view's intensities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray

DIMMEST = 0.15
"""Brightness that is left of the dimmest cells of an uneven view."""


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
    drop_nuclei
        Probability that the second channel, where there is one, is emptied: the model must do
        without it.
    uneven
        Probability that bright cells get a brightness each: dim cells beside bright ones are what
        a network overlooks first.
    """

    invert: float = 0.05
    gamma: float = 1.6
    noise: float = 0.08
    blur: float = 1.2
    probability: float = 0.3
    drop_nuclei: float = 0.2
    uneven: float = 0.25


def change_intensities(
    rng: np.random.Generator, image: FloatArray, labels: AnyArray, limits: IntensityRange
) -> FloatArray:
    """Change the intensities of a view (C, Y, X) with cells (Y, X); empty channels stay empty."""
    out = image.copy()
    if labels.any() and rng.random() < limits.uneven:
        dim_some_cells(rng, out, labels)
    if len(out) > 1 and out[1].any() and rng.random() < limits.drop_nuclei:
        out[1] = 0.0
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


def dim_some_cells(rng: np.random.Generator, image: FloatArray, labels: AnyArray) -> None:
    """Give about half of a view's cells less light, in the channels where cells are bright.

    Parameters
    ----------
    rng
        Source of chance.
    image
        (C, Y, X) float32, changed in place.
    labels
        (Y, X), 0 = background.
    """
    inside = labels > 0
    numbers, places = np.unique(labels[inside], return_inverse=True)
    factors = np.exp(rng.uniform(np.log(DIMMEST), 0.0, len(numbers)))
    factors[rng.random(len(numbers)) < 0.5] = 1.0
    # A cell's light reaches beyond its outline, so what surrounds it is dimmed as it is.
    _, nearest = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_pixel = np.ones(nearest.max() + 1, np.float32)
    of_pixel[nearest[inside]] = factors[places]
    light = cv2.GaussianBlur(of_pixel[nearest], (0, 0), 1.0)
    for channel in image:
        ground = float(np.median(channel[~inside])) if not inside.all() else 0.0
        if channel[inside].mean() > ground:
            channel -= ground
            channel *= light
            channel += ground
