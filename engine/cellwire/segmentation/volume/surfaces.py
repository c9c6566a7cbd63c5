"""Surface area of every object of a stack, in calibrated units."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import LabelArray

    Floats = npt.NDArray[np.float64]

HALF = tuple(
    (z, y, x) for z in (-1, 0, 1) for y in (-1, 0, 1) for x in (-1, 0, 1) if (z, y, x) > (0, 0, 0)
)
"""Steps to 13 of a voxel's 26 neighbours; the others are their opposites."""


def surface_areas(
    labels: LabelArray, spacing: tuple[float, float, float], highest: int | None = None
) -> Floats:
    """Estimate the surface of every object by Crofton's formula in 13 directions.

    Lines through the voxels in each direction are counted where they enter and leave the object;
    the directions are weighted by the part of the sphere that is nearest to each (Legland, Kiêu &
    Devaux 2007, "Computation of Minkowski measures on 2D and 3D binary images", Image Analysis &
    Stereology 26:83-92), so that the voxels may be longer than wide. The surface is that between
    the object and all else: other objects, its own holes, and the border of the stack.

    Of balls and ellipsoids whose radii are at least 4 voxels the error is below 5 %, of balls
    below 2.5 %. Boxes along the axes, whose faces show to few of the directions, come out 8 to
    22 % too small.

    Parameters
    ----------
    labels
        (Z, Y, X) uint32, 0 = background.
    spacing
        Depth, height and width of a voxel, in one unit.
    highest
        The greatest label that may occur; looked up where it is not given.

    Returns
    -------
    areas
        (n + 1,) float64 in that unit squared; index = label, 0 for a label that is not there.
    """
    count = int(labels.max(initial=0)) if highest is None else highest
    crossings = np.zeros((count + 1, len(HALF)), np.int64)
    steps = np.array(HALF, np.int64)
    _count_crossings(labels, steps, crossings)
    return crossings @ _area_per_crossing(spacing)


@lru_cache
def _area_per_crossing(spacing: tuple[float, float, float]) -> Floats:
    """Give the surface that each crossing of a line of each direction stands for.

    Surface = 4 × mean over directions of the projected area, counted as often as lines enter: one
    entry for two crossings, and lines of a direction stand one voxel's volume over the step apart.
    """
    from scipy.spatial import SphericalVoronoi

    steps = np.array(HALF) * spacing
    lengths = np.linalg.norm(steps, axis=1)
    directions = steps / lengths[:, None]
    areas = SphericalVoronoi(np.concatenate([directions, -directions])).calculate_areas()
    weights = (areas[: len(HALF)] + areas[len(HALF) :]) / (4 * np.pi)
    return np.asarray(2.0 * weights * np.prod(spacing) / lengths)


@numba.njit(nogil=True, cache=True)
def _count_crossings(labels, steps, crossings):  # type: ignore[no-untyped-def]
    depth, height, width = labels.shape
    for z in range(depth):
        for y in range(height):
            for x in range(width):
                label = labels[z, y, x]
                if label == 0:
                    continue
                for k in range(steps.shape[0]):
                    for sign in (-1, 1):
                        nz = z + sign * steps[k, 0]
                        ny = y + sign * steps[k, 1]
                        nx = x + sign * steps[k, 2]
                        inside = 0 <= nz < depth and 0 <= ny < height and 0 <= nx < width
                        if not inside or labels[nz, ny, nx] != label:
                            crossings[label, k] += 1
