"""A contact sheet, to judge simulated pictures by eye."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.training.simulation.composing import Simulated

OUTLINE = (255, 120, 0)
GAP = 4


def contact_sheet(pictures: Sequence[Simulated], columns: int) -> bytes:
    """Draw pictures in rows, every second one with the outlines of its labels.

    Returns
    -------
    bytes
        Of a PNG file.
    """
    shown = [_tile(each, number % 2 == 1) for number, each in enumerate(pictures)]
    height, width = shown[0].shape[:2]
    rows = -(-len(shown) // columns)
    sheet = np.full((rows * (height + GAP), columns * (width + GAP), 3), 24, np.uint8)
    for number, tile in enumerate(shown):
        top, left = number // columns * (height + GAP), number % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = tile
    done, data = cv2.imencode(".png", sheet[..., ::-1])
    assert done  # noqa: S101
    return bytes(data)


def _tile(picture: Simulated, outlined: bool) -> npt.NDArray[np.uint8]:
    first, second = (_stretched(plane) for plane in picture.image)
    colour = np.stack([first, first, np.maximum(first, 0.9 * second)], axis=-1)
    tile = np.ascontiguousarray((colour * 255).astype(np.uint8))
    if outlined:
        labels = picture.labels
        edge = np.zeros(labels.shape, bool)
        edge[1:] |= labels[1:] != labels[:-1]
        edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
        tile[edge] = OUTLINE
    text = f"{picture.name.removeprefix('sim_')}: {int(picture.labels.max())}"
    cv2.putText(tile, text, (4, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(tile, text, (4, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (90, 255, 90), 1, cv2.LINE_AA)
    return tile


def _stretched(plane: AnyArray) -> FloatArray:
    low, high = np.percentile(plane, [1.0, 99.5])
    span = max(float(high - low), 1e-6)
    return np.asarray(np.clip((plane - low) / span, 0, 1), np.float32)
