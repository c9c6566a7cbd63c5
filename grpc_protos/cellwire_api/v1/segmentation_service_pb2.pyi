from cellwire_api.v1 import array_pb2 as _array_pb2
from cellwire_api.v1 import segmentation_parameters_pb2 as _segmentation_parameters_pb2
from cellwire_api.v1 import stack_parameters_pb2 as _stack_parameters_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChannelRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_ROLE_UNSPECIFIED: _ClassVar[ChannelRole]
    CHANNEL_ROLE_SEGMENTED: _ClassVar[ChannelRole]
    CHANNEL_ROLE_NUCLEUS: _ClassVar[ChannelRole]

class Priority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRIORITY_UNSPECIFIED: _ClassVar[Priority]
    PRIORITY_INTERACTIVE: _ClassVar[Priority]
    PRIORITY_BATCH: _ClassVar[Priority]

class OutputKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTPUT_KIND_UNSPECIFIED: _ClassVar[OutputKind]
    OUTPUT_KIND_LABELS: _ClassVar[OutputKind]
    OUTPUT_KIND_ROI_ZIP: _ClassVar[OutputKind]
    OUTPUT_KIND_FLOWS: _ClassVar[OutputKind]
    OUTPUT_KIND_CELLPROB: _ClassVar[OutputKind]
    OUTPUT_KIND_STYLE: _ClassVar[OutputKind]
    OUTPUT_KIND_UNEDITED_LABELS: _ClassVar[OutputKind]
    OUTPUT_KIND_TABLE: _ClassVar[OutputKind]

class Stage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_UNSPECIFIED: _ClassVar[Stage]
    STAGE_QUEUED: _ClassVar[Stage]
    STAGE_LOADING_MODEL: _ClassVar[Stage]
    STAGE_PREPARING: _ClassVar[Stage]
    STAGE_SIZING: _ClassVar[Stage]
    STAGE_NETWORK: _ClassVar[Stage]
    STAGE_DYNAMICS: _ClassVar[Stage]
    STAGE_MASKS: _ClassVar[Stage]
    STAGE_OUTPUTS: _ClassVar[Stage]
    STAGE_STITCHING: _ClassVar[Stage]

class RemovalReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REMOVAL_REASON_UNSPECIFIED: _ClassVar[RemovalReason]
    REMOVAL_REASON_SMALL: _ClassVar[RemovalReason]
    REMOVAL_REASON_LARGE: _ClassVar[RemovalReason]
    REMOVAL_REASON_EDGE: _ClassVar[RemovalReason]
CHANNEL_ROLE_UNSPECIFIED: ChannelRole
CHANNEL_ROLE_SEGMENTED: ChannelRole
CHANNEL_ROLE_NUCLEUS: ChannelRole
PRIORITY_UNSPECIFIED: Priority
PRIORITY_INTERACTIVE: Priority
PRIORITY_BATCH: Priority
OUTPUT_KIND_UNSPECIFIED: OutputKind
OUTPUT_KIND_LABELS: OutputKind
OUTPUT_KIND_ROI_ZIP: OutputKind
OUTPUT_KIND_FLOWS: OutputKind
OUTPUT_KIND_CELLPROB: OutputKind
OUTPUT_KIND_STYLE: OutputKind
OUTPUT_KIND_UNEDITED_LABELS: OutputKind
OUTPUT_KIND_TABLE: OutputKind
STAGE_UNSPECIFIED: Stage
STAGE_QUEUED: Stage
STAGE_LOADING_MODEL: Stage
STAGE_PREPARING: Stage
STAGE_SIZING: Stage
STAGE_NETWORK: Stage
STAGE_DYNAMICS: Stage
STAGE_MASKS: Stage
STAGE_OUTPUTS: Stage
STAGE_STITCHING: Stage
REMOVAL_REASON_UNSPECIFIED: RemovalReason
REMOVAL_REASON_SMALL: RemovalReason
REMOVAL_REASON_LARGE: RemovalReason
REMOVAL_REASON_EDGE: RemovalReason

class SegmentRequest(_message.Message):
    __slots__ = ("request_id", "model", "channels", "axes", "calibration", "region", "mask_image", "cellpose", "outputs", "priority", "detached", "accept_encodings", "title", "stack")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    AXES_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    MASK_IMAGE_FIELD_NUMBER: _ClassVar[int]
    CELLPOSE_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    DETACHED_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_ENCODINGS_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    model: str
    channels: _containers.RepeatedCompositeFieldContainer[InputChannel]
    axes: _containers.RepeatedScalarFieldContainer[_array_pb2.Axis]
    calibration: _array_pb2.Calibration
    region: _containers.RepeatedCompositeFieldContainer[_array_pb2.AxisRange]
    mask_image: str
    cellpose: _segmentation_parameters_pb2.CellposeParameters
    outputs: _containers.RepeatedScalarFieldContainer[OutputKind]
    priority: Priority
    detached: bool
    accept_encodings: _containers.RepeatedScalarFieldContainer[_array_pb2.Encoding]
    title: str
    stack: _stack_parameters_pb2.StackParameters
    def __init__(self, request_id: _Optional[str] = ..., model: _Optional[str] = ..., channels: _Optional[_Iterable[_Union[InputChannel, _Mapping]]] = ..., axes: _Optional[_Iterable[_Union[_array_pb2.Axis, str]]] = ..., calibration: _Optional[_Union[_array_pb2.Calibration, _Mapping]] = ..., region: _Optional[_Iterable[_Union[_array_pb2.AxisRange, _Mapping]]] = ..., mask_image: _Optional[str] = ..., cellpose: _Optional[_Union[_segmentation_parameters_pb2.CellposeParameters, _Mapping]] = ..., outputs: _Optional[_Iterable[_Union[OutputKind, str]]] = ..., priority: _Optional[_Union[Priority, str]] = ..., detached: bool = ..., accept_encodings: _Optional[_Iterable[_Union[_array_pb2.Encoding, str]]] = ..., title: _Optional[str] = ..., stack: _Optional[_Union[_stack_parameters_pb2.StackParameters, _Mapping]] = ...) -> None: ...

