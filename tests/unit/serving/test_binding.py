from __future__ import annotations

from pathlib import Path

import pytest

from cellwire.errors import BindRefusedError, InvalidParameterError
from cellwire.serving.binding import check_binding, parse_binding


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("127.0.0.1:50051", "127.0.0.1", 50051), ("[::1]:0", "::1", 0), ("gpubox:7", "gpubox", 7)],
)
def test_tcp_addresses(text, host, port) -> None:
    binding = parse_binding(text)
    assert (binding.host, binding.port, binding.path) == (host, port, None)
    assert binding.address() == text


def test_unix_sockets() -> None:
    assert parse_binding("unix:/run/c.sock").path == Path("/run/c.sock")
    assert parse_binding("unix:///run/c.sock").path == Path("/run/c.sock")
    with pytest.raises(InvalidParameterError, match="limit is 100"):
        parse_binding(f"unix:/{'x' * 120}")


@pytest.mark.parametrize("text", ["", "50051", ":50051", "host", "host:", "host:x", "h:65536"])
def test_what_is_no_address(text) -> None:
    with pytest.raises(InvalidParameterError, match="no address"):
        parse_binding(text)


@pytest.mark.parametrize("text", ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "unix:/tmp/x"])
def test_this_machine_is_open(text) -> None:
    check_binding(parse_binding(text), tls=False, tokens=False)


@pytest.mark.parametrize("text", ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "no-such-host.invalid:1"])
@pytest.mark.parametrize(("tls", "tokens"), [(False, False), (True, False), (False, True)])
def test_others_need_tls_and_tokens(text, tls, tokens) -> None:
    with pytest.raises(BindRefusedError, match="cellwire token add") as caught:
        check_binding(parse_binding(text), tls=tls, tokens=tokens)
    assert ("TLS" in caught.value.message) is not tls
    assert (" tokens " in caught.value.message) is not tokens
    check_binding(parse_binding(text), tls=True, tokens=True)
