from cellwire_api.v1 import array_pb2 as _array_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EngineState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENGINE_STATE_UNSPECIFIED: _ClassVar[EngineState]
    ENGINE_STATE_STARTING: _ClassVar[EngineState]
    ENGINE_STATE_SERVING: _ClassVar[EngineState]
    ENGINE_STATE_DRAINING: _ClassVar[EngineState]
ENGINE_STATE_UNSPECIFIED: EngineState
ENGINE_STATE_STARTING: EngineState
ENGINE_STATE_SERVING: EngineState
ENGINE_STATE_DRAINING: EngineState

class GetEngineRequest(_message.Message):
    __slots__ = ("client_version", "client_revision")
    CLIENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    CLIENT_REVISION_FIELD_NUMBER: _ClassVar[int]
    client_version: str
    client_revision: int
    def __init__(self, client_version: _Optional[str] = ..., client_revision: _Optional[int] = ...) -> None: ...

class GetEngineResponse(_message.Message):
    __slots__ = ("version", "revision", "min_client_revision", "state", "limits", "devices", "encodings", "caller", "store", "active_segmentations")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    MIN_CLIENT_REVISION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    ENCODINGS_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_SEGMENTATIONS_FIELD_NUMBER: _ClassVar[int]
    version: str
    revision: int
    min_client_revision: int
    state: EngineState
    limits: Limits
    devices: _containers.RepeatedCompositeFieldContainer[Device]
    encodings: _containers.RepeatedScalarFieldContainer[_array_pb2.Encoding]
    caller: str
    store: StoreUsage
    active_segmentations: int
    def __init__(self, version: _Optional[str] = ..., revision: _Optional[int] = ..., min_client_revision: _Optional[int] = ..., state: _Optional[_Union[EngineState, str]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., devices: _Optional[_Iterable[_Union[Device, _Mapping]]] = ..., encodings: _Optional[_Iterable[_Union[_array_pb2.Encoding, str]]] = ..., caller: _Optional[str] = ..., store: _Optional[_Union[StoreUsage, _Mapping]] = ..., active_segmentations: _Optional[int] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("max_message_bytes", "preferred_chunk_bytes", "max_image_bytes", "max_tiles", "max_queued_segmentations", "retention", "max_resized_pixels", "max_pixel_steps")
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_CHUNK_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_IMAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_TILES_FIELD_NUMBER: _ClassVar[int]
    MAX_QUEUED_SEGMENTATIONS_FIELD_NUMBER: _ClassVar[int]
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    MAX_RESIZED_PIXELS_FIELD_NUMBER: _ClassVar[int]
    MAX_PIXEL_STEPS_FIELD_NUMBER: _ClassVar[int]
    max_message_bytes: int
    preferred_chunk_bytes: int
    max_image_bytes: int
    max_tiles: int
    max_queued_segmentations: int
    retention: _duration_pb2.Duration
    max_resized_pixels: int
    max_pixel_steps: int
    def __init__(self, max_message_bytes: _Optional[int] = ..., preferred_chunk_bytes: _Optional[int] = ..., max_image_bytes: _Optional[int] = ..., max_tiles: _Optional[int] = ..., max_queued_segmentations: _Optional[int] = ..., retention: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., max_resized_pixels: _Optional[int] = ..., max_pixel_steps: _Optional[int] = ...) -> None: ...

class Device(_message.Message):
    __slots__ = ("name", "description", "memory_bytes", "backend", "precision")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    memory_bytes: int
    backend: str
    precision: str
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., memory_bytes: _Optional[int] = ..., backend: _Optional[str] = ..., precision: _Optional[str] = ...) -> None: ...

class StoreUsage(_message.Message):
    __slots__ = ("images", "used_bytes", "capacity_bytes")
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    USED_BYTES_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_BYTES_FIELD_NUMBER: _ClassVar[int]
    images: int
    used_bytes: int
    capacity_bytes: int
    def __init__(self, images: _Optional[int] = ..., used_bytes: _Optional[int] = ..., capacity_bytes: _Optional[int] = ...) -> None: ...
