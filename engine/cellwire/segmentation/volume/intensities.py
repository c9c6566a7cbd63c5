"""Intensities of a stack to the network's input, plane by plane."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.normalise import SUBSAMPLE_ABOVE, is_constant, normalise
from cellwire.segmentation.parameters import CELLPOSE3, Normalisation

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import AnyArray, FloatArray

PLANES = 50
"""Of a large stack about so many planes enter the percentiles, as in the peer."""


def plane_normaliser(
    image: AnyArray, settings: Normalisation, by_stack: bool, compat: str | None
) -> Callable[[int], FloatArray]:
    """Give what normalises one plane of a stack (peer: ``transforms.normalize_img``, norm3D).

    Parameters
    ----------
    image
        (Z, Y, X, C), any real type.
    settings
        What to do, as for a plane.
    by_stack
        One range of intensities for the whole stack, each channel for itself; else every plane
        has its own.
    compat
        As in `cellwire.segmentation.normalise.normalise`.

    Returns
    -------
    plane_at
        Gives, for a z, (C, Y, X) float32.
    """
    channels = image.shape[3]
    own: list[Normalisation | float | None] = [settings] * channels
    if by_stack and settings.enabled and settings.fixed_range is None:
        own = [_channel(image[..., c], settings, compat == CELLPOSE3) for c in range(channels)]

    def plane_at(z: int) -> FloatArray:
        planes = np.empty((channels, *image.shape[1:3]), np.float32)
        for c, what in enumerate(own):
            if what is None:
                planes[c] = image[z, ..., c]
            elif isinstance(what, Normalisation):
                planes[c] = normalise(image[z, ..., c : c + 1], what, 1, None, compat)[..., 0]
            else:
                planes[c] = what
        return planes

    return plane_at


def _channel(stack: AnyArray, settings: Normalisation, peer: bool) -> Normalisation | float | None:
    """Give the range of a channel, or the one value that it becomes, or None to leave it."""
    values = stack
    if stack.size > SUBSAMPLE_ABOVE:
        steps = [max(1, stack.shape[0] // PLANES)]
        steps += [max(1, length // 224) for length in stack.shape[1:]]
        values = stack[tuple(slice(None, None, step) for step in steps)]
    values = np.ascontiguousarray(values, np.float32)
    low, high = np.percentile(values, settings.percentiles).astype(np.float32).tolist()
    if not is_constant(low, high, peer):
        return replace(settings, fixed_range=(low, high))
    if not peer:
        return 0.0
    # The peer leaves a constant channel as it is, and inverts one of little contrast.
    if stack.max() == stack.min():
        return None
    return 1.0 if settings.invert else 0.0
