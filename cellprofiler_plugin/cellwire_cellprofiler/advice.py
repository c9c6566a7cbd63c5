"""The client's errors in the words of CellProfiler's settings."""

from __future__ import annotations

from typing import Any

from cellwire_cellprofiler import choices, libraries
from cellwire_cellprofiler.errors import RunCellwireError, UnreachableError

_SETTINGS = (
    ("TlsError", choices.CERTIFICATE_FILE),
    ("TokenError", choices.TOKEN_FILE),
    ("ModelUnknownError", choices.MODEL),
    ("SegmentationTimeoutError", choices.TIME_LIMIT),
    ("IncompatibleEngineError", choices.ADDRESS),
    ("ConnectionFailedError", choices.ADDRESS),
    ("AddressError", choices.ADDRESS),
)

_LASTING = (
    "TlsError",
    "TokenError",
    "IncompatibleEngineError",
)
_PASSING = (
    "ConnectionFailedError",
    "EngineBusyError",
    "EngineFaultError",
    "SegmentationTimeoutError",
    "SegmentationCancelledError",
)


def explain(error: Any) -> str:
    """Say what is wrong, what to do, and which setting to look at.

    Parameters
    ----------
    error
        A `cellwire_client.CellwireClientError`.
    """
    errors = libraries.part("errors")
    step = error.next_step
    if isinstance(error, errors.IncompatibleEngineError):
        step = (
            "Check the port; if it is an engine, unzip the cellwire-cellprofiler of the engine's "
            "version into CellProfiler's plugins folder, or update the engine."
        )
    elif isinstance(error, errors.SegmentationTimeoutError):
        step = "Allow more time, or see with 'cellwire doctor' what the engine is doing."
    text = f"RunCellwire: {error.message} {step}".strip()
    for name, setting in _SETTINGS:
        if isinstance(error, getattr(errors, name)):
            return f"{text} (Setting: {setting}.)"
    return text


def as_module_error(error: Any) -> RunCellwireError:
    """Make the module's error of the client's: one that the skip policy is for, or not."""
    errors = libraries.part("errors")
    passing = tuple(getattr(errors, name) for name in _PASSING)
    lasting = tuple(getattr(errors, name) for name in _LASTING)
    if isinstance(error, passing) and not isinstance(error, lasting):
        return UnreachableError(explain(error))
    return RunCellwireError(explain(error))
