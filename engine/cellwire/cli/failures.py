"""From an exception to what a person reads and a script's exit code. Nobody sees a traceback."""

from __future__ import annotations

import secrets
import sys
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellwire.cli.exit_codes import ExitCode
from cellwire.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

USAGE_REASONS = frozenset(
    {
        "INVALID_PARAMETER",
        "MODEL_UNKNOWN",
        "MODEL_EXISTS",
        "SIZE_MODEL_MISSING",
        "DEVICE_UNKNOWN",
        "ADDRESS",
        "BIND_REFUSED",
    }
)
"""What is wrong with the command rather than with an image."""

UNREACHABLE_REASONS = frozenset(
    {
        "UNREACHABLE",
        "HOST_UNKNOWN",
        "REFUSED",
        "TLS",
        "TOKEN_WRONG",
        "TOKEN_MISSING",
        "INCOMPATIBLE",
        "ENGINE_LOST",
        "SHUTTING_DOWN",
    }
)
"""The engine is not there, or not for us: the next image would fail alike."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, in words.

    Attributes
    ----------
    reason
        Name of the error in capitals, for scripts.
    message, next_step
        For the person.
    code
        With which the command ends, if nothing else was done.
    """

    reason: str
    message: str
    next_step: str
    code: ExitCode

    @property
    def text(self) -> str:
        """The message and the next step in one line."""
        return f"{self.message} {self.next_step}".strip()


def explain(error: BaseException, *, debug: bool = False) -> Failure:
    """Put an exception into words.

    An error of the catalogue, or of the client, speaks for itself. Anything else is a fault of
    ours: its details go into a file whose path is told.

    Parameters
    ----------
    error
        Any exception.
    debug
        Print the traceback rather than keep it in a file.
    """
    reason = getattr(error, "reason", None)
    if isinstance(reason, str) and hasattr(error, "next_step") and reason != "INTERNAL":
        message = str(getattr(error, "message", error))
        return Failure(reason, message, str(error.next_step), _code(reason))
    if hasattr(error, "incident_id"):  # the engine's own fault, told by the client
        message = str(getattr(error, "message", error))
        return Failure("INTERNAL", message, str(getattr(error, "next_step", "")), ExitCode.INTERNAL)
    if isinstance(error, MemoryError):
        return Failure(
            "OUT_OF_MEMORY",
            "This machine's memory is not enough for the work.",
            "Close other programs, segment a part of the image, or use an engine (--server).",
            ExitCode.NOTHING_DONE,
        )
    return _incident(error, debug=debug)


def _code(reason: str) -> ExitCode:
    if reason in USAGE_REASONS:
        return ExitCode.USAGE
    if reason in UNREACHABLE_REASONS:
        return ExitCode.UNREACHABLE
    if reason == "CANCELLED":
        return ExitCode.INTERRUPTED
    return ExitCode.NOTHING_DONE


def _incident(error: BaseException, *, debug: bool) -> Failure:
    number = secrets.token_hex(4)
    details = "".join(traceback.format_exception(error))
    if debug:
        sys.stderr.write(details)
        step = "The details are above; please report them."
    else:
        path = _keep(number, details)
        where = f"The details are in {path}" if path else "Run it again with cellwire --debug"
        step = f"{where}; please report them."
    message = f"Something went wrong inside Cellwire (incident {number}, {type(error).__name__})."
    return Failure("INTERNAL", message, step, ExitCode.INTERNAL)


def _keep(number: str, details: str) -> Path | None:
    from cellwire.cli.places import log_folder

    try:
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"incident-{time.strftime('%Y%m%d')}-{number}.txt"
        path.write_text(f"cellwire {__version__}, Python {sys.version}\n{details}", "utf-8")
    except OSError:
        return None
    return path
