"""Resize stacks by the diameter and the anisotropy, plane by plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import AnyArray, FloatArray

Shape = tuple[int, int, int]


def scaled_volume(shape: Shape, scale: float, anisotropy: float) -> Shape:
    """Give the (Z, Y, X) of a stack for the network, in whole voxels, rounded down as the peer.

    Raises
    ------
    InvalidParameterError
        If nothing would be left.
    """
    # In this order, in float32: lengths round as the peer's.
    scaled = int(shape[0] * anisotropy * scale), int(shape[1] * scale), int(shape[2] * scale)
    if min(scaled) < 1:
        raise InvalidParameterError(
            f"A stack of {shape[0]} × {shape[1]} × {shape[2]} voxels becomes {scaled[0]} × "
            f"{scaled[1]} × {scaled[2]} for this diameter and anisotropy: nothing is left of it.",
            "Give the diameter in pixels of this image, and the distance of two planes over the "
            "side of a pixel as anisotropy.",
        )
    return scaled


def resize_stack(
    plane_at: Callable[[int], FloatArray],
    depth: int,
    target: AnyArray,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Resize a stack bilinearly in its planes, then linearly between them.

    The same numbers as ``cv2.INTER_LINEAR`` on YX planes and then on ZX planes (peer:
    ``transforms.resize_image`` in ``CellposeModel._run_net`` 3.1.1.3), but with two planes in
    memory at a time.

    Parameters
    ----------
    plane_at
        Gives, for a z below ``depth``, (A, Y, X) float32.
    depth
        Number of planes.
    target
        (A, z, y, x), filled.
    progress
        Called with (planes done, planes); may raise to stop.
    """
    count, size = target.shape[1], target.shape[2:]
    recent: dict[int, FloatArray] = {}

    def resized(z: int) -> FloatArray:
        if z not in recent:
            for old in [key for key in recent if key < z - 1]:
                del recent[old]
            planes = plane_at(z)
            if planes.shape[1:] != size:
                planes = np.stack(
                    [
                        cv2.resize(each, size[::-1], interpolation=cv2.INTER_LINEAR)
                        for each in planes
                    ]
                )
            recent[z] = planes
        return recent[z]

    for index in range(count):
        low, high, share = _neighbours(index, depth, count)
        plane = resized(low)
        if share > 0 and high != low:
            plane = plane * (np.float32(1) - share) + resized(high) * share
        target[:, index] = plane
        if progress is not None:
            progress(index + 1, count)


def _neighbours(index: int, old: int, new: int) -> tuple[int, int, np.float32]:
    at = np.float32((index + 0.5) * (1.0 / (new / old)) - 0.5)
    low = math.floor(at)
    share = at - np.float32(low)
    return min(max(low, 0), old - 1), min(max(low + 1, 0), old - 1), share


def resize_labels(labels: AnyArray, target: AnyArray, part: slice = slice(None)) -> None:
    """Resize (Z, Y, X) labels by the nearest voxel, as ``cv2.INTER_NEAREST``, into ``target``.

    Of the target, the planes of ``part`` are filled.
    """
    planes, rows, columns = (
        np.minimum((np.arange(new) * (1.0 / (new / old))).astype(np.int64), old - 1)
        for new, old in zip(target.shape, labels.shape, strict=True)
    )
    for z in range(len(planes))[part]:
        plane = planes[z]
        target[z] = labels[plane][rows[:, None], columns]
