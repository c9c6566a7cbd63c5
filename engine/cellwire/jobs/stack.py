"""What a person wants of a stack or a time series."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cellwire.errors import InvalidParameterError, ShapeMismatchError

if TYPE_CHECKING:
    from cellwire.images.spec import Calibration


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
        Least overlap (intersection over union) of objects of neighbouring planes that are one, 0
        to 1.
    link_threshold
        The same in frames in a row, only with `link_frames`; ``None`` = `stitch_threshold`.
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
    link_threshold: float | None = None
    flow_smoothing: float = 0.0
    intensity_scope: IntensityScope | None = None
    half_precision: bool = False
    orthogonal_model: str = ""

    def __post_init__(self) -> None:
        """Refuse what no stack can have."""
        for what, overlap in (
            ("overlap", self.stitch_threshold),
            ("overlap from frame to frame", self.link_threshold),
        ):
            if overlap is not None and not 0 <= overlap <= 1:
                raise InvalidParameterError(
                    f"The least {what} must be from 0 to 1; it is {overlap:g}.",
                    "Choose for example 0.25: a quarter of the area of both together.",
                )
        if self.link_threshold is not None and not self.link_frames:
            raise InvalidParameterError(
                "An overlap from frame to frame was given, and frames are not linked.",
                "Leave it out, or have the frames linked.",
            )
        if self.anisotropy is not None and not (
            math.isfinite(self.anisotropy) and self.anisotropy > 0
        ):
            raise InvalidParameterError(
                f"The anisotropy must be above 0; it is {self.anisotropy:g}.",
                "Give the distance of two planes divided by the side of a pixel, for example 2 for "
                "planes 1 µm apart and pixels of 0.5 µm.",
            )
        if self.mode is not StackMode.VOLUME:
            for given, what in (
                (self.flow_smoothing != 0, "Smoothing of the flows along Z, Y and X"),
                (self.half_precision, "Half precision"),
                (bool(self.orthogonal_model), "A model for ZX and ZY planes"),
            ):
                if given:
                    raise InvalidParameterError(
                        f"{what} is for volumes; these planes are "
                        f"{'stitched' if self.mode is StackMode.STITCHED else 'apart'}.",
                        "Leave it out, or ask for a volume.",
                    )

    @property
    def scope(self) -> IntensityScope:
        """What shares one range of intensities, the default put in."""
        if self.intensity_scope is not None:
            return self.intensity_scope
        volume = self.mode is StackMode.VOLUME
        return IntensityScope.FRAME if volume else IntensityScope.PLANE

    def restarts(self, axes: str) -> str:
        """Say what numbers start anew with in results of these axes; see `StackSegmentation`."""
        if self.link_frames:
            return ""
        if self.mode is StackMode.PLANES:
            return "Z" if "Z" in axes else "T"
        return "T" if "T" in axes else ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for provenance and cache keys."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def settle(
    wishes: StackWishes, axes: str, shape: tuple[int, int, int, int], calibration: Calibration
) -> StackWishes:
    """Put in what the image decides, and refuse what it cannot be.

    Parameters
    ----------
    wishes
        What is wanted.
    axes
        Axes of the results, such as ``"ZYX"``.
    shape
        Frames, planes, rows and columns.
    calibration
        Size of a pixel, from which the anisotropy of a volume comes.

    Raises
    ------
    ShapeMismatchError
        There is no stack, or no series, to do it with.
    InvalidParameterError
        A volume whose anisotropy is neither given nor known.
    """
    frames, depth = shape[:2]
    if "Z" not in axes and "T" not in axes:
        raise ShapeMismatchError(
            "A stack was asked for; the image is one plane: it has neither an axis Z nor time.",
            "Segment it as a plane, or say which of its axes is Z or T.",
        )
    if wishes.link_frames and "T" not in axes:
        raise ShapeMismatchError(
            f"Frames are to be linked; the image has no time axis (its axes are {axes}).",
            "Leave linking out, or say which of its axes is T.",
        )
    if wishes.mode is not StackMode.PLANES and "Z" not in axes:
        what = "segmented as a volume" if wishes.mode is StackMode.VOLUME else "stitched"
        raise ShapeMismatchError(
            f"A stack along Z is {what}; this image is a time series of {frames} frames without an "
            "axis Z.",
            "Segment each plane by itself and link the frames; or, if the frames are planes of a "
            "stack, name that axis Z.",
        )
    if wishes.mode is StackMode.VOLUME and depth < 2:
        series = f", with {frames} frames in time" if frames > 1 else ""
        raise ShapeMismatchError(
            f"Segmenting in three dimensions needs at least 2 planes along Z; this image has 1"
            f"{series}.",
            "Segment it plane by plane, or give the stack that it comes from.",
        )
    anisotropy = wishes.anisotropy
    if wishes.mode is StackMode.VOLUME and anisotropy is None:
        anisotropy = _calibrated(calibration)
    if anisotropy is not None:
        anisotropy = float(anisotropy)
    overlap = wishes.link_threshold
    if wishes.link_frames and overlap is None:
        overlap = wishes.stitch_threshold
    return replace(
        wishes, anisotropy=anisotropy, intensity_scope=wishes.scope, link_threshold=overlap
    )


def _calibrated(calibration: Calibration) -> float:
    if calibration.pixel and calibration.z:
        return calibration.z / calibration.pixel
    missing = "how far its planes are apart" if calibration.pixel else "how large a pixel is"
    raise InvalidParameterError(
        f"A volume needs its anisotropy, and the image does not say {missing}.",
        "Give the anisotropy (the distance of two planes divided by the side of a pixel, for "
        "example 2 for planes 1 µm apart and pixels of 0.5 µm), or set the image's calibration.",
    )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, StrEnum) else value
