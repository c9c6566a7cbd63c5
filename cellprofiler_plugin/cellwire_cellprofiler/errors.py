"""What the module raises: messages that say which setting to look at."""

from __future__ import annotations


class RunCellwireError(Exception):
    """The image set, or the run, cannot go on; the message is for the person at CellProfiler."""


class UnusableImageError(RunCellwireError, ValueError):
    """An input image is of a kind or size that the module does not take."""


class UnreachableError(RunCellwireError):
    """The engine is away, too busy, too slow or failed: what the skip policy is for."""


class MissingLibraryError(RunCellwireError, ImportError):
    """CellProfiler's Python lacks what the module needs."""
