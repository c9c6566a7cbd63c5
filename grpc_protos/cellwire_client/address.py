"""Where an engine listens: ``host[:port]`` or ``unix:PATH``."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from cellwire_client.errors import AddressError

DEFAULT_PORT = 50051
"""The port of an engine that was not told another."""

_EXAMPLES = "Write host, host:port or unix:PATH, for example 127.0.0.1:50051 or gpubox:50051."


@dataclass(frozen=True)
class Address:
    """A parsed address.

    Attributes
    ----------
    host
        Name or number of the host, empty for a socket file.
    port
        TCP port, 0 for a socket file.
    path
        Path of the socket file, empty for TCP.
    """

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def target(self) -> str:
        """The address as gRPC takes it."""
        if self.path:
            return f"unix:{self.path}"
        return f"dns:///{self}"

    @property
    def is_local(self) -> bool:
        """Whether it cannot leave this machine: a socket file or a loopback address."""
        if self.path or self.host.lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        """``host:port`` (IPv6 in brackets) or ``unix:PATH``."""
        if self.path:
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read an address as people type it.

    Parameters
    ----------
    text
        ``host``, ``host:port``, ``[IPv6]:port`` or ``unix:PATH``; blanks around it do not matter.

    Returns
    -------
    Address
        With port 50051 where none is given.

    Raises
    ------
    AddressError
        If it is none of these; the message says what to write instead.
    """
    text = text.strip()
    if not text:
        raise AddressError("The engine's address is empty.", _EXAMPLES)
    if text.startswith("unix:"):
        return _socket_file(text)
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://+(.*)", text)
    if scheme:
        bare = scheme.group(2).split("/")[0]
        hint = f"Write {bare} alone." if bare else _EXAMPLES
        raise AddressError(
            f"The engine's address is host and port without {scheme.group(1)}://; it is {text!r}.",
            hint,
        )
    if "/" in text:
        raise AddressError(
            f"The engine's address is host and port without a path; it is {text!r}.", _EXAMPLES
        )
    host, port = _split(text)
    if not re.match(r"[A-Za-z0-9._:%-]+\Z", host):
        raise AddressError(f"{host!r} is no name of a host (in {text!r}).", _EXAMPLES)
    if host in ("0.0.0.0", "::"):  # noqa: S104
        raise AddressError(
            f"{host} is what an engine listens on, not where it is found (in {text!r}).",
            f"Write the name of its machine, or 127.0.0.1:{port} on the machine itself.",
        )
    return Address(host=host, port=port)


def _socket_file(text: str) -> Address:
    path = text[len("unix:") :].strip()
    while path.startswith("//"):  # unix:///run/x is gRPC's other spelling of unix:/run/x
        path = path[1:]
    if not path:
        raise AddressError(f"The address {text!r} names no socket file.", _EXAMPLES)
    return Address(path=path)


def _split(text: str) -> tuple[str, int]:
    bracketed = re.match(r"\[([^\]]+)\](?::(.*))?\Z", text)
    if bracketed:
        host, port = bracketed.group(1), bracketed.group(2)
    elif text.count(":") > 1:  # a bare IPv6 address
        host, port = text, None
    else:
        host, _, rest = text.partition(":")
        port = rest if ":" in text else None
    host = host.strip()
    if not host:
        raise AddressError(f"The address {text!r} names no host.", _EXAMPLES)
    if port is None:
        return host, DEFAULT_PORT
    try:
        number = int(port)
    except ValueError:
        number = -1
    if not 0 < number < 65536:
        raise AddressError(
            f"The port must be a number from 1 to 65535; it is {port!r} (in {text!r}).", _EXAMPLES
        )
    return host, number
