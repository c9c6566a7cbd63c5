from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CellposeParameters(_message.Message):
    __slots__ = ("diameter", "flow_threshold", "cellprob_threshold", "min_size", "max_size", "max_size_fraction", "niter", "augment", "resample", "exclude_on_edges", "normalisation", "tile_overlap", "compat", "tolerance")
    DIAMETER_FIELD_NUMBER: _ClassVar[int]
    FLOW_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    CELLPROB_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    MIN_SIZE_FIELD_NUMBER: _ClassVar[int]
    MAX_SIZE_FIELD_NUMBER: _ClassVar[int]
    MAX_SIZE_FRACTION_FIELD_NUMBER: _ClassVar[int]
    NITER_FIELD_NUMBER: _ClassVar[int]
    AUGMENT_FIELD_NUMBER: _ClassVar[int]
    RESAMPLE_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_ON_EDGES_FIELD_NUMBER: _ClassVar[int]
    NORMALISATION_FIELD_NUMBER: _ClassVar[int]
    TILE_OVERLAP_FIELD_NUMBER: _ClassVar[int]
    COMPAT_FIELD_NUMBER: _ClassVar[int]
    TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    diameter: Diameter
    flow_threshold: float
    cellprob_threshold: float
    min_size: int
    max_size: int
    max_size_fraction: float
    niter: int
    augment: bool
    resample: bool
    exclude_on_edges: bool
    normalisation: Normalisation
    tile_overlap: float
    compat: str
    tolerance: float
    def __init__(self, diameter: _Optional[_Union[Diameter, _Mapping]] = ..., flow_threshold: _Optional[float] = ..., cellprob_threshold: _Optional[float] = ..., min_size: _Optional[int] = ..., max_size: _Optional[int] = ..., max_size_fraction: _Optional[float] = ..., niter: _Optional[int] = ..., augment: bool = ..., resample: bool = ..., exclude_on_edges: bool = ..., normalisation: _Optional[_Union[Normalisation, _Mapping]] = ..., tile_overlap: _Optional[float] = ..., compat: _Optional[str] = ..., tolerance: _Optional[float] = ...) -> None: ...

class Diameter(_message.Message):
    __slots__ = ("pixels", "micrometres", "automatic")
    class Automatic(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    PIXELS_FIELD_NUMBER: _ClassVar[int]
    MICROMETRES_FIELD_NUMBER: _ClassVar[int]
    AUTOMATIC_FIELD_NUMBER: _ClassVar[int]
    pixels: float
    micrometres: float
    automatic: Diameter.Automatic
    def __init__(self, pixels: _Optional[float] = ..., micrometres: _Optional[float] = ..., automatic: _Optional[_Union[Diameter.Automatic, _Mapping]] = ...) -> None: ...

class Normalisation(_message.Message):
    __slots__ = ("enabled", "percentiles", "fixed", "tile_blocksize", "invert")
    class Range(_message.Message):
        __slots__ = ("low", "high")
        LOW_FIELD_NUMBER: _ClassVar[int]
        HIGH_FIELD_NUMBER: _ClassVar[int]
        low: float
        high: float
        def __init__(self, low: _Optional[float] = ..., high: _Optional[float] = ...) -> None: ...
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    PERCENTILES_FIELD_NUMBER: _ClassVar[int]
    FIXED_FIELD_NUMBER: _ClassVar[int]
    TILE_BLOCKSIZE_FIELD_NUMBER: _ClassVar[int]
    INVERT_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    percentiles: Normalisation.Range
    fixed: Normalisation.Range
    tile_blocksize: int
    invert: bool
    def __init__(self, enabled: bool = ..., percentiles: _Optional[_Union[Normalisation.Range, _Mapping]] = ..., fixed: _Optional[_Union[Normalisation.Range, _Mapping]] = ..., tile_blocksize: _Optional[int] = ..., invert: bool = ...) -> None: ...
