"""The mask of a stack: only its surroundings are sent, and objects end at it.

The engine takes no mask of three dimensions, so that this is done here, on its labels.
"""

from __future__ import annotations

from typing import Any, Tuple

import numpy as np

MARGIN = 32
"""Pixels around the mask that the engine sees as well, so that it knows what lies at its border."""

Box = Tuple[slice, slice, slice]


def surroundings(mask: Any, anisotropy: float) -> Box:
    """Find the part of a stack that holds the mask and a margin around it.

    Parameters
    ----------
    mask
        (Z, Y, X) bool; all of the stack if nothing is in it.
    anisotropy
        Distance of two planes over the side of a pixel: the margin has fewer planes than pixels.

    Returns
    -------
    tuple of slice
        Of Z, Y and X; at least 2 planes.
    """
    if not mask.any():
        return tuple(slice(0, length) for length in mask.shape)  # type: ignore[return-value]
    found = []
    margins = (max(1, round(MARGIN / anisotropy)), MARGIN, MARGIN)
    for axis, margin in enumerate(margins):
        others = tuple(other for other in range(3) if other != axis)
        inside = np.flatnonzero(mask.any(axis=others))
        stop = min(mask.shape[axis], int(inside[-1]) + 1 + margin)
        found.append(slice(max(0, int(inside[0]) - margin), stop))
    return (found[0], found[1], found[2])


def confine(labels: Any, mask: Any, min_size: int, drop_touching: bool) -> Any:
    """Cut labels at a mask.

    Parameters
    ----------
    labels
        (Z, Y, X) labels, 0 = background.
    mask
        (Z, Y, X) bool, False where nothing may be.
    min_size
        What is left of an object is dropped if it has fewer voxels.
    drop_touching
        Whether objects that touch the border of the mask, or of the stack, are dropped whole.

    Returns
    -------
    array
        Labels with gaps in their numbers where objects were dropped.
    """
    from scipy.ndimage import binary_erosion

    inside = np.where(mask, labels, 0)
    voxels = np.bincount(inside.ravel())
    stays = voxels >= min_size
    if drop_touching:
        rim = mask & ~binary_erosion(mask)
        stays[inside[rim]] = False
    stays[0] = False
    return np.where(stays[inside], inside, 0)


def put_back(part: Any, box: Box, shape: Tuple[int, ...], fill: float = 0.0) -> Any:
    """Put a part (..., Z, Y, X) where it was cut out of a stack of this shape, in a new array."""
    whole = np.full((*part.shape[:-3], *shape), fill, part.dtype)
    whole[(..., *box)] = part
    return whole
