"""The wishes for a stack, from the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.errors import InvalidParameterError
from cellwire.jobs.stack import IntensityScope, StackMode, StackWishes
from cellwire_api.v1 import stack_parameters_pb2

if TYPE_CHECKING:
    from cellwire_api.v1.stack_parameters_pb2 import StackParameters

_API = stack_parameters_pb2
_MODES = {
    _API.STACK_MODE_UNSPECIFIED: StackMode.PLANES,
    _API.STACK_MODE_PLANES: StackMode.PLANES,
    _API.STACK_MODE_STITCHED: StackMode.STITCHED,
    _API.STACK_MODE_VOLUME: StackMode.VOLUME,
}
_SCOPES = {
    _API.INTENSITY_SCOPE_UNSPECIFIED: None,
    _API.INTENSITY_SCOPE_PLANE: IntensityScope.PLANE,
    _API.INTENSITY_SCOPE_FRAME: IntensityScope.FRAME,
    _API.INTENSITY_SCOPE_WHOLE: IntensityScope.WHOLE,
}
_SAME = (
    "link_frames",
    "anisotropy",
    "stitch_threshold",
    "link_threshold",
    "flow_smoothing",
    "half_precision",
)


def read_stack(message: StackParameters) -> StackWishes:
    """Read how planes and frames belong together; the orthogonal model's name comes bare.

    Raises
    ------
    InvalidParameterError
        A mode or a scope that this engine does not know, or a value out of its range.
    """
    for what, value, known in (
        ("mode of the stack", message.mode, _MODES),
        ("scope of intensities", message.intensity_scope, _SCOPES),
    ):
        if value not in known:
            raise InvalidParameterError(
                f"The {what} is {value}, which this engine does not know.", "Leave it out."
            )
    return StackWishes(
        mode=_MODES[message.mode],
        intensity_scope=_SCOPES[message.intensity_scope],
        orthogonal_model=message.orthogonal_model.removeprefix("models/"),
        **{name: getattr(message, name) for name in _SAME if message.HasField(name)},
    )
