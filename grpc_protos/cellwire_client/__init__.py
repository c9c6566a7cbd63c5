"""Thin client of the Cellwire engine.

>>> from cellwire_client import connect
>>> with connect("127.0.0.1:50051") as engine:
...     result = engine.segment(array, model="nuclei")

``result.labels``, ``result.roi_zip`` and ``result.diameter`` are there then.
"""

from cellwire_client.connecting import connect
from cellwire_client.descriptions import EngineInfo, ModelInfo
from cellwire_client.engine import Engine
from cellwire_client.errors import (
    AddressError,
    CellwireClientError,
    ConnectionFailedError,
    ConnectionRefusedByHostError,
    EngineBusyError,
    EngineFaultError,
    EngineLostError,
    HostUnknownError,
    IncompatibleEngineError,
    InvalidRequestError,
    ModelUnknownError,
    NotInEngineError,
    SegmentationCancelledError,
    SegmentationTimeoutError,
    TlsError,
    TokenError,
    UnsupportedArrayError,
)
from cellwire_client.progress import Progress
from cellwire_client.result import SegmentationResult
from cellwire_client.version import __version__

__all__ = [
    "AddressError",
    "CellwireClientError",
    "ConnectionFailedError",
    "ConnectionRefusedByHostError",
    "Engine",
    "EngineBusyError",
    "EngineFaultError",
    "EngineInfo",
    "EngineLostError",
    "HostUnknownError",
    "IncompatibleEngineError",
    "InvalidRequestError",
    "ModelInfo",
    "ModelUnknownError",
    "NotInEngineError",
    "Progress",
    "SegmentationCancelledError",
    "SegmentationResult",
    "SegmentationTimeoutError",
    "TlsError",
    "TokenError",
    "UnsupportedArrayError",
    "__version__",
    "connect",
]
