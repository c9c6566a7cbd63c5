"""Intensities of a stack to the network's input, plane by plane."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from cellwire.segmentation.normalise import (
    SUBSAMPLE_ABOVE,
    is_constant,
    normalise,
    percentile_range,
)
from cellwire.segmentation.parameters import CELLPOSE3, Normalisation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cellwire.segmentation.arrays import AnyArray, BoolArray, FloatArray

ChannelRange: TypeAlias = Normalisation | float | None
"""How a channel is normalised, or the one value that it becomes, or ``None`` to leave it."""

PLANES = 50
"""Of a large stack about so many planes enter the percentiles, as in the peer."""


def channel_ranges(
    image: AnyArray, settings: Normalisation, compat: str | None, mask: BoolArray | None = None
) -> tuple[ChannelRange, ...]:
    """Give one range of intensities to all planes, each channel for itself.

    Parameters
    ----------
    image
        (Z, Y, X, C) or (T, Z, Y, X, C), any real type; read in a grid of its pixels.
    settings
        What to do, as for a plane.
    compat
        As in `cellwire.segmentation.normalise.normalise`.
    mask
        (Y, X); pixels where it is False do not enter the percentiles.
    """
    if not settings.enabled or settings.fixed_range is not None:
        return (settings,) * int(image.shape[-1])
    peer = compat == CELLPOSE3
    return tuple(_channel(image[..., c], settings, peer, mask) for c in range(image.shape[-1]))


def plane_normaliser(
    image: AnyArray,
    settings: Normalisation,
    by_stack: bool,
    compat: str | None,
    ranges: Sequence[ChannelRange] | None = None,
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
    ranges
        Instead of the stack's own: from `channel_ranges`, of all that share a range.

    Returns
    -------
    plane_at
        Gives, for a z, (C, Y, X) float32.
    """
    channels = image.shape[3]
    own: Sequence[ChannelRange] = [settings] * channels
    if ranges is not None:
        own = ranges
    elif by_stack:
        own = channel_ranges(image, settings, compat)

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


def _channel(
    stack: AnyArray, settings: Normalisation, peer: bool, mask: BoolArray | None
) -> ChannelRange:
    values = stack
    if stack.size > SUBSAMPLE_ABOVE:
        grid = _grid(stack.shape)
        values = stack[grid]
        mask = None if mask is None or not mask[grid[-2:]].any() else mask[grid[-2:]]
    if mask is not None:
        values = values[..., mask]
    values = np.ascontiguousarray(values, np.float32)
    if not values.size:
        return 0.0
    low, high = (float(limit) for limit in percentile_range(values, settings, peer))
    if not is_constant(low, high, peer):
        return replace(settings, fixed_range=(low, high))
    if not peer:
        return 0.0
    # The peer leaves a constant channel as it is, and inverts one of little contrast.
    if stack.max() == stack.min():
        return None
    return 1.0 if settings.invert else 0.0


def _grid(shape: tuple[int, ...]) -> tuple[slice, ...]:
    """Give every how many frames, planes, rows and columns enter the percentiles."""
    every, counted = [], 1
    for length in shape[:-2]:
        every.append(max(1, length * counted // PLANES))
        counted *= len(range(0, length, every[-1]))
    every += [max(1, length // 224) for length in shape[-2:]]
    return tuple(slice(None, None, step) for step in every)
