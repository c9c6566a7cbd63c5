"""What was asked of stacks, held against one image before any work, in the command's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.errors import InvalidParameterError, ShapeMismatchError
from cellwire.jobs.stack import StackMode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cellwire.images.spec import Calibration
    from cellwire.jobs.stack import StackWishes

_OPTIONS = {
    StackMode.PLANES: "--each-plane",
    StackMode.STITCHED: "--stitch",
    StackMode.VOLUME: "--do-3d",
}


def check_stack(
    wishes: StackWishes,
    axes: str,
    shape: tuple[int, ...],
    region: Mapping[str, tuple[int, int]],
    calibration: Calibration,
) -> None:
    """Refuse what cannot be done with an image.

    Parameters
    ----------
    wishes
        What was asked.
    axes, shape, calibration
        Of the image.
    region
        Range of each axis that is not taken whole.

    Raises
    ------
    ShapeMismatchError
        The image lacks the axis, or the planes, that are asked for.
    InvalidParameterError
        A volume whose anisotropy is neither given nor known.
    """
    option = _OPTIONS[wishes.mode]
    if wishes.link_frames and "T" not in axes:
        raise ShapeMismatchError(
            f"--link time was asked for; the image has no frames along T (its axes are {axes}).",
            "Leave it out, or say with --axes which axis is T.",
        )
    if not set("TZ") & set(axes):
        raise ShapeMismatchError(
            f"{option} was asked for; the image is one plane (its axes are {axes}).",
            f"Leave {option} out, or say with --axes which axis is Z or T.",
        )
    if wishes.mode is StackMode.PLANES:
        return
    if "Z" not in axes:
        raise ShapeMismatchError(
            f"{option} was asked for; the image is a time series without planes along Z (its axes "
            f"are {axes}).",
            "Take --link time for a time series; if its frames are planes of a stack, say so "
            f"with --axes {axes.replace('T', 'Z')}.",
        )
    if wishes.mode is StackMode.STITCHED:
        return
    planes = shape[axes.index("Z")]
    start, stop = region.get("Z", (0, planes))
    if stop - start < 2:
        raise ShapeMismatchError(
            f"--do-3d needs at least 2 planes along Z; there is {stop - start}.",
            f"Take --each-plane, or leave out --do-3d{' or --plane Z' if 'Z' in region else ''}.",
        )
    if wishes.anisotropy is None:
        _check_calibration(calibration)


def _check_calibration(calibration: Calibration) -> None:
    side, distance = calibration.pixel, calibration.z
    if side and distance:
        return
    if side:
        missing = f"how far its planes are apart (its pixels are {side:.3g} µm)"
        example = f"for planes 1 µm apart --anisotropy {1 / side:.3g}"
    elif distance:
        missing = f"how large its pixels are (its planes are {distance:.3g} µm apart)"
        example = f"for pixels of 0.5 µm --anisotropy {distance / 0.5:.3g}"
    else:
        missing = "how far its planes are apart, nor how large its pixels are"
        example = "for planes 1 µm apart and pixels of 0.5 µm --anisotropy 2"
    raise InvalidParameterError(
        f"--do-3d needs the anisotropy of the stack, and the file does not say {missing}.",
        f"Give the distance of two planes over the side of a pixel: {example}.",
    )
