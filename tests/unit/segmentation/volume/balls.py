"""Made-up stacks of roundish objects."""

from __future__ import annotations

import itertools

import numpy as np


def balls(
    shape: tuple[int, int, int],
    spacing: float,
    radius: tuple[float, float],
    seed: int = 0,
    depth_step: float = 1.0,
    jitter: float = 0.1,
) -> np.ndarray:
    """Labels (Z, Y, X) of ellipsoids on a jittered grid, whole ones only.

    ``depth_step`` is the distance of two planes in pixels; ``radius`` is drawn for each axis.
    """
    rng = np.random.default_rng(seed)
    labels = np.zeros(shape, np.int32)
    extents = shape[0] * depth_step, shape[1], shape[2]
    z, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    places = [np.arange(spacing / 2, extent - spacing / 2 + 1, spacing) for extent in extents]
    for place in itertools.product(*places):
        centre = rng.normal(place, spacing * jitter / 2)
        half = rng.uniform(*radius, 3)
        inside = (
            ((z * depth_step - centre[0]) / half[0]) ** 2
            + ((y - centre[1]) / half[1]) ** 2
            + ((x - centre[2]) / half[2]) ** 2
        ) < 1
        inside &= labels == 0
        if inside.sum() > half.prod():
            labels[inside] = labels.max() + 1
    return labels
