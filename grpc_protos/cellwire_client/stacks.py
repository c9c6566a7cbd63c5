"""How planes and frames belong together, from keyword arguments to the request.

What can be seen to be refused is refused here, before a stack of gigabytes is sent.
"""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence

from cellwire_api.v1 import array_pb2, segmentation_service_pb2, stack_parameters_pb2
from cellwire_client.errors import IncompatibleEngineError, InvalidRequestError
from cellwire_client.options import SegmentOptions, StackOptions
from cellwire_client.parameters import number

MODES = {
    "planes": stack_parameters_pb2.STACK_MODE_PLANES,
    "stitched": stack_parameters_pb2.STACK_MODE_STITCHED,
    "volume": stack_parameters_pb2.STACK_MODE_VOLUME,
}
"""What the planes along Z are to each other, by name."""

INTENSITY_SCOPES = {
    "plane": stack_parameters_pb2.INTENSITY_SCOPE_PLANE,
    "frame": stack_parameters_pb2.INTENSITY_SCOPE_FRAME,
    "whole": stack_parameters_pb2.INTENSITY_SCOPE_WHOLE,
}
"""What shares one range of intensities, by name."""

STACK_REVISION = 2
"""Revision of the protocol from which engines take stacks."""

_COUNTED = {"Z": "planes along Z", "T": "frames along T"}


def stack_parameters(
    options: SegmentOptions,
    axes: str,
    shape: Sequence[int],
    calibration: Optional[array_pb2.Calibration],
) -> Optional[stack_parameters_pb2.StackParameters]:
    """Put what was said of a stack together.

    Parameters
    ----------
    options
        Those of `StackOptions`, and ``region``.
    axes, shape
        Of the image.
    calibration
        Size of a pixel and distance of planes, as far as they are known.

    Returns
    -------
    StackParameters or None
        ``None`` = one plane is segmented.

    Raises
    ------
    InvalidRequestError
        If there are several planes and it was not said what they are to each other, or the wishes
        fit neither each other nor the image.
    """
    lengths = _lengths(options, axes, shape)
    mode = options.get("stack")
    if mode is None:
        _refuse_strays(options)
        _refuse_several(lengths)
        return None
    if not isinstance(mode, str) or mode not in MODES:
        raise InvalidRequestError(
            f"There is no way {mode!r} to segment a stack.", f"Choose among {', '.join(MODES)}."
        )
    made = stack_parameters_pb2.StackParameters(mode=MODES[mode])
    _set(made, options)
    if not lengths:
        raise InvalidRequestError(
            f"The image is no stack: its axes are {axes}.",
            "Leave stack= out, or name the axis of planes (Z) or of frames (T) in axes=.",
            "SHAPE_MISMATCH",
        )
    if "unedited_labels" in (options.get("outputs") or ()):
        raise InvalidRequestError(
            "Labels before size and edge removal are there for one plane, not for a stack.",
            "Leave unedited_labels out of outputs=.",
        )
    if made.link_frames and "T" not in lengths:
        raise InvalidRequestError(
            f"link_frames is about frames along T; the axes of the image are {axes}.",
            "Leave it out, or name the axis of frames (T) in axes=.",
            "SHAPE_MISMATCH",
        )
    if made.HasField("link_threshold") and not made.link_frames:
        raise InvalidRequestError(
            "link_threshold is about linked frames, and link_frames was not given.",
            "Say link_frames=True, or leave link_threshold out.",
        )
    if mode != "planes" and "Z" not in lengths:
        raise InvalidRequestError(
            f"stack={mode!r} needs planes along Z; the image is a time series without (axes "
            f"{axes}).",
            "Take stack='planes' with link_frames=True for a time series; if its frames are planes "
            "of a stack, name that axis Z in axes=.",
            "SHAPE_MISMATCH",
        )
    if mode == "volume":
        _check_volume(made, lengths["Z"], calibration)
    return made


def check_revision(
    request: segmentation_service_pb2.SegmentRequest, revision: int, place: str
) -> None:
    """Refuse to send a stack to an engine that would take it for something else.

    Raises
    ------
    IncompatibleEngineError
        If the engine's protocol is older than stacks.
    """
    if request.HasField("stack") and revision < STACK_REVISION:
        raise IncompatibleEngineError(
            f"The engine at {place} does not know stacks: its protocol has revision {revision}, "
            f"stacks need {STACK_REVISION}.",
            "Update the engine, or segment plane by plane: stack left out, and one plane chosen "
            "with region.",
        )


def _lengths(options: SegmentOptions, axes: str, shape: Sequence[int]) -> Dict[str, int]:
    """Count frames and planes that the region leaves; what it may be is the engine's to say."""
    region = {axis.upper(): limits for axis, limits in (options.get("region") or {}).items()}
    lengths = {}
    for axis, length in zip(axes, shape):
        if axis in _COUNTED:
            start, stop = region.get(axis, (0, length))
            lengths[axis] = max(0, min(stop, length) - start)
    return lengths


def _refuse_several(lengths: Dict[str, int]) -> None:
    for axis, length in lengths.items():
        if length > 1:
            raise InvalidRequestError(
                f"The image has {length} {_COUNTED[axis]}, and it was not said what they are to "
                "each other.",
                "Say stack='planes' (each by itself), 'stitched' (by overlap) or 'volume' (true "
                f"3D), or choose one with region={{'{axis}': (0, 1)}}.",
                "SHAPE_MISMATCH",
            )


def _refuse_strays(options: SegmentOptions) -> None:
    for name in StackOptions.__annotations__:
        if options.get(name) not in (None, False, ""):
            raise InvalidRequestError(
                f"{name} is about stacks, and stack= was not given.",
                f"Say stack= and one of {', '.join(MODES)}, or leave {name} out.",
            )


def _check_volume(
    made: stack_parameters_pb2.StackParameters,
    planes: int,
    calibration: Optional[array_pb2.Calibration],
) -> None:
    if planes < 2:
        raise InvalidRequestError(
            f"A volume needs at least 2 planes along Z; there is {planes}.",
            "Segment it as a plane (stack='planes'), or give the whole stack.",
            "SHAPE_MISMATCH",
        )
    if made.HasField("anisotropy"):
        return
    known = calibration is not None and calibration.HasField("z_micrometres")
    if not known:
        raise InvalidRequestError(
            "A volume needs the distance of its planes, and it is not known.",
            "Give anisotropy= (distance of two planes over the side of a pixel, such as 2.0), or "
            "pixel_size=(z, y, x) in micrometres.",
        )


def _set(made: stack_parameters_pb2.StackParameters, options: SegmentOptions) -> None:
    values: Dict[str, Any] = dict(options)
    for name in ("anisotropy", "stitch_threshold", "link_threshold", "flow_smoothing"):
        if values.get(name) is not None:
            setattr(made, name, number(name, values[name]))
    for name in ("link_frames", "half_precision"):
        if values.get(name) is not None:
            setattr(made, name, bool(values[name]))
    made.orthogonal_model = values.get("orthogonal_model") or ""
    scope = values.get("intensity_scope")
    if scope is not None:
        if not isinstance(scope, str) or scope not in INTENSITY_SCOPES:
            raise InvalidRequestError(
                f"There is no intensity_scope {scope!r}.",
                f"Choose among {', '.join(INTENSITY_SCOPES)}.",
            )
        made.intensity_scope = INTENSITY_SCOPES[scope]
