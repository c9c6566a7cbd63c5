"""Images as they are shown in pictures: stretched, in colours, enlarged, with outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.outputs.colours import grey

if TYPE_CHECKING:
    from cellwire.outputs.colours import Picture
    from cellwire.segmentation.arrays import AnyArray, BoolArray


def shown(image: AnyArray) -> Picture:
    """Give (Y, X, 3) of a segmented (Y, X, C): grey, a second channel that is not empty in blue."""
    first = grey(image[..., 0])
    if image.shape[2] == 1 or not image[..., 1].any():
        return as_rgb(first)
    return np.stack([first, first, np.maximum(first, grey(image[..., 1]))], axis=-1)


def as_rgb(plane: Picture) -> Picture:
    """Give (Y, X, 3) of (Y, X)."""
    return np.repeat(plane[..., None], 3, axis=2)


def scaled(picture: Picture, side: int) -> Picture:
    """Bring the longer side to about a length: enlarged by a whole factor, or reduced."""
    longer = max(picture.shape[:2])
    factor = max(1.0, side // longer) if longer <= side else side / longer
    size = [max(1, round(length * factor)) for length in picture.shape[1::-1]]
    way = cv2.INTER_NEAREST if factor >= 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)


def edges(labels: AnyArray, shape: tuple[int, ...]) -> BoolArray:
    """Mark the edges between objects on an enlarged or reduced picture, two pixels wide.

    Parameters
    ----------
    labels
        (Y, X).
    shape
        Of the picture, height and width first.
    """
    height, width = shape[:2]
    rows = np.minimum((np.arange(height) + 0.5) * labels.shape[0] / height, labels.shape[0] - 1)
    columns = np.minimum((np.arange(width) + 0.5) * labels.shape[1] / width, labels.shape[1] - 1)
    seen = labels[rows.astype(int)[:, None], columns.astype(int)]
    found = np.zeros(seen.shape, bool)
    found[1:] |= seen[1:] != seen[:-1]
    found[:, 1:] |= seen[:, 1:] != seen[:, :-1]
    return np.asarray(cv2.dilate(found.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0)
