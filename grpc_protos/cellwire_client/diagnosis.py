"""Why an engine cannot be reached, found by asking the system rather than by reading gRPC's text.

gRPC says UNAVAILABLE for a mistyped name, a closed port, a wrong certificate and a lost cable
alike, with words that change from version to version. Here each step is done once by hand.
"""

from __future__ import annotations

import os
import socket
import stat
from typing import TYPE_CHECKING

from cellwire_client.errors import (
    ConnectionFailedError,
    ConnectionRefusedByHostError,
    HostUnknownError,
    IncompatibleEngineError,
    TlsError,
)

if TYPE_CHECKING:
    from cellwire_client.address import Address
    from cellwire_client.channel import Connection

TIMEOUT = 3.0
"""Seconds for each step."""

_PARTIAL_CHAIN = 0x80000  # ssl.VERIFY_X509_PARTIAL_CHAIN, unnamed in 3.8: gRPC takes a pinned leaf


def diagnose(connection: Connection, gave: str = "") -> ConnectionFailedError:
    """Find out why a call found no engine.

    Parameters
    ----------
    connection
        The connection whose call failed as UNAVAILABLE or without an answer in time.
    gave
        What gRPC said, shown only where no cause is found.

    Returns
    -------
    ConnectionFailedError
        Of the class and with the message of the first step that fails.
    """
    address = connection.address
    try:
        link = _unix(address.path) if address.path else _tcp(address)
    except ConnectionFailedError as error:
        return error
    with link:
        if connection.secure:
            failed = _tls_failure(connection, link)
            if failed is not None:
                return failed
        elif not address.path and _speaks_tls(link):
            return TlsError(
                f"The engine at {address} speaks TLS, and this connection does not.",
                "Give the ca.pem that 'cellwire certificate' wrote on the engine's machine.",
            )
    said = f" (gRPC says: {gave})" if gave else ""
    return ConnectionFailedError(
        f"{address} takes connections but gives no answer of a Cellwire engine{said}.",
        "If the engine is starting or very busy, try again; else check the port.",
    )


def not_an_engine(address: Address) -> IncompatibleEngineError:
    """Make the error for a gRPC server that does not know the engine's calls."""
    return IncompatibleEngineError(
        f"What answers at {address} is no Cellwire engine that knows this client's protocol "
        "(cellwire_api.v1).",
        "Check the port; if it is an engine, update it or this client to the same version.",
    )


def _unix(path: str) -> socket.socket:
    shown = f"unix:{path}"
    start = f"Start it with 'cellwire serve --listen {shown}', or check the path."
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        message = f"No engine listens at {shown}: there is no such socket file."
        raise ConnectionRefusedByHostError(message, start) from None
    except OSError as error:
        raise ConnectionFailedError(f"{shown} cannot be used: {error.strerror}.", start) from None
    if not stat.S_ISSOCK(mode):
        message = f"{shown} is no socket file but something else."
        raise ConnectionRefusedByHostError(message, start)
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        raise ConnectionFailedError(
            "Socket files are not available on this system.", "Use 127.0.0.1:50051."
        )
    link = socket.socket(family, socket.SOCK_STREAM)
    link.settimeout(TIMEOUT)
    try:
        link.connect(path)
    except PermissionError:
        link.close()
        raise ConnectionFailedError(
            f"{shown} belongs to another user, and you may not use it.",
            "Start your own engine, or ask the owner for one that listens on a port.",
        ) from None
    except OSError:
        link.close()
        message = f"No engine listens at {shown}: the socket file is left over from an earlier one."
        raise ConnectionRefusedByHostError(message, start) from None
    return link


def _tcp(address: Address) -> socket.socket:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise HostUnknownError(
            f"The name {address.host} (of {address}) is not known to this computer.",
            "Check its spelling, or use the number that 'hostname -I' prints on that machine.",
        ) from None
    last: OSError = OSError("no address")
    for family, kind, protocol, _, where in found:
        link = socket.socket(family, kind, protocol)
        link.settimeout(TIMEOUT)
        try:
            link.connect(where)
        except OSError as error:
            link.close()
            last = error
        else:
            return link
    if isinstance(last, ConnectionRefusedError):
        raise ConnectionRefusedByHostError(
            f"No engine listens at {address}: the connection was refused.",
            _how_to_start(address),
        )
    if isinstance(last, socket.timeout):
        raise ConnectionFailedError(
            f"{address} did not answer within {TIMEOUT:g} seconds.",
            "Check that the machine is on and that its firewall lets this port through.",
        )
    raise ConnectionFailedError(
        f"{address} cannot be reached: {last.strerror or last}.",
        "Check the address and the network.",
    )


def _how_to_start(address: Address) -> str:
    if address.is_local:
        return f"Start it with 'cellwire serve --listen {address}', or check the port."
    return (
        f"On that machine, check that 'cellwire serve --listen {address}' runs and that the port "
        "is right; an engine on 127.0.0.1 serves only its own machine."
    )


def _tls_failure(connection: Connection, link: socket.socket) -> TlsError | None:
    try:
        import ssl  # a frozen application may lack it
    except ImportError:
        return None
    address = connection.address
    context = ssl.create_default_context()
    if connection.certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_flags |= _PARTIAL_CHAIN
        try:
            context.load_verify_locations(cadata=connection.certificate.decode("ascii", "replace"))
        except ssl.SSLError:
            return TlsError("The ca.pem file is damaged.", "Copy it from the engine again.")
    context.set_alpn_protocols(["h2"])
    try:
        context.wrap_socket(link, server_hostname=address.host or "localhost").close()
    except ssl.SSLCertVerificationError as error:
        if "match" in error.verify_message:  # the host's name or its number
            return TlsError(
                f"The certificate of the engine at {address} was not made for the name "
                f"{address.host}.",
                f"On its machine run 'cellwire certificate {address.host}', restart the engine "
                "with the new files and copy ca.pem; or use a name that is in the old one.",
            )
        if "expired" in error.verify_message:
            return TlsError(
                f"The certificate of the engine at {address} has expired.",
                "On its machine run 'cellwire certificate' again and copy the new ca.pem.",
            )
        if connection.certificate is None:
            return TlsError(
                f"The certificate of the engine at {address} is not known to this computer.",
                "Give the ca.pem that 'cellwire certificate' wrote on the engine's machine.",
            )
        return TlsError(
            f"The engine at {address} shows a certificate of another authority than the ca.pem "
            "given here.",
            "Copy ca.pem from the engine's machine again; if it was not renewed "
            "there, something else answers at this address.",
        )
    except (ssl.SSLError, OSError):
        return TlsError(
            f"What listens at {address} does not speak TLS.",
            "Check the port; if the engine runs without TLS on this machine, leave ca.pem out.",
        )
    return None


def _speaks_tls(link: socket.socket) -> bool:
    try:
        import ssl  # a frozen application may lack it
    except ImportError:
        return False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    try:
        context.wrap_socket(link).close()
    except (ssl.SSLError, OSError):
        return False
    return True
