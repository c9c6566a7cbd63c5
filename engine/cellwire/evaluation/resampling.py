"""How far a figure could lie elsewhere, had other images been taken."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.segmentation.arrays import AnyArray

RESAMPLES = 1000
LEVEL = 95


def image_draws(names: Sequence[str]) -> AnyArray:
    """Draw images with replacement; the same for the same number of images.

    An image that occurs several times, such as at several sizes, is drawn with all of them: they
    are no independent evidence.

    Parameters
    ----------
    names
        Of the images, n.

    Returns
    -------
    (1000, n) float64
        How often each is in each draw.
    """
    place = {name: index for index, name in enumerate(dict.fromkeys(names))}
    count = len(place)
    chosen = np.random.default_rng(0).integers(0, count, (RESAMPLES, count))
    times = np.zeros((RESAMPLES, count))
    np.add.at(times, (np.arange(RESAMPLES)[:, None], chosen), 1.0)
    return times[:, [place[name] for name in names]]


def interval(draws: AnyArray) -> tuple[float, float]:
    """Give the ends of the middle 95 % of a figure's draws (1000,); NaN where there are none."""
    there = draws[~np.isnan(draws)]
    if not len(there):
        return math.nan, math.nan
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(there, [tail, 100 - tail])
    return float(low), float(high)
