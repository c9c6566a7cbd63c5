"""Images and labels at other sizes, to see how a model does with smaller and larger cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.errors import InvalidParameterError
from cellwire.segmentation.resize import resize_nearest
from cellwire.segmentation.targets import median_diameter

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray

SMALLEST, LARGEST = 1 / 64, 64.0
LONGEST_SIDE = 1024
"""Enlarged images are cut to a window of this side: cells of 120 pixels need no more of them."""


@dataclass(frozen=True, slots=True)
class Rescaling:
    """How images are resized before they are segmented.

    Attributes
    ----------
    factor
        Of both sides; ``None`` if ``target`` says it.
    target
        Median diameter in pixels that the cells of each image get.
    """

    factor: float | None = None
    target: float | None = None

    def __str__(self) -> str:
        """As in tables: ``× 0.5`` or ``12 px``."""
        return f"{self.target:g} px" if self.target is not None else f"× {self.factor:g}"

    def factor_for(self, labels: AnyArray) -> float:
        """Give the factor for an image with these labels (Y, X); 1 where no cell tells it.

        Raises
        ------
        InvalidParameterError
            It is below 1/64 or above 64.
        """
        factor = self.factor
        if factor is None:
            diameter = median_diameter(labels)
            factor = (self.target or 0.0) / diameter if diameter else 1.0
        if not SMALLEST <= factor <= LARGEST:
            raise InvalidParameterError(
                f"An image can be resized by 1/64 to 64; {self} would resize one by {factor:.3g}.",
                "Choose another size.",
            )
        return factor


def rescale(
    image: AnyArray, labels: AnyArray, factor: float, longest_side: int = LONGEST_SIDE
) -> tuple[AnyArray, AnyArray]:
    """Resize an image and its labels.

    Images are averaged over areas when they shrink and interpolated linearly when they grow, and
    nothing is rounded: in an image of a few grey levels, steps between them would look like edges.
    Labels take the nearest pixel. What grew beyond ``longest_side`` is cut to the window with most
    cell pixels.

    Parameters
    ----------
    image, labels
        (..., Y, X) and (Y, X).
    factor
        Of both sides.
    longest_side
        In pixels; an image that is not enlarged is never cut.

    Returns
    -------
    image, labels
        float32, and of the labels' type; at least one pixel a side.
    """
    height, width = (max(1, round(side * factor)) for side in labels.shape)
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    planes = image.reshape(-1, *image.shape[-2:])
    resized = np.stack(
        [
            cv2.resize(plane.astype(np.float32), (width, height), interpolation=way)
            for plane in planes
        ]
    )
    new_labels = resize_nearest(labels, (height, width))
    rows, columns = slice(None), slice(None)
    if factor > 1:
        rows, columns = busiest_window(new_labels > 0, longest_side)
    resized = resized.reshape(*image.shape[:-2], height, width)
    return resized[..., rows, columns], new_labels[rows, columns]


def busiest_window(there: AnyArray, side: int) -> tuple[slice, slice]:
    """Give rows and columns of the first window of a side, or less, that holds most of a mask.

    Parameters
    ----------
    there
        (Y, X) bool.
    side
        In pixels.
    """
    high, wide = (min(side, length) for length in there.shape)
    total = np.zeros((there.shape[0] + 1, there.shape[1] + 1), np.int64)
    total[1:, 1:] = there.cumsum(axis=0, dtype=np.int64).cumsum(axis=1)
    inside = total[high:, wide:] - total[:-high, wide:] - total[high:, :-wide]
    inside += total[:-high, :-wide]
    row, column = np.unravel_index(int(inside.argmax()), inside.shape)
    return slice(int(row), int(row) + high), slice(int(column), int(column) + wide)
