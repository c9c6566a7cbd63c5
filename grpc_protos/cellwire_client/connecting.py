"""Connecting to an engine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Optional

from cellwire_client.address import parse_address
from cellwire_client.channel import open_connection
from cellwire_client.descriptions import engine_info
from cellwire_client.engine import Engine
from cellwire_client.errors import ConnectionFailedError
from cellwire_client.services import Services

if TYPE_CHECKING:
    from cellwire_client.credentials import PathLike

_PAUSE = 0.2


def connect(
    address: str = "127.0.0.1:50051",
    *,
    ca_file: Optional[PathLike] = None,
    token_file: Optional[PathLike] = None,
    token: Optional[str] = None,
    tls: Optional[bool] = None,
    connect_timeout: float = 10.0,
    wait: float = 0.0,
    reconnect: float = 10.0,
) -> Engine:
    """Connect to an engine and check that the two understand each other.

    Parameters
    ----------
    address
        ``host[:port]`` or ``unix:PATH``.
    ca_file
        The ``ca.pem`` that ``cellwire certificate`` made, needed for an engine on another machine.
    token_file, token
        File that holds the token, or the token itself.
    tls
        Whether to speak TLS; by default with a `ca_file` and to every other machine.
    connect_timeout
        Seconds within which the engine must answer.
    wait
        Seconds for which an engine that is not there or not ready yet is waited for.
    reconnect
        Seconds for which later calls wait for an engine that went away to come back.

    Returns
    -------
    Engine
        To be used in a ``with`` block, or closed.

    Raises
    ------
    ConnectionFailedError
        With a class and message of its own for: name not known, refused, TLS, token, version.
    """
    connection = open_connection(parse_address(address), ca_file, token_file, token, tls)
    services = Services(connection)
    end = time.monotonic() + wait
    try:
        while True:
            late = time.monotonic() >= end
            try:
                found = engine_info(services.get_engine(connect_timeout))
                if late or found.state != "starting":
                    return Engine(services, found, reconnect)
            except ConnectionFailedError as error:
                if late or error.reason not in ("REFUSED", "UNREACHABLE"):
                    raise
            time.sleep(_PAUSE)
    except BaseException:
        connection.channel.close()
        raise
