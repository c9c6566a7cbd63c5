"""What a script can tell from how a command ended; `docs/command-line.md` lists the same."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends."""

    DONE = 0
    """Everything was done."""
    SOME_FAILED = 1
    """Some images failed, or `doctor` found something that does not work; the rest was done."""
    USAGE = 2
    """An option, a parameter or the name of a model is wrong; nothing was started."""
    NOTHING_DONE = 3
    """Every image failed, or the one thing that was asked for could not be done."""
    UNREACHABLE = 4
    """The engine could not be reached, refused us, or was lost; what was done before it is kept."""
    INTERNAL = 5
    """A fault of Cellwire itself; the message names the file with the details."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C."""
