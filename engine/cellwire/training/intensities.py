"""Random mild changes of a view's intensities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cellwire.segmentation.arrays import AnyArray, BoolArray, FloatArray

DIMMEST = 0.15
"""Brightness that is left of the dimmest cells of an uneven view."""
MOST_LIFTED = 6.0
"""Greatest factor by which the cells of a sparse view stand out more."""
MOST_GRAIN = 0.6
"""Greatest standard deviation of grain where it is brightest, in the normalised range."""
MOST_APART = 5.0
"""Greatest distance of a stack's planes in pixels of the view."""
MOST_HAZE = 1.5
"""Greatest brightness of haze, in that of the cells."""


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
    sparse
        Probability that bright cells look as they do where so few are in an image that its 99th
        percentile, 1 when normalised, is ground: the ground is noise, the cells are far above 1.
    haze
        Probability that bright cells shine through light from out of focus, as in thick tissue.
    grain
        Probability that a view is as grainy as when light is scarce.
    upright
        Probability that a view is as a cut through a stack along its depth, where planes lie
        further apart than pixels and are blurred into each other.
    mix
        Probability that an image in colours is seen through another mixture of them than their
        mean: stains differ from laboratory to laboratory.
    """

    invert: float = 0.05
    gamma: float = 1.6
    noise: float = 0.08
    blur: float = 1.2
    probability: float = 0.3
    drop_nuclei: float = 0.2
    uneven: float = 0.25
    sparse: float = 0.06
    haze: float = 0.1
    grain: float = 0.15
    upright: float = 0.1
    mix: float = 0.5

    def eased(self, share: float) -> IntensityRange:
        """Give the same changes, each with a share of its probability."""
        chances = (
            "invert", "probability", "drop_nuclei", "uneven", "sparse", "haze", "grain", "upright",
            "mix",
        )  # fmt: skip
        return replace(self, **{name: share * getattr(self, name) for name in chances})


UNCHANGED = IntensityRange(
    0.0, probability=0.0, drop_nuclei=0.0, uneven=0.0, sparse=0.0, haze=0.0, grain=0.0, upright=0.0,
    mix=0.0,
)  # fmt: skip
"""Leaves every view as it is."""


def change_intensities(
    rng: np.random.Generator, image: FloatArray, labels: AnyArray, limits: IntensityRange
) -> FloatArray:
    """Change the intensities of a view (C, Y, X) with cells (Y, X); empty channels stay empty."""
    out = image.copy()
    if labels.any() and rng.random() < limits.uneven:
        dim_some_cells(rng, out, labels)
    if labels.any() and rng.random() < limits.haze:
        add_haze(rng, out, labels)
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
    seen = planes_along(rng, out) if rng.random() < limits.upright else out
    if rng.random() < limits.grain:
        add_grain(rng, seen)
    if seen is not out:
        size = out.shape[2], out.shape[1]
        out = np.stack([cv2.resize(channel, size) for channel in np.ascontiguousarray(seen)])
    if labels.any() and rng.random() < limits.sparse:
        lift_cells(rng, out, labels)
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
    for channel, ground in _bright_channels(image, inside):
        channel -= ground
        channel *= light
        channel += ground


def add_haze(rng: np.random.Generator, image: FloatArray, labels: AnyArray) -> None:
    """Add what cells out of focus shine, uneven over the view, in the channels of bright cells.

    Parameters
    ----------
    rng, image, labels
        As in `dim_some_cells`.
    """
    for channel, ground in _bright_channels(image, labels > 0):
        brightness = float(channel[labels > 0].mean()) - ground
        clouds = rng.random((4, 4), dtype=np.float32)
        haze = cv2.resize(clouds, channel.shape[::-1], interpolation=cv2.INTER_CUBIC)
        blurred = cv2.GaussianBlur(channel - ground, (0, 0), float(rng.uniform(5.0, 20.0)))
        haze += blurred / max(float(blurred.max()), 1e-6)
        amount = float(rng.uniform(0.2, MOST_HAZE))
        channel += 0.5 * amount * brightness * haze
        channel /= 1.0 + 0.5 * amount


def add_grain(rng: np.random.Generator, image: FloatArray) -> None:
    """Add the noise of scarce light: stronger where it is brighter, and the range is its own again.

    A view that was enlarged has coarse grain, so that some of it is smoothed.

    Parameters
    ----------
    rng
        Source of chance.
    image
        (C, Y, X) float32, changed in place; empty channels stay empty.
    """
    strength = float(np.exp(rng.uniform(np.log(0.05), np.log(MOST_GRAIN))))
    coarseness = float(rng.uniform(0.0, 1.5))
    dark = float(rng.uniform(0.1, 1.0))
    for channel in image:
        if not channel.any():
            continue
        grain = rng.standard_normal(channel.shape, dtype=np.float32)
        if coarseness > 0.4:
            grain = cv2.GaussianBlur(grain, (0, 0), coarseness)
            grain /= max(float(grain.std()), 1e-6)
        light = np.clip(channel, 0.0, None)
        channel += strength * np.sqrt(dark + (1.0 - dark) * light) * grain
        low, high = (float(value) for value in np.percentile(channel, (1.0, 99.0)))
        low, high = min(low, 0.0), max(high, 1.0)
        channel -= low
        channel /= high - low


def planes_along(rng: np.random.Generator, image: FloatArray) -> FloatArray:
    """Blur a view in one direction and keep only some of its lines, as planes of a stack do.

    Parameters
    ----------
    rng
        Source of chance.
    image
        (C, Y, X) float32.

    Returns
    -------
    FloatArray
        (C, fewer, X) or (C, Y, fewer), to be stretched to the view's size.
    """
    apart = float(np.exp(rng.uniform(np.log(1.3), np.log(MOST_APART))))
    sigma = apart * float(rng.uniform(0.2, 0.6))
    turned = rng.random() < 0.5
    lines = image.transpose(0, 2, 1) if turned else image
    size = lines.shape[2], max(2, round(lines.shape[1] / apart))
    seen = np.stack(
        [
            cv2.resize(cv2.GaussianBlur(channel, (0, 0), sigmaX=1e-3, sigmaY=sigma), size)
            for channel in np.ascontiguousarray(lines)
        ]
    )
    return seen.transpose(0, 2, 1) if turned else seen


def lift_cells(rng: np.random.Generator, image: FloatArray, labels: AnyArray) -> None:
    """Make bright cells what normalisation makes of a few of them on a wide empty ground.

    Parameters
    ----------
    rng, image, labels
        As in `dim_some_cells`.
    """
    factor = float(np.exp(rng.uniform(np.log(2.0), np.log(MOST_LIFTED))))
    for channel, ground in _bright_channels(image, labels > 0):
        channel -= ground
        channel *= factor
        noise = rng.uniform(0.03, 0.25) * rng.standard_normal(channel.shape, dtype=np.float32)
        channel += noise + np.float32(rng.uniform(0.1, 0.6))


def _bright_channels(image: FloatArray, inside: BoolArray) -> Iterator[tuple[FloatArray, float]]:
    """Give the channels where cells are brighter than the ground, and the ground's brightness."""
    for channel in image:
        ground = float(np.median(channel[~inside])) if not inside.all() else 0.0
        if channel[inside].mean() > ground:
            yield channel, ground
