"""From start to exit of a served engine: warm-up, signals, drain, exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from cellwire.serving.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.serving.settings import ServeSettings

LOG = logging.getLogger(__name__)


class ExitCode(IntEnum):
    """How `serve` ends."""

    DONE = 0
    """Asked to stop, and everything that ran was finished or cancelled in order."""
    STOPPED = 130
    """Asked twice: stopped at once."""


def serve(settings: ServeSettings, ready: Callable[[str], None] | None = None) -> int:
    """Serve until a signal says to stop.

    The first SIGTERM (or Ctrl-C) drains: health says NOT_SERVING, new work is refused, running
    work gets ``settings.grace`` seconds. The second one stops at once.

    Parameters
    ----------
    settings
        Address, secrets and limits.
    ready
        Called with the address when the engine is warm.

    Returns
    -------
    int
        An `ExitCode`.

    Raises
    ------
    CellwireError
        The engine cannot start: bind refused, secrets, models.
    """
    return asyncio.run(_serve(settings, ready))


async def _serve(settings: ServeSettings, ready: Callable[[str], None] | None) -> int:
    server = Server(settings)
    first, second = _watch_signals()
    await server.start()
    LOG.info("listening on %s, warming up", server.address)
    warming = asyncio.create_task(server.warm_up())
    asked = asyncio.create_task(first.wait())
    await asyncio.wait({warming, asked}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if warming.done():
            warming.result()
            _write_port_file(settings.port_file, server.address)
            if ready is not None:
                ready(server.address)
            LOG.info("ready on %s", server.address)
            await asked
        return await _end(server, second)
    except BaseException:
        await server.stop()
        raise
    finally:
        if settings.port_file is not None:
            settings.port_file.unlink(missing_ok=True)


async def _end(server: Server, second: asyncio.Event) -> int:
    LOG.info("draining, up to %g seconds", server.settings.grace)
    draining = asyncio.create_task(server.drain(server.settings.grace))
    again = asyncio.create_task(second.wait())
    await asyncio.wait({draining, again}, return_when=asyncio.FIRST_COMPLETED)
    if draining.done():
        draining.result()
        again.cancel()
        return ExitCode.DONE
    LOG.warning("stopped at once")
    if server.settings.port_file is not None:
        server.settings.port_file.unlink(missing_ok=True)
    logging.shutdown()
    os._exit(ExitCode.STOPPED)  # threads may be deep in a kernel; nothing of them is kept


def _watch_signals() -> tuple[asyncio.Event, asyncio.Event]:
    first, second = asyncio.Event(), asyncio.Event()

    def asked() -> None:
        (second if first.is_set() else first).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, asked)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(asked))
    return first, second


def _write_port_file(path: Path | None, address: str) -> None:
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{address}\n")
    Path(draft).replace(path)
