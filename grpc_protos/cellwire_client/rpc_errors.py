"""From gRPC's errors to the client's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

import grpc
from google.protobuf.message import DecodeError

from cellwire_api.v1 import error_pb2
from cellwire_client.diagnosis import diagnose, not_an_engine
from cellwire_client.errors import (
    CLASSES,
    CellwireClientError,
    EngineFaultError,
    SegmentationCancelledError,
    SegmentationTimeoutError,
    TokenError,
)

if TYPE_CHECKING:
    from cellwire_client.channel import Connection

TRAILER = "cellwire-error-bin"
"""Where the engine puts a serialized `ErrorDetail`."""


def error_detail(error: grpc.RpcError) -> Optional[error_pb2.ErrorDetail]:
    """Read the engine's own word on an error, ``None`` if the engine did not send one."""
    read = getattr(error, "trailing_metadata", None)
    for key, value in (read() if read else None) or ():
        if key == TRAILER:
            try:
                return error_pb2.ErrorDetail.FromString(value)
            except DecodeError:
                return None
    return None


def is_lost(error: grpc.RpcError) -> bool:
    """Whether the connection failed, as against an engine that answered with an error."""
    code = _code(error)
    if error_detail(error) is not None:
        return False
    if code == grpc.StatusCode.UNAVAILABLE:
        return True
    # A connection that is cut in the middle of a stream.
    return code in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL) and any(
        sign in _details(error) for sign in ("Stream removed", "RST_STREAM", "Socket closed")
    )


def translate(error: grpc.RpcError, connection: Connection) -> CellwireClientError:
    """Make the client's error of gRPC's.

    Parameters
    ----------
    error
        What a call raised.
    connection
        The connection over which it went.

    Returns
    -------
    CellwireClientError
        To be raised ``from None``: it says all there is to say.
    """
    detail = error_detail(error)
    if detail is not None:
        return _from_detail(detail, connection)
    code, details, address = _code(error), _details(error), connection.address
    if is_lost(error):
        return diagnose(connection, details)
    if code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return SegmentationTimeoutError(
            f"The engine at {address} was not done within the time limit.",
            "Allow more time, or see with 'cellwire doctor' on its machine what it is doing.",
        )
    if code == grpc.StatusCode.CANCELLED:
        return SegmentationCancelledError("The call was cancelled.")
    if code == grpc.StatusCode.UNAUTHENTICATED:
        return _token_error(connection)
    if code in (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.UNKNOWN):
        return not_an_engine(address)
    return EngineFaultError(
        f"The engine at {address} failed: {details or 'it gave no reason'} "
        f"({code.name if code else 'no status'}).",
        "Try again; if it fails again, look into the engine's log.",
    )


def _from_detail(detail: error_pb2.ErrorDetail, connection: Connection) -> CellwireClientError:
    error: CellwireClientError
    if detail.reason in ("TOKEN_MISSING", "TOKEN_WRONG"):
        error = _token_error(connection)
    else:
        kind = CLASSES.get(detail.reason, EngineFaultError)
        error = kind(detail.message, detail.next_step, detail.reason)
    if detail.HasField("retry_after"):
        error.retry_after = detail.retry_after.seconds + detail.retry_after.nanos / 1e9
    if detail.HasField("committed_bytes"):
        error.committed_bytes = detail.committed_bytes
    error.incident_id = detail.incident_id
    return error


def _token_error(connection: Connection) -> TokenError:
    address = connection.address
    if connection.has_token:
        return TokenError(
            f"The engine at {address} does not know the token that was sent.",
            "Check that the token file is this engine's, or make a new token on its machine with "
            "'cellwire token add NAME'.",
            "TOKEN_WRONG",
        )
    return TokenError(
        f"The engine at {address} wants a token, and none was sent.",
        "Give the token file; its content is made on the engine's machine by "
        "'cellwire token add NAME'.",
        "TOKEN_MISSING",
    )


def _code(error: Any) -> Optional[grpc.StatusCode]:
    code = getattr(error, "code", None)
    found = code() if callable(code) else None
    return found if isinstance(found, grpc.StatusCode) else None


def _details(error: Any) -> str:
    details = getattr(error, "details", None)
    return str(details() or "") if callable(details) else str(error)
