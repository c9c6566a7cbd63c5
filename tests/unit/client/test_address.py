import pytest

from cellwire_client import AddressError
from cellwire_client.address import parse_address


@pytest.mark.parametrize(
    ("text", "shown", "local"),
    [
        ("127.0.0.1:50051", "127.0.0.1:50051", True),
        ("  localhost:1 \n", "localhost:1", True),
        ("gpubox", "gpubox:50051", False),
        ("gpubox.lab.org:6000", "gpubox.lab.org:6000", False),
        ("[::1]:6000", "[::1]:6000", True),
        ("::1", "[::1]:50051", True),
        ("[fe80::2]", "[fe80::2]:50051", False),
        ("10.0.0.7", "10.0.0.7:50051", False),
        ("unix:/run/cellwire.sock", "unix:/run/cellwire.sock", True),
        ("unix:///run/cellwire.sock", "unix:/run/cellwire.sock", True),
        ("unix: relative.sock", "unix:relative.sock", True),
    ],
)
def test_addresses_are_read_as_people_type_them(text: str, shown: str, local: bool) -> None:
    address = parse_address(text)
    assert str(address) == shown
    assert address.is_local is local
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("http://gpubox:50051", "Write gpubox:50051 alone"),
        ("grpc://gpubox:50051/path", "Write gpubox:50051 alone"),
        ("gpubox:50051/sam/", "without a path"),
        ("gpubox:port", "from 1 to 65535; it is 'port'"),
        ("gpubox:0", "from 1 to 65535; it is '0'"),
        ("gpubox:70000", "from 1 to 65535; it is '70000'"),
        (":50051", "names no host"),
        ("my host:50051", "no name of a host"),
        ("unix:", "names no socket file"),
        ("0.0.0.0:50051", "not where it is found"),
        ("[::]:50051", "not where it is found"),
    ],
)
def test_what_is_no_address_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(AddressError, match=says) as caught:
        parse_address(text)
    assert caught.value.next_step
