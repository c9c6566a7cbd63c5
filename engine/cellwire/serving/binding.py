"""Where the engine listens, and where it refuses to."""

from __future__ import annotations

import ipaddress
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

from cellwire.errors import BindRefusedError, InvalidParameterError

_MAX_SOCKET_PATH = 100
"""Bytes of a unix socket's path; the system's own limit is 108, 104 on macOS."""


@dataclass(frozen=True, slots=True)
class Binding:
    """An address to listen on.

    Attributes
    ----------
    host, port
        For TCP; port 0 = any free one.
    path
        For a unix socket, then host is empty.
    """

    host: str = "127.0.0.1"
    port: int = 50051
    path: Path | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        if self.path is not None:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            pass
        try:
            found = socket.getaddrinfo(self.host, None)
        except OSError:
            return False
        return all(ipaddress.ip_address(item[4][0]).is_loopback for item in found)

    def address(self, port: int | None = None) -> str:
        """Write it as gRPC and the command line do."""
        if self.path is not None:
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port if port is None else port}"


def parse_binding(text: str) -> Binding:
    """Read ``HOST:PORT``, ``[IPv6]:PORT`` or ``unix:PATH``.

    Raises
    ------
    InvalidParameterError
        It is none of them.
    """
    text = text.strip()
    if text.startswith("unix:"):
        path = Path(text.removeprefix("unix:").replace("///", "/", 1)).expanduser().absolute()
        if len(str(path).encode()) > _MAX_SOCKET_PATH:
            raise InvalidParameterError(
                f"The socket's path has {len(str(path).encode())} bytes; the limit is "
                f"{_MAX_SOCKET_PATH}.",
                "Choose a shorter one, for example in your home folder.",
            )
        return Binding(host="", port=0, path=path)
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise InvalidParameterError(
            f"{text!r} is no address to listen on.",
            "Write HOST:PORT such as 127.0.0.1:50051, or unix:PATH.",
        )
    return Binding(host=host, port=int(port))


def check_binding(binding: Binding, *, tls: bool, tokens: bool) -> None:
    """Refuse to be reached from other machines without TLS and tokens.

    Raises
    ------
    BindRefusedError
        Says what is missing and how to get it.
    """
    if binding.is_local or (tls and tokens):
        return
    missing = [name for name, there in (("TLS", tls), ("tokens", tokens)) if not there]
    raise BindRefusedError(
        f"Other machines can reach {binding.address()}, and {' and '.join(missing)} "
        f"{'is' if missing == ['TLS'] else 'are'} missing: anyone there could read images and "
        "use this machine.",
        "Make a certificate (cellwire certificate HOST) and a token (cellwire token add NAME) and "
        "name both to cellwire serve; or listen on 127.0.0.1 or a unix socket.",
    )


def check_socket_free(path: Path) -> None:
    """Remove a socket that no engine listens on any more.

    Raises
    ------
    BindRefusedError
        An engine answers there, or the file is something else.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise BindRefusedError(f"{path} is a file, not a socket.", "Choose another path.")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink()
            return
    raise BindRefusedError(
        f"An engine listens on {path} already.", "Use that one, or choose another path."
    )
