"""Random mild changes of a view's intensities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray


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
    """

    invert: float = 0.05
    gamma: float = 1.6
    noise: float = 0.08
    blur: float = 1.2
    probability: float = 0.3
    drop_nuclei: float = 0.2


def change_intensities(
    rng: np.random.Generator, image: FloatArray, limits: IntensityRange
) -> FloatArray:
    """Change the intensities of a view (C, Y, X) mildly; empty channels stay empty."""
    out = image.copy()
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
