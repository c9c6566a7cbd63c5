"""Memory that was freed, but that the C library keeps for itself."""

from __future__ import annotations

import ctypes


def return_freed_memory() -> None:
    """Give the system what was freed; only glibc, on Linux, keeps much of it.

    A network leaves four times the size of its weights behind when it is built: read, folded,
    written down, and as its library reads them before it transforms them.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library; Windows has none to ask
        return
    trim(0)
