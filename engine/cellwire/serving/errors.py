"""The catalogue on the wire: which error is which gRPC status, and what travels with it."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

import grpc
from google.protobuf.duration_pb2 import Duration

from cellwire import errors
from cellwire_api.v1 import error_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG = logging.getLogger(__name__)

TRAILER = "cellwire-error-bin"
"""Metadata key under which a serialized ErrorDetail is sent."""

_STATUS = grpc.StatusCode
STATUSES: Mapping[type[errors.CellwireError], grpc.StatusCode] = {
    errors.InvalidParameterError: _STATUS.INVALID_ARGUMENT,
    errors.ShapeMismatchError: _STATUS.INVALID_ARGUMENT,
    errors.AxesUnknownError: _STATUS.INVALID_ARGUMENT,
    errors.UnsupportedTypeError: _STATUS.INVALID_ARGUMENT,
    errors.ImageUnreadableError: _STATUS.INVALID_ARGUMENT,
    errors.ImageContentError: _STATUS.INVALID_ARGUMENT,
    errors.ImageTooLargeError: _STATUS.INVALID_ARGUMENT,
    errors.ImageUnknownError: _STATUS.FAILED_PRECONDITION,
    errors.ChunkMisplacedError: _STATUS.INVALID_ARGUMENT,
    errors.ChunkCorruptError: _STATUS.DATA_LOSS,
    errors.ModelUnknownError: _STATUS.NOT_FOUND,
    errors.ModelBrokenError: _STATUS.FAILED_PRECONDITION,
    errors.ModelExistsError: _STATUS.ALREADY_EXISTS,
    errors.SizeModelMissingError: _STATUS.INVALID_ARGUMENT,
    errors.SegmentationUnknownError: _STATUS.NOT_FOUND,
    errors.RequestReusedError: _STATUS.ALREADY_EXISTS,
    errors.QueueFullError: _STATUS.RESOURCE_EXHAUSTED,
    errors.StoreFullError: _STATUS.RESOURCE_EXHAUSTED,
    errors.DeviceOutOfMemoryError: _STATUS.RESOURCE_EXHAUSTED,
    errors.DeviceUnknownError: _STATUS.INVALID_ARGUMENT,
    errors.ShuttingDownError: _STATUS.UNAVAILABLE,
    errors.DeadlineError: _STATUS.DEADLINE_EXCEEDED,
    errors.CancelledError: _STATUS.CANCELLED,
    errors.TokenMissingError: _STATUS.UNAUTHENTICATED,
    errors.TokenWrongError: _STATUS.UNAUTHENTICATED,
    errors.BindRefusedError: _STATUS.FAILED_PRECONDITION,
    errors.OutputWriteError: _STATUS.INTERNAL,
    errors.RoiLimitError: _STATUS.FAILED_PRECONDITION,
    errors.TrainingDataError: _STATUS.INVALID_ARGUMENT,
}
"""Status of each error of the catalogue; whatever is not here is INTERNAL."""


def describe(error: BaseException) -> tuple[grpc.StatusCode, error_pb2.ErrorDetail]:
    """Give the status and the detail of an error; log those that are the engine's own fault.

    What is not in the catalogue becomes INTERNAL with an incident id: the text of such an error may
    hold paths or data, so that it goes to the log and not to the caller.
    """
    status = _STATUS.INTERNAL
    if isinstance(error, errors.CellwireError):
        status = STATUSES.get(type(error), status)
    if not isinstance(error, errors.CellwireError) or status is _STATUS.INTERNAL:
        incident = secrets.token_hex(6)
        LOG.error("incident %s", incident, exc_info=error)
        return _STATUS.INTERNAL, error_pb2.ErrorDetail(
            reason="INTERNAL",
            message=f"The engine failed on this request (incident {incident}).",
            next_step="Send the incident's number and the engine's log to who runs the engine.",
            incident_id=incident,
        )
    detail = error_pb2.ErrorDetail(
        reason=error.reason, message=error.message, next_step=error.next_step
    )
    if error.retry_after is not None:
        detail.retry_after.CopyFrom(Duration(nanos=0, seconds=max(1, round(error.retry_after))))
    if error.committed_bytes is not None:
        detail.committed_bytes = error.committed_bytes
    return status, detail


def sentence(detail: error_pb2.ErrorDetail) -> str:
    """Give what goes into the status's own text."""
    return f"{detail.message} {detail.next_step}".strip()
