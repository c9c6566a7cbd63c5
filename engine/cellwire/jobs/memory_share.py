"""One budget of memory for all stacks that are segmented at the same time."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cellwire.segmentation.stages import PartProgress

PATIENCE = 0.1
"""Seconds between two looks at whether the work is still wanted."""


class MemoryShare:
    """Lets stacks begin as long as they fit into the budget together; one alone always may."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._used = 0
        self._running = 0

    @contextlib.contextmanager
    def held(self, nbytes: int, budget: int | None, report: PartProgress) -> Iterator[None]:
        """Wait for room, and give it back at the end.

        Parameters
        ----------
        nbytes
            Memory that the stack takes at most.
        budget
            For all of them; ``None`` = any.
        report
            Called while it waits, in the stage ``waiting for memory``; may raise to stop.
        """
        with self._wake:
            while self._running and budget is not None and self._used + nbytes > budget:
                report("waiting for memory", 0, 1)
                self._wake.wait(PATIENCE)
            self._used += nbytes
            self._running += 1
        try:
            yield
        finally:
            with self._wake:
                self._used -= nbytes
                self._running -= 1
                self._wake.notify_all()
