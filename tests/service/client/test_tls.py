"""TLS and tokens on 127.0.0.1: each thing that can be wrong has a message of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cellwire.serving.certificates import make_certificates
from cellwire.serving.tokens import add_token
from cellwire_client import (
    ConnectionRefusedByHostError,
    HostUnknownError,
    TlsError,
    TokenError,
    connect,
)

if TYPE_CHECKING:
    import numpy as np


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("secrets")
    files = make_certificates(folder / "own", ["127.0.0.1", "localhost"])
    other = make_certificates(folder / "other", ["127.0.0.1"])
    token = folder / "token"
    token.write_text(f"# for tests\n{add_token(folder / 'tokens', 'ada')}\n")
    return {
        "ca": files.authority,
        "certificate": files.certificate,
        "key": files.key,
        "other_ca": other.authority,
        "tokens": folder / "tokens",
        "token": token,
    }


@pytest.fixture(scope="module")
def protected(launch: Any, secrets: dict[str, Path]) -> Any:
    return launch(
        certificate=secrets["certificate"], key=secrets["key"], token_file=secrets["tokens"]
    )


def test_it_works_with_both(
    protected: Any, secrets: dict[str, Path], model: str, cells: np.ndarray
) -> None:
    with connect(protected.address, ca_file=secrets["ca"], token_file=secrets["token"]) as engine:
        assert engine.info().caller == "ada"
        assert engine.segment(cells, model).labels.shape == cells.shape
    port = protected.address.rsplit(":", 1)[1]
    with connect(f"localhost:{port}", ca_file=secrets["ca"], token_file=secrets["token"]) as engine:
        assert engine.models()


def failures(protected: Any, secrets: dict[str, Path], folder: Path) -> dict[str, Any]:
    wrong = folder / "wrong"
    wrong.write_text("not-the-token\n")
    port = protected.address.rsplit(":", 1)[1]
    good = {"ca_file": secrets["ca"], "token_file": secrets["token"]}
    return {
        "name": (f"no-such-host.invalid:{port}", good, HostUnknownError, "is not known"),
        "refused": ("127.0.0.1:1", good, ConnectionRefusedByHostError, "was refused"),
        "wrong CA": (
            protected.address,
            {**good, "ca_file": secrets["other_ca"]},
            TlsError,
            "another authority",
        ),
        "no CA": (
            protected.address,
            {"tls": True, "token_file": secrets["token"]},
            TlsError,
            "is not known to this computer",
        ),
        "plain": (protected.address, {"token_file": secrets["token"]}, TlsError, "speaks TLS"),
        "no token": (protected.address, {"ca_file": secrets["ca"]}, TokenError, "none was sent"),
        "wrong token": (
            protected.address,
            {**good, "token_file": wrong},
            TokenError,
            "does not know the token",
        ),
    }


def test_each_failure_has_a_message_of_its_own(
    protected: Any, secrets: dict[str, Path], tmp_path: Path
) -> None:
    messages = {}
    cases = failures(protected, secrets, tmp_path)
    for case, (address, options, kind, says) in cases.items():
        with pytest.raises(kind) as caught:
            connect(address, **options)
        assert says in str(caught.value), case
        assert address in caught.value.message, case
        assert caught.value.next_step, case
        messages[case] = str(caught.value)
    assert len(set(messages.values())) == len(messages)
    assert "not-the-token" not in " ".join(messages.values())


def test_a_certificate_for_another_name(launch: Any, tmp_path: Path) -> None:
    files = make_certificates(tmp_path / "c", ["gpubox.lab.org"])
    engine = launch(certificate=files.certificate, key=files.key)
    with pytest.raises(TlsError, match=r"not made for the name 127\.0\.0\.1") as caught:
        connect(engine.address, ca_file=files.authority)
    assert "cellwire certificate 127.0.0.1" in caught.value.next_step


def test_a_token_on_plain_loopback(launch: Any, secrets: dict[str, Path], model: str) -> None:
    engine = launch(token_file=secrets["tokens"])
    with connect(engine.address, token_file=secrets["token"]) as client:
        assert client.info().caller == "ada"
        assert client.model(model).name == model
    with pytest.raises(TokenError, match="wants a token"):
        connect(engine.address)
    with pytest.raises(TokenError, match="does not know the token"):
        connect(engine.address, token="0" * 43)


def test_tls_where_the_engine_has_none(engine: Any, secrets: dict[str, Path]) -> None:
    with pytest.raises(TlsError, match="does not speak TLS"):
        connect(engine.address, ca_file=secrets["ca"])


def test_a_socket_file(launch: Any, tmp_path: Path, model: str, cells: np.ndarray) -> None:
    engine = launch(listen=f"unix:{tmp_path}/engine.sock")
    assert Path(f"{tmp_path}/engine.sock").stat().st_mode & 0o077 == 0
    with connect(engine.address) as client:
        assert client.segment(cells, model).labels.shape == cells.shape
