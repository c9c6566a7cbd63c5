"""Where an image's labels are known, for images that are labelled in part only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, BoolArray

LEAST_REACH = 2


def labelled_area(labels: AnyArray, diameter: float) -> BoolArray:
    """Give the part of an image in which cells were traced.

    The union of the cells is closed, over gaps of half a cell, and widened by a tenth of one, so
    that the borders between cells and around them are learnt.

    Parameters
    ----------
    labels
        (Y, X), 0 = background or unlabelled.
    diameter
        Median diameter of the cells in pixels.

    Returns
    -------
    area
        (Y, X).
    """
    gap = max(LEAST_REACH, round(diameter / 4.0))
    rim = max(LEAST_REACH, round(diameter / 10.0))
    # Room on every side, so that closing does not stick to the border.
    union = np.pad((labels > 0).astype(np.uint8), gap + 1)
    closed = cv2.morphologyEx(union, cv2.MORPH_CLOSE, _disk(gap))
    wide = cv2.dilate(closed, _disk(rim))
    inner = wide[gap + 1 : -gap - 1, gap + 1 : -gap - 1]
    return np.ascontiguousarray(inner > 0)


def _disk(radius: int) -> AnyArray:
    return np.asarray(
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    )
