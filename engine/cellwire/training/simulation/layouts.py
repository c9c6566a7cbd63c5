"""Where cells lie: scattered, in colonies or packed, pushed apart until they hardly overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from cellwire.training.simulation.textures import noise

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Rng

MOST = 900
"""Most cells of a field."""


def radii_of(rng: Rng, count: int, radius: float, spread: float) -> FloatArray:
    """Draw radii around ``radius`` with a relative ``spread``."""
    drawn = radius * np.exp(np.clip(rng.normal(0.0, spread, count), -2.0 * spread, 2.2 * spread))
    return np.asarray(drawn, np.float32)


def scatter(
    rng: Rng,
    side: int,
    radius: float,
    *,
    coverage: float,
    spread: float = 0.2,
    clumping: float = 0.0,
    gap: float = 1.0,
    rounds: int = 25,
) -> tuple[FloatArray, FloatArray]:
    """Place cells.

    Parameters
    ----------
    side
        Of the image; cells also lie around it, so that some are cut by its edge.
    radius, spread
        Of the cells.
    coverage
        Share of the area that the cells would cover without overlap; above about 0.8 they press.
    clumping
        0 = anywhere, 1 = only where a smooth random field is high.
    gap
        Least distance of two centres in sums of their radii.
    rounds
        Steps of pushing apart.

    Returns
    -------
    tuple
        Centres (N, 2) as y, x and radii (N,), at least four of them inside the image.
    """
    margin = 1.5 * radius
    whole = side + 2 * margin
    count = int(np.clip(coverage * whole**2 / (np.pi * radius**2 * np.exp(2 * spread**2)), 5, MOST))
    radii = radii_of(rng, count, radius, spread)
    tries = rng.uniform(-margin, side + margin, (count * 6, 2))
    if clumping > 0:
        field = noise(rng, 64, 64 * rng.uniform(0.4, 0.9), 4.0, 3.0)
        places = np.clip((tries + margin) / whole * 63, 0, 63).astype(int)
        order = np.argsort(
            -(field[places[:, 0], places[:, 1]] * clumping)
            + rng.gumbel(0.0, 1.0 - 0.8 * clumping, len(tries))
        )
        tries = tries[order]
    centres = tries[:count].copy()
    centres[:4] = rng.uniform(0.2 * side, 0.8 * side, (4, 2))
    for _ in range(rounds):
        pairs = cKDTree(centres).query_pairs(2.0 * gap * float(radii.max()), output_type="ndarray")
        if not len(pairs):
            break
        one, two = pairs[:, 0], pairs[:, 1]
        apart = centres[one] - centres[two]
        distance = np.hypot(apart[:, 0], apart[:, 1]) + 1e-6
        push = np.clip(gap * (radii[one] + radii[two]) - distance, 0.0, None)
        step = apart / distance[:, None] * (push * 0.45)[:, None]
        np.add.at(centres, one, step)
        np.add.at(centres, two, -step)
        if push.max() < 0.05 * radius:
            break
    seen = np.all((centres > -margin) & (centres < side + margin), axis=1)
    return centres[seen].astype(np.float32), radii[seen]
