"""What the segmentation of a stack, a time series or both gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cellwire.segmentation.arrays import AnyArray, FloatArray, LabelArray


@dataclass(frozen=True, slots=True)
class StackSegmentation:
    """Labels of a stack and all that led to them; its arrays may be views of files.

    Attributes
    ----------
    axes
        Axes of ``labels``: ``"ZYX"``, ``"TYX"`` or ``"TZYX"``.
    restarts
        What numbers start anew with: ``""`` = one object has one number everywhere, ``"T"`` =
        each frame is numbered from 1, ``"Z"`` = each plane (of each frame) is.
    labels
        uint32, 0 = background.
    flows
        (2, *axes) float32, dY and dX, or of volumes (3, *axes), dZ, dY and dX, float32 or float16.
    cellprob
        As ``labels``, in the type of ``flows``: logit of being in a cell, of volumes the sum
        of three.
    styles
        (parts, 256) float32; a part is a plane, T before Z, or of volumes a frame.
    diameters, median_diameters
        For each part, in pixels: as used to resize it, and of the objects found (0 if none).
    count
        Number of objects; one that has a number in several planes or frames is one.
    anisotropy
        Distance of two planes over the side of a pixel as it was used, 1 where it was not.
    seconds
        Time of each stage.
    """

    axes: str
    restarts: str
    labels: LabelArray
    flows: AnyArray
    cellprob: AnyArray
    styles: FloatArray
    diameters: tuple[float, ...]
    median_diameters: tuple[float, ...]
    count: int
    anisotropy: float = 1.0
    seconds: Mapping[str, float] = field(default_factory=dict)