class InputChannel(_message.Message):
    __slots__ = ("role", "image", "channel")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    role: ChannelRole
    image: str
    channel: int
    def __init__(self, role: _Optional[_Union[ChannelRole, str]] = ..., image: _Optional[str] = ..., channel: _Optional[int] = ...) -> None: ...

class SegmentResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: SegmentationEvent
    def __init__(self, event: _Optional[_Union[SegmentationEvent, _Mapping]] = ...) -> None: ...

class WatchSegmentationRequest(_message.Message):
    __slots__ = ("name", "after_sequence")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    after_sequence: int
    def __init__(self, name: _Optional[str] = ..., after_sequence: _Optional[int] = ...) -> None: ...

class WatchSegmentationResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: SegmentationEvent
    def __init__(self, event: _Optional[_Union[SegmentationEvent, _Mapping]] = ...) -> None: ...

class CancelSegmentationRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class CancelSegmentationResponse(_message.Message):
    __slots__ = ("was_active",)
    WAS_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    was_active: bool
    def __init__(self, was_active: bool = ...) -> None: ...

class SegmentationEvent(_message.Message):
    __slots__ = ("sequence", "accepted", "progress", "output", "chunk", "finished")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    accepted: SegmentationAccepted
    progress: SegmentationProgress
    output: OutputHeader
    chunk: _array_pb2.ArrayChunk
    finished: SegmentationFinished
    def __init__(self, sequence: _Optional[int] = ..., accepted: _Optional[_Union[SegmentationAccepted, _Mapping]] = ..., progress: _Optional[_Union[SegmentationProgress, _Mapping]] = ..., output: _Optional[_Union[OutputHeader, _Mapping]] = ..., chunk: _Optional[_Union[_array_pb2.ArrayChunk, _Mapping]] = ..., finished: _Optional[_Union[SegmentationFinished, _Mapping]] = ...) -> None: ...

class SegmentationAccepted(_message.Message):
    __slots__ = ("name", "cached")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CACHED_FIELD_NUMBER: _ClassVar[int]
    name: str
    cached: bool
    def __init__(self, name: _Optional[str] = ..., cached: bool = ...) -> None: ...

class SegmentationProgress(_message.Message):
    __slots__ = ("stage", "done", "total", "queue_position", "part", "parts")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    QUEUE_POSITION_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    stage: Stage
    done: int
    total: int
    queue_position: int
    part: int
    parts: int
    def __init__(self, stage: _Optional[_Union[Stage, str]] = ..., done: _Optional[int] = ..., total: _Optional[int] = ..., queue_position: _Optional[int] = ..., part: _Optional[int] = ..., parts: _Optional[int] = ...) -> None: ...

class OutputHeader(_message.Message):
    __slots__ = ("kind", "axes", "spec", "encoding", "provenance", "removed")
    KIND_FIELD_NUMBER: _ClassVar[int]
    AXES_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    kind: OutputKind
    axes: _containers.RepeatedScalarFieldContainer[_array_pb2.Axis]
    spec: _array_pb2.ArraySpec
    encoding: _array_pb2.Encoding
    provenance: str
    removed: _containers.RepeatedCompositeFieldContainer[RemovedObject]
    def __init__(self, kind: _Optional[_Union[OutputKind, str]] = ..., axes: _Optional[_Iterable[_Union[_array_pb2.Axis, str]]] = ..., spec: _Optional[_Union[_array_pb2.ArraySpec, _Mapping]] = ..., encoding: _Optional[_Union[_array_pb2.Encoding, str]] = ..., provenance: _Optional[str] = ..., removed: _Optional[_Iterable[_Union[RemovedObject, _Mapping]]] = ...) -> None: ...

class RemovedObject(_message.Message):
    __slots__ = ("label", "reason")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    label: int
    reason: RemovalReason
    def __init__(self, label: _Optional[int] = ..., reason: _Optional[_Union[RemovalReason, str]] = ...) -> None: ...

class SegmentationFinished(_message.Message):
    __slots__ = ("objects", "diameters", "median_diameters", "times", "model", "model_digest", "provenance", "notices")
    OBJECTS_FIELD_NUMBER: _ClassVar[int]
    DIAMETERS_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_DIAMETERS_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODEL_DIGEST_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    objects: int
    diameters: _containers.RepeatedScalarFieldContainer[float]
    median_diameters: _containers.RepeatedScalarFieldContainer[float]
    times: _containers.RepeatedCompositeFieldContainer[StageTime]
    model: str
    model_digest: str
    provenance: str
    notices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, objects: _Optional[int] = ..., diameters: _Optional[_Iterable[float]] = ..., median_diameters: _Optional[_Iterable[float]] = ..., times: _Optional[_Iterable[_Union[StageTime, _Mapping]]] = ..., model: _Optional[str] = ..., model_digest: _Optional[str] = ..., provenance: _Optional[str] = ..., notices: _Optional[_Iterable[str]] = ...) -> None: ...

class StageTime(_message.Message):
    __slots__ = ("stage", "duration")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    stage: Stage
    duration: _duration_pb2.Duration
    def __init__(self, stage: _Optional[_Union[Stage, str]] = ..., duration: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...
