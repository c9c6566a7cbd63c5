from pathlib import Path

import pytest

from cellwire_client import TlsError, TokenError
from cellwire_client.address import parse_address
from cellwire_client.channel import open_connection
from cellwire_client.credentials import check_token, read_certificate, read_token


def test_a_token_file_is_read_without_its_comments(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("\n# of gpubox\n  abc-DEF_123 \n")
    assert read_token(file) == "abc-DEF_123"


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n"])
def test_an_empty_token_file_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    with pytest.raises(TokenError, match="is empty"):
        read_token(file)


def test_files_that_are_not_what_they_should_be(tmp_path: Path) -> None:
    with pytest.raises(TokenError, match="No such file"):
        read_token(tmp_path / "absent")
    with pytest.raises(TlsError, match="No such file"):
        read_certificate(tmp_path / "absent")
    key = tmp_path / "server.key"
    key.write_text("-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(TlsError, match="is a private key"):
        read_certificate(key)
    key.write_text("hello")
    with pytest.raises(TlsError, match=r"ca\.pem"):
        read_certificate(key)
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TokenError, match="is no text"):
        read_token(binary)


@pytest.mark.parametrize("token", ["", "two words", "ümlaut", "a\nb"])
def test_a_token_that_cannot_be_one_is_never_sent(token: str) -> None:
    with pytest.raises(TokenError) as caught:
        check_token(token)
    assert not token or token not in str(caught.value)


def test_nothing_goes_to_another_machine_in_the_open() -> None:
    with pytest.raises(TlsError, match="another machine"):
        open_connection(parse_address("10.0.0.7"), tls=False)
    assert open_connection(parse_address("10.0.0.7")).secure
    assert not open_connection(parse_address("127.0.0.1")).secure
