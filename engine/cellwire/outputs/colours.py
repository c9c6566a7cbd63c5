"""Colours of labels and flows."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from cellwire.segmentation.arrays import AnyArray, FloatArray

    Picture = npt.NDArray[np.uint8]

GOLDEN = 0.618033988749895


def label_colours(labels: AnyArray) -> Picture:
    """Give (Y, X, 3) with a colour for each object, neighbours' ids far apart in hue."""
    count = int(labels.max(initial=0))
    table = np.zeros((count + 1, 3), np.uint8)
    for label in range(1, count + 1):
        hue, turn = (label * GOLDEN) % 1.0, label % 3
        table[label] = np.multiply(colorsys.hsv_to_rgb(hue, 0.55 + 0.2 * turn, 1.0), 255)
    return np.asarray(table[labels])


def flow_colours(flows: FloatArray) -> Picture:
    """Give (Y, X, 3): the hue is the direction of the flow, the brightness its strength."""
    dy, dx = flows
    strength = np.hypot(dy, dx)
    high = float(np.percentile(strength, 99)) or 1.0
    hsv = np.empty((*dy.shape, 3), np.uint8)
    hsv[..., 0] = np.clip((np.arctan2(dy, dx) / np.pi + 1.0) * 90.0, 0, 179)
    hsv[..., 1] = 255
    hsv[..., 2] = np.clip(strength / high, 0, 1) * 255
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def grey(array: AnyArray, low: float = 0.5, high: float = 99.8) -> Picture:
    """Stretch (Y, X) between two percentiles to 0..255."""
    bottom, top = np.percentile(array, [low, high])
    span = float(top - bottom) or 1.0
    scaled = (np.asarray(array, np.float32) - np.float32(bottom)) / np.float32(span)
    return np.asarray(np.clip(scaled, 0, 1) * 255, np.uint8)
