"""How the engine is served: addresses, secrets and limits, each with its unit and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellwire.jobs.settings import GIB, MIB, EngineSettings

if TYPE_CHECKING:
    from pathlib import Path

MAX_MESSAGE_BYTES = 4 * MIB
"""gRPC's own limit stays: nothing in the protocol needs more, and it guards the memory."""

CHUNK_BYTES = MIB
"""Size of chunk that travels fastest (measured: 7 to 9 times faster than one big message)."""

MAX_UNPACKED_CHUNK_BYTES = 16 * MIB
"""What one packed chunk may unpack to."""

REVISION = 2
"""Revision of the protocol that this engine speaks."""

MIN_CLIENT_REVISION = 1
"""Least revision of a client that is served."""


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """How an engine is served.

    Attributes
    ----------
    listen
        ``HOST:PORT`` (port 0 = any free one) or ``unix:PATH``.
    port_file
        File that gets the address once the engine is ready, for scripts.
    certificate, key
        PEM files; both or none.
    token_file
        Names and digests of tokens, mode 0600.
    models
        Models to load at the start; ``None`` = all shipped ones.
    store_bytes
        Memory for images.
    result_bytes
        Memory for results that may be asked for again.
    retention
        Seconds that an unused image or a finished segmentation is kept.
    upload_retention
        Seconds that a broken upload is kept to be resumed.
    upload_idle
        Seconds that an upload may stand still.
    grace
        Seconds that running work gets when the engine is asked to stop.
    max_streams
        Calls at once over one connection.
    engine
        Limits of the work itself.
    """

    listen: str = "127.0.0.1:50051"
    port_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    token_file: Path | None = None
    models: tuple[str, ...] | None = None
    store_bytes: int = 4 * GIB
    result_bytes: int = GIB
    retention: float = 600.0
    upload_retention: float = 120.0
    upload_idle: float = 60.0
    grace: float = 60.0
    max_streams: int = 128
    engine: EngineSettings = EngineSettings()
