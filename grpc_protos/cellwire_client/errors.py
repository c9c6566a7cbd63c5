"""What can go wrong between a client and an engine, each as a sentence with its next step.

Errors of the engine arrive as `cellwire_api.v1.ErrorDetail` in the trailer ``cellwire-error-bin``
and become the class of their reason. Errors of the connection are told apart by `diagnosis`.
"""

from __future__ import annotations

from typing import ClassVar, Dict, Optional, Type


class CellwireClientError(Exception):
    """Anything that a call to the engine can raise.

    Parameters
    ----------
    message
        What is wrong, with the limit and the actual value, as a sentence.
    next_step
        What the user can do now, as a sentence.
    reason
        Name of the error in capitals; the class's own where it is not given.

    Attributes
    ----------
    retry_after
        Seconds after which the same call may succeed, ``None`` if it will not.
    incident_id
        Id under which the engine's log has more, empty unless it is the engine's own fault.
    committed_bytes
        For uploads: bytes that the engine holds, ``None`` where it did not say.
    """

    default_reason: ClassVar[str] = "CLIENT"

    def __init__(self, message: str, next_step: str = "", reason: str = "") -> None:
        super().__init__(f"{message} {next_step}".strip())
        self.message = message
        self.next_step = next_step
        self.reason = reason or self.default_reason
        self.retry_after: Optional[float] = None
        self.incident_id = ""
        self.committed_bytes: Optional[int] = None


class AddressError(CellwireClientError, ValueError):
    """The engine's address is not one."""

    default_reason = "ADDRESS"


class UnsupportedArrayError(CellwireClientError, TypeError):
    """An array that cannot be sent without losing something."""

    default_reason = "UNSUPPORTED_TYPE"


class InvalidRequestError(CellwireClientError, ValueError):
    """A parameter, shape or image that is refused, here or by the engine."""

    default_reason = "INVALID_PARAMETER"


class NotRequestedError(CellwireClientError, LookupError):
    """An output was read from a result that was not asked for."""

    default_reason = "NOT_REQUESTED"


class ConnectionFailedError(CellwireClientError, ConnectionError):
    """No engine could be reached; its subclasses say why."""

    default_reason = "UNREACHABLE"


class HostUnknownError(ConnectionFailedError):
    """The name of the host is not known here."""

    default_reason = "HOST_UNKNOWN"


class ConnectionRefusedByHostError(ConnectionFailedError):
    """The host is there, but nothing listens at that port or socket file."""

    default_reason = "REFUSED"


class TlsError(ConnectionFailedError):
    """The two ends do not agree on TLS: another certificate, none, or not wanted."""

    default_reason = "TLS"


class TokenError(ConnectionFailedError, PermissionError):
    """The engine wants a token and got none, or a wrong one."""

    default_reason = "TOKEN_WRONG"


class IncompatibleEngineError(ConnectionFailedError):
    """Something answers that is no engine, or one that this client cannot talk to."""

    default_reason = "INCOMPATIBLE"


class EngineLostError(ConnectionFailedError):
    """The engine went away during the work and did not come back in time."""

    default_reason = "ENGINE_LOST"


class ModelUnknownError(CellwireClientError, LookupError):
    """The engine has no model of that name."""

    default_reason = "MODEL_UNKNOWN"


class NotInEngineError(CellwireClientError, LookupError):
    """An image or segmentation is not, or no longer, in the engine."""

    default_reason = "SEGMENTATION_UNKNOWN"


class EngineBusyError(CellwireClientError):
    """The engine has too much to do, no room left, or is stopping; `retry_after` may say when."""

    default_reason = "QUEUE_FULL"


class EngineFaultError(CellwireClientError, RuntimeError):
    """The engine failed by its own fault, or broke the protocol."""

    default_reason = "INTERNAL"


class CorruptTransferError(EngineFaultError):
    """Bytes arrived other than they were sent."""

    default_reason = "CHUNK_CORRUPT"


class SegmentationCancelledError(CellwireClientError):
    """The segmentation was cancelled."""

    default_reason = "CANCELLED"


class SegmentationTimeoutError(CellwireClientError, TimeoutError):
    """The time limit passed before the work was done."""

    default_reason = "DEADLINE"


CLASSES: Dict[str, Type[CellwireClientError]] = {
    "INVALID_PARAMETER": InvalidRequestError,
    "SHAPE_MISMATCH": InvalidRequestError,
    "AXES_UNKNOWN": InvalidRequestError,
    "UNSUPPORTED_TYPE": UnsupportedArrayError,
    "IMAGE_CONTENT": InvalidRequestError,
    "IMAGE_TOO_LARGE": InvalidRequestError,
    "REQUEST_ID_REUSED": InvalidRequestError,
    "SIZE_MODEL_MISSING": InvalidRequestError,
    "ROI_LIMIT": InvalidRequestError,
    "IMAGE_UNKNOWN": NotInEngineError,
    "SEGMENTATION_UNKNOWN": NotInEngineError,
    "CHUNK_MISPLACED": CorruptTransferError,
    "CHUNK_CORRUPT": CorruptTransferError,
    "MODEL_UNKNOWN": ModelUnknownError,
    "MODEL_BROKEN": EngineFaultError,
    "QUEUE_FULL": EngineBusyError,
    "STORE_FULL": EngineBusyError,
    "DEVICE_OUT_OF_MEMORY": EngineBusyError,
    "SHUTTING_DOWN": EngineBusyError,
    "DEADLINE": SegmentationTimeoutError,
    "CANCELLED": SegmentationCancelledError,
    "TOKEN_MISSING": TokenError,
    "TOKEN_WRONG": TokenError,
}
"""Class of each reason of the engine's catalogue; any other is an `EngineFaultError`."""
