"""Resize images and flows by the diameter; the border that the network wants around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from cellwire.errors import InvalidParameterError
from cellwire.networks.plane_layout import Taps

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray

MULTIPLE = 16
"""The network halves the image four times at most."""

MARGIN = 8
"""Padding on every side beyond the multiple."""


def scale_for(diam_mean: float, diameter: float) -> float:
    """Give the factor that brings cells of a diameter to the size the network knows.

    The network's mean diameter counts as float32, as in the peer, so that lengths round alike.
    """
    return cast("float", np.float32(diam_mean) / diameter)


def scaled_shape(shape: tuple[int, int], scale: float) -> tuple[int, int]:
    """Give the (Y, X) of an image of a shape after scaling, in whole pixels, rounded down.

    Raises
    ------
    InvalidParameterError
        If nothing would be left.
    """
    height, width = int(shape[0] * scale), int(shape[1] * scale)
    if height < 1 or width < 1:
        raise InvalidParameterError(
            f"The diameter is too large for an image of {shape[0]} × {shape[1]} pixels: scaled by "
            f"{scale:.2g}, nothing is left of it.",
            "Give the diameter of the cells in pixels of this image.",
        )
    return height, width


def resize_linear(image: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Resize (Y, X, C) bilinearly; peer: ``transforms.resize_image`` with ``cv2.INTER_LINEAR``."""
    if image.shape[:2] == shape:
        return image
    resized: FloatArray = cv2.resize(image, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return resized.reshape(*shape, image.shape[2])


def resize_answer(answer: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Resize (C, Y, X) bilinearly; a contiguous array."""
    if answer.shape[1:] == shape:
        return np.ascontiguousarray(answer)
    resized = resize_linear(np.ascontiguousarray(answer.transpose(1, 2, 0)), shape)
    return np.ascontiguousarray(resized.transpose(2, 0, 1))


def linear_taps(old: tuple[int, int], new: tuple[int, int]) -> tuple[Taps, Taps] | None:
    """Give what `resize_linear` mixes, along Y and along X; ``None`` where it changes nothing.

    Centres of pixels are mapped to each other, in float32 as in ``cv2.INTER_LINEAR``.
    """
    if old == new:
        return None
    return _taps(old[0], new[0]), _taps(old[1], new[1])


def _taps(old: int, new: int) -> Taps:
    place = ((np.arange(new) + 0.5) * (1.0 / (new / old)) - 0.5).astype(np.float32)
    first = np.floor(place).astype(np.int64)
    share = place - first.astype(np.float32)
    share[(first < 0) | (first >= old - 1)] = 0.0
    first = np.clip(first, 0, old - 1)
    return Taps(first, np.minimum(first + 1, old - 1), share)


def resize_nearest(labels: AnyArray, shape: tuple[int, int]) -> AnyArray:
    """Resize (Y, X) by the nearest pixel (as ``cv2.INTER_NEAREST``), exact for any label."""
    rows, columns = (
        np.minimum((np.arange(new) * (1.0 / (new / old))).astype(np.int64), old - 1)
        for new, old in zip(shape, labels.shape, strict=True)
    )
    resized: AnyArray = labels[rows[:, None], columns]
    return resized


def padding(length: int) -> tuple[int, int]:
    """Give the pixels to add before and after a length (peer: ``transforms.get_pad_yx``)."""
    missing = -length % MULTIPLE
    return MARGIN + missing // 2, MARGIN + missing - missing // 2
