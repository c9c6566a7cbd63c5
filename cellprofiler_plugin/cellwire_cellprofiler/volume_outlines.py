"""Outlines over a stack, which CellProfiler's figures draw over planes only."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

import numpy as np

Outlined = Tuple[Any, Sequence[int]]
"""(Z, Y, X) labels, and the red, green and blue of their outlines, 0 to 255."""


def draw(image: Any, *outlined: Outlined) -> Any:
    """Draw the outlines of objects in the planes of a stack.

    Parameters
    ----------
    image
        (Z, Y, X) of any real type.
    *outlined
        Labels and their colours; the last are drawn over the others.

    Returns
    -------
    array
        (Z, Y, X, 3) float32, 0 to 1; the image from its least to its greatest value.
    """
    low, high = float(image.min()), float(image.max())
    drawn = np.empty((*image.shape, 3), np.float32)
    drawn[:] = ((image - low) / max(high - low, 1e-12))[..., np.newaxis]
    for objects, colour in outlined:
        drawn[rims(objects)] = np.asarray(colour, np.float32) / 255
    return drawn


def rims(labels: Any) -> Any:
    """Find the pixels of objects beside which, in the same plane, another label lies.

    Parameters
    ----------
    labels
        (Z, Y, X) labels, 0 = background.

    Returns
    -------
    array
        (Z, Y, X) bool.
    """
    rim = np.zeros(labels.shape, bool)
    for axis in (1, 2):
        step = np.diff(labels, axis=axis) != 0
        before = [slice(None)] * 3
        after = [slice(None)] * 3
        before[axis], after[axis] = slice(None, -1), slice(1, None)
        rim[tuple(before)] |= step
        rim[tuple(after)] |= step
    return rim & (labels > 0)
