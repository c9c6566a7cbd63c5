"""What the engine is doing: starting, serving or draining."""

from __future__ import annotations

import asyncio
from enum import Enum

from cellwire.errors import ShuttingDownError


class Phase(Enum):
    """The three things an engine does, in their order."""

    STARTING = "starting"
    SERVING = "serving"
    DRAINING = "draining"


class State:
    """The phase, and what waits for it; used from the event loop only."""

    def __init__(self) -> None:
        self.phase = Phase.STARTING
        self._ready = asyncio.Event()

    def serve(self) -> None:
        """Take work from now on, unless draining has begun."""
        if self.phase is Phase.STARTING:
            self.phase = Phase.SERVING
        self._ready.set()

    def drain(self) -> None:
        """Take no new work from now on."""
        self.phase = Phase.DRAINING
        self._ready.set()

    def check_open(self) -> None:
        """Refuse new work while draining.

        Raises
        ------
        ShuttingDownError
            The engine is stopping.
        """
        if self.phase is Phase.DRAINING:
            error = ShuttingDownError(
                "The engine is stopping and takes no new work.",
                "Try again when it was started again.",
            )
            error.retry_after = 10.0
            raise error

    async def ready(self) -> None:
        """Wait until the engine is warm.

        Raises
        ------
        ShuttingDownError
            It is stopping instead.
        """
        await self._ready.wait()
        self.check_open()
