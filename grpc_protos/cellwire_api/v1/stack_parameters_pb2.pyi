from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StackMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STACK_MODE_UNSPECIFIED: _ClassVar[StackMode]
    STACK_MODE_PLANES: _ClassVar[StackMode]
    STACK_MODE_STITCHED: _ClassVar[StackMode]
    STACK_MODE_VOLUME: _ClassVar[StackMode]

class IntensityScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INTENSITY_SCOPE_UNSPECIFIED: _ClassVar[IntensityScope]
    INTENSITY_SCOPE_PLANE: _ClassVar[IntensityScope]
    INTENSITY_SCOPE_FRAME: _ClassVar[IntensityScope]
    INTENSITY_SCOPE_WHOLE: _ClassVar[IntensityScope]
STACK_MODE_UNSPECIFIED: StackMode
STACK_MODE_PLANES: StackMode
STACK_MODE_STITCHED: StackMode
STACK_MODE_VOLUME: StackMode
INTENSITY_SCOPE_UNSPECIFIED: IntensityScope
INTENSITY_SCOPE_PLANE: IntensityScope
INTENSITY_SCOPE_FRAME: IntensityScope
INTENSITY_SCOPE_WHOLE: IntensityScope

class StackParameters(_message.Message):
    __slots__ = ("mode", "link_frames", "anisotropy", "stitch_threshold", "flow_smoothing", "intensity_scope", "half_precision", "orthogonal_model", "link_threshold")
    MODE_FIELD_NUMBER: _ClassVar[int]
    LINK_FRAMES_FIELD_NUMBER: _ClassVar[int]
    ANISOTROPY_FIELD_NUMBER: _ClassVar[int]
    STITCH_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    FLOW_SMOOTHING_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_SCOPE_FIELD_NUMBER: _ClassVar[int]
    HALF_PRECISION_FIELD_NUMBER: _ClassVar[int]
    ORTHOGONAL_MODEL_FIELD_NUMBER: _ClassVar[int]
    LINK_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    mode: StackMode
    link_frames: bool
    anisotropy: float
    stitch_threshold: float
    flow_smoothing: float
    intensity_scope: IntensityScope
    half_precision: bool
    orthogonal_model: str
    link_threshold: float
    def __init__(self, mode: _Optional[_Union[StackMode, str]] = ..., link_frames: bool = ..., anisotropy: _Optional[float] = ..., stitch_threshold: _Optional[float] = ..., flow_smoothing: _Optional[float] = ..., intensity_scope: _Optional[_Union[IntensityScope, str]] = ..., half_precision: bool = ..., orthogonal_model: _Optional[str] = ..., link_threshold: _Optional[float] = ...) -> None: ...
