"""What a person wants of a stack or a time series."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StackMode(StrEnum):
    """What the planes along Z are to each other."""

    PLANES = "planes"
    STITCHED = "stitched"
    VOLUME = "volume"


class IntensityScope(StrEnum):
    """What shares one range of intensities."""

    PLANE = "plane"
    FRAME = "frame"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class StackWishes:
    """How planes and frames belong together.

    Attributes
    ----------
    mode
        Each plane by itself with numbers of its own, planes stitched by overlap, or one volume.
    link_frames
        Objects keep their number from frame to frame.
    anisotropy
        Distance of two planes over the side of a pixel; ``None`` = from the calibration.
    stitch_threshold
        Least overlap (intersection over union) of objects that are one, 0 to 1, in neighbouring
        planes and in frames in a row.
    flow_smoothing
        Sigma in voxels of a Gaussian over the flows of a volume, 0 = none.
    intensity_scope
        ``None`` = a volume has one range for each frame, all else one for each plane.
    half_precision
        Add the views of a volume up in float16.
    orthogonal_model
        Name of a model for the ZX and ZY planes of a volume; empty = the same.
    """

    mode: StackMode = StackMode.PLANES
    link_frames: bool = False
    anisotropy: float | None = None
    stitch_threshold: float = 0.25
    flow_smoothing: float = 0.0
    intensity_scope: IntensityScope | None = None
    half_precision: bool = False
    orthogonal_model: str = ""
