from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DataType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DATA_TYPE_UNSPECIFIED: _ClassVar[DataType]
    DATA_TYPE_UINT8: _ClassVar[DataType]
    DATA_TYPE_UINT16: _ClassVar[DataType]
    DATA_TYPE_UINT32: _ClassVar[DataType]
    DATA_TYPE_FLOAT32: _ClassVar[DataType]

class Axis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AXIS_UNSPECIFIED: _ClassVar[Axis]
    AXIS_TIME: _ClassVar[Axis]
    AXIS_Z: _ClassVar[Axis]
    AXIS_CHANNEL: _ClassVar[Axis]
    AXIS_Y: _ClassVar[Axis]
    AXIS_X: _ClassVar[Axis]

class Encoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENCODING_UNSPECIFIED: _ClassVar[Encoding]
    ENCODING_RAW: _ClassVar[Encoding]
    ENCODING_ZSTD: _ClassVar[Encoding]
DATA_TYPE_UNSPECIFIED: DataType
DATA_TYPE_UINT8: DataType
DATA_TYPE_UINT16: DataType
DATA_TYPE_UINT32: DataType
DATA_TYPE_FLOAT32: DataType
AXIS_UNSPECIFIED: Axis
AXIS_TIME: Axis
AXIS_Z: Axis
AXIS_CHANNEL: Axis
AXIS_Y: Axis
AXIS_X: Axis
ENCODING_UNSPECIFIED: Encoding
ENCODING_RAW: Encoding
ENCODING_ZSTD: Encoding

class Calibration(_message.Message):
    __slots__ = ("y_micrometres", "x_micrometres", "z_micrometres")
    Y_MICROMETRES_FIELD_NUMBER: _ClassVar[int]
    X_MICROMETRES_FIELD_NUMBER: _ClassVar[int]
    Z_MICROMETRES_FIELD_NUMBER: _ClassVar[int]
    y_micrometres: float
    x_micrometres: float
    z_micrometres: float
    def __init__(self, y_micrometres: _Optional[float] = ..., x_micrometres: _Optional[float] = ..., z_micrometres: _Optional[float] = ...) -> None: ...

class ArraySpec(_message.Message):
    __slots__ = ("data_type", "shape")
    DATA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    data_type: DataType
    shape: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, data_type: _Optional[_Union[DataType, str]] = ..., shape: _Optional[_Iterable[int]] = ...) -> None: ...

class ArrayChunk(_message.Message):
    __slots__ = ("offset", "length", "encoding", "crc32", "data")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    CRC32_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    offset: int
    length: int
    encoding: Encoding
    crc32: int
    data: bytes
    def __init__(self, offset: _Optional[int] = ..., length: _Optional[int] = ..., encoding: _Optional[_Union[Encoding, str]] = ..., crc32: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class AxisRange(_message.Message):
    __slots__ = ("axis", "start", "stop")
    AXIS_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    axis: Axis
    start: int
    stop: int
    def __init__(self, axis: _Optional[_Union[Axis, str]] = ..., start: _Optional[int] = ..., stop: _Optional[int] = ...) -> None: ...
