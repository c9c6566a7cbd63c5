"""The catalogue of errors: each says what, the limit, the actual value and the next step.

`serving` maps ``reason`` to a gRPC status; the command line maps it to an exit code. The text
of an error is public: it names what the user gave, never a path inside the engine's machine.
"""

from __future__ import annotations

from typing import ClassVar


class CellwireError(Exception):
    """Anything Cellwire refuses or cannot do.

    Parameters
    ----------
    message
        What is wrong, with the limit and the actual value, as a sentence.
    next_step
        What the user can do now, as a sentence.
    """

    reason: ClassVar[str] = "INTERNAL"

    retry_after: float | None = None
    """Seconds after which the same call may succeed; ``None`` = it will not."""

    committed_bytes: int | None = None
    """For uploads: the bytes that the engine holds already."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(f"{message} {next_step}".strip())
        self.message = message
        self.next_step = next_step


class InvalidParameterError(CellwireError, ValueError):
    """A setting is out of its range."""

    reason = "INVALID_PARAMETER"


class ShapeMismatchError(CellwireError, ValueError):
    """Shapes or axes do not fit each other."""

    reason = "SHAPE_MISMATCH"


class AxesUnknownError(CellwireError, ValueError):
    """The axes of an image cannot be told; the user is asked, never guessed for."""

    reason = "AXES_UNKNOWN"


class UnsupportedTypeError(CellwireError, TypeError):
    """A pixel type or file type that Cellwire does not take."""

    reason = "UNSUPPORTED_TYPE"


class ImageUnreadableError(CellwireError, OSError):
    """A file is no image, or is broken."""

    reason = "IMAGE_UNREADABLE"


class ImageContentError(CellwireError, ValueError):
    """An image holds what cannot be segmented (nothing, NaN, infinity)."""

    reason = "IMAGE_CONTENT"


class ImageTooLargeError(CellwireError, ValueError):
    """An image, or the work it means, is above the engine's limit."""

    reason = "IMAGE_TOO_LARGE"


class ImageUnknownError(CellwireError, LookupError):
    """An image is not, or no longer, in the engine's store."""

    reason = "IMAGE_UNKNOWN"


class ChunkMisplacedError(CellwireError, ValueError):
    """A chunk does not continue where the upload stands."""

    reason = "CHUNK_MISPLACED"


class ChunkCorruptError(CellwireError, ValueError):
    """A chunk's bytes or an image's digest are not what was announced."""

    reason = "CHUNK_CORRUPT"


class ModelUnknownError(CellwireError, LookupError):
    """No model of that name."""

    reason = "MODEL_UNKNOWN"


class ModelBrokenError(CellwireError, ValueError):
    """A weights file is not one, or does not fit."""

    reason = "MODEL_BROKEN"


class ModelExistsError(CellwireError, ValueError):
    """A model of that name is there already."""

    reason = "MODEL_EXISTS"


class SizeModelMissingError(CellwireError, ValueError):
    """An automatic diameter was asked of a model that has no size model."""

    reason = "SIZE_MODEL_MISSING"


class SegmentationUnknownError(CellwireError, LookupError):
    """No running or remembered segmentation of that name."""

    reason = "SEGMENTATION_UNKNOWN"


class RequestReusedError(CellwireError, ValueError):
    """A request_id came again with other content."""

    reason = "REQUEST_ID_REUSED"


class QueueFullError(CellwireError):
    """Too much work waits already."""

    reason = "QUEUE_FULL"


class StoreFullError(CellwireError):
    """The engine's image store has no room left."""

    reason = "STORE_FULL"


class DeviceOutOfMemoryError(CellwireError, MemoryError):
    """The device ran out of memory, after everything that could be tried."""

    reason = "DEVICE_OUT_OF_MEMORY"


class DeviceUnknownError(CellwireError, ValueError):
    """The device asked for is not in this machine."""

    reason = "DEVICE_UNKNOWN"


class ShuttingDownError(CellwireError):
    """The engine is stopping and takes no new work."""

    reason = "SHUTTING_DOWN"


class DeadlineError(CellwireError, TimeoutError):
    """The caller's time limit passed."""

    reason = "DEADLINE"


class CancelledError(CellwireError):
    """The work was cancelled by its owner."""

    reason = "CANCELLED"


class TokenMissingError(CellwireError, PermissionError):
    """The engine wants a token and none came."""

    reason = "TOKEN_MISSING"


class TokenWrongError(CellwireError, PermissionError):
    """The token is not one of the engine's."""

    reason = "TOKEN_WRONG"


class BindRefusedError(CellwireError, PermissionError):
    """An address outside this machine needs TLS and a token."""

    reason = "BIND_REFUSED"


class OutputWriteError(CellwireError, OSError):
    """A result could not be written; nothing half-written is left."""

    reason = "OUTPUT_WRITE"


class RoiLimitError(CellwireError, ValueError):
    """ImageJ's ROI format cannot hold this image's coordinates."""

    reason = "ROI_LIMIT"


class TrainingDataError(CellwireError, ValueError):
    """A training or evaluation folder does not hold what is needed."""

    reason = "TRAINING_DATA"
