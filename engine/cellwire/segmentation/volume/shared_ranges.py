"""Planes of a stack that share a range of intensities, normalised one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.normalise import normalise
from cellwire.segmentation.volume.intensities import channel_ranges, plane_normaliser

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, BoolArray, FloatArray
    from cellwire.segmentation.parameters import Normalisation
    from cellwire.segmentation.volume.intensities import ChannelRange


class StackIntensities:
    """Gives the planes of a stack as the network takes them.

    Parameters
    ----------
    image
        (T, Z, Y, X, C), any real type; read when it is needed.
    settings, compat
        As in `cellwire.segmentation.normalise.normalise`.
    shared
        ``"plane"``: each has its own range; ``"frame"``: those of a frame share one;
        ``"whole"``: all do.
    mask
        (Y, X); pixels where it is False do not enter the percentiles.
    """

    def __init__(
        self,
        image: AnyArray,
        settings: Normalisation,
        compat: str | None,
        shared: str,
        mask: BoolArray | None = None,
    ) -> None:
        self._image = image
        self._settings = settings
        self._compat = compat
        self._shared = shared
        self._mask = mask
        self._ranges: dict[int, tuple[ChannelRange, ...]] = {}

    def ranges(self, frame: int) -> tuple[ChannelRange, ...]:
        """Give the range of each channel that all planes of a frame share."""
        key = 0 if self._shared == "whole" else frame
        if key not in self._ranges:
            values = self._image if self._shared == "whole" else self._image[frame]
            self._ranges[key] = channel_ranges(values, self._settings, self._compat, self._mask)
        return self._ranges[key]

    def plane(self, frame: int, plane: int, channels: int) -> FloatArray:
        """Give a normalised plane (Y, X, channels) float32; missing channels are zeros."""
        if self._shared == "plane":
            return normalise(
                self._image[frame, plane], self._settings, channels, self._mask, self._compat
            )
        own = plane_normaliser(
            self._image[frame], self._settings, True, self._compat, self.ranges(frame)
        )(plane)
        planes = np.zeros((*own.shape[1:], channels), np.float32)
        planes[..., : len(own)] = np.moveaxis(own, 0, -1)
        return planes
