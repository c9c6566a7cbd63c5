"""Who is let in, and where the engine listens at all."""

from __future__ import annotations

import socket
import stat
from typing import TYPE_CHECKING

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from wire import API, Wire, connect, detail_of, request_for

from cellwire.errors import BindRefusedError, InvalidParameterError
from cellwire.serving.certificates import make_certificates
from cellwire.serving.errors import STATUSES
from cellwire.serving.tokens import add_token, remove_token
from cellwire_api.v1 import engine_service_pb2

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = engine_service_pb2.GetEngineRequest()


def caught_from(wire: Wire) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        wire.engine.GetEngine(ABOUT, timeout=20, metadata=wire.metadata)
    return caught.value


def test_tokens_decide_who_is_let_in(start_server, tmp_path: Path, cells) -> None:
    file = tmp_path / "tokens"
    ada, ben = add_token(file, "ada"), add_token(file, "ben")
    server = start_server(token_file=file)
    with connect(server.address) as stranger:
        error = caught_from(stranger)
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED
        assert detail_of(error).reason == "TOKEN_MISSING"
        with pytest.raises(grpc.RpcError) as caught:
            stranger.run(request_for("images/" + "0" * 64))
        assert detail_of(caught.value).reason == "TOKEN_MISSING"
        with pytest.raises(grpc.RpcError) as caught:
            stranger.upload([])
        assert detail_of(caught.value).reason == "TOKEN_MISSING"
        health = health_pb2_grpc.HealthStub(stranger.channel)
        health.Check(health_pb2.HealthCheckRequest(), timeout=20)
    with connect(server.address, "wrong") as wrong:
        assert detail_of(caught_from(wrong)).reason == "TOKEN_WRONG"
    with connect(server.address, ada) as first, connect(server.address, ben) as second:
        about = first.engine.GetEngine(ABOUT, timeout=20, metadata=first.metadata)
        assert about.caller == "ada"
        name = first.send(cells)
        assert first.look(name).complete
        assert not second.look(name).complete, "an image belongs to who sent it"
        with pytest.raises(grpc.RpcError) as caught:
            second.run(request_for(name))
        assert detail_of(caught.value).reason == "IMAGE_UNKNOWN"
        outcome = first.run(request_for(name))
        watch = API.WatchSegmentationRequest(name=outcome.events[0].accepted.name)
        with pytest.raises(grpc.RpcError) as caught:
            list(second.segmentations.WatchSegmentation(watch, metadata=second.metadata))
        assert detail_of(caught.value).reason == "SEGMENTATION_UNKNOWN"
        second.send(cells)
        again = second.run(request_for(name))
        assert not again.cached, "results are not shared between callers"
        assert np.array_equal(again.labels, outcome.labels)
        remove_token(file, "ben")
        assert detail_of(caught_from(second)).reason == "TOKEN_WRONG"


def test_tls_and_token_on_this_machine(start_server, tmp_path: Path, cells) -> None:
    files = make_certificates(tmp_path / "tls", ["127.0.0.1", "localhost"])
    token = add_token(tmp_path / "tokens", "ada")
    server = start_server(
        certificate=files.certificate, key=files.key, token_file=tmp_path / "tokens"
    )
    pinned = grpc.ssl_channel_credentials(files.authority.read_bytes())
    with Wire(grpc.secure_channel(server.address, pinned), token) as wire:
        assert wire.run(request_for(wire.send(cells))).labels.any()
    other = make_certificates(tmp_path / "other", ["127.0.0.1"])
    foreign = grpc.ssl_channel_credentials(other.authority.read_bytes())
    with Wire(grpc.secure_channel(server.address, foreign), token) as wire:
        assert caught_from(wire).code() is grpc.StatusCode.UNAVAILABLE
    with connect(server.address, token) as wire:
        assert caught_from(wire).code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.7:0"])
def test_other_addresses_are_refused(start_server, tmp_path: Path, listen: str) -> None:
    with pytest.raises(BindRefusedError, match=r"TLS and tokens are missing.*cellwire certificate"):
        start_server(listen=listen)
    add_token(tmp_path / "tokens", "ada")
    with pytest.raises(BindRefusedError, match="TLS is missing"):
        start_server(listen=listen, token_file=tmp_path / "tokens")
    files = make_certificates(tmp_path / "tls", ["127.0.0.1"])
    with pytest.raises(BindRefusedError, match="tokens are missing"):
        start_server(listen=listen, certificate=files.certificate, key=files.key)


def test_a_unix_socket_is_its_owners(start_server, tmp_path: Path, cells) -> None:
    path = tmp_path / "engine.sock"
    server = start_server(listen=f"unix:{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with connect(server.address) as wire:
        assert wire.run(request_for(wire.send(cells))).labels.any()
    with pytest.raises(BindRefusedError, match="listens on"):
        start_server(listen=f"unix:{path}")


def test_a_socket_that_was_left_behind_is_replaced(start_server, tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    server = start_server(listen=f"unix:{path}")
    with connect(server.address) as wire:
        wire.engine.GetEngine(ABOUT, timeout=20)


def test_a_port_is_not_shared(start_server, server) -> None:
    with pytest.raises(BindRefusedError, match="another program"):
        start_server(listen=server.address)


def test_a_token_file_that_others_can_read(start_server, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    add_token(file, "ada")
    file.chmod(0o640)
    with pytest.raises(InvalidParameterError, match="chmod 600"):
        start_server(token_file=file)


def test_every_error_of_the_catalogue_has_a_status() -> None:
    from cellwire.errors import CellwireError

    assert set(CellwireError.__subclasses__()) == set(STATUSES)


def test_an_internal_error_tells_nothing_but_its_number(start_server, monkeypatch, caplog) -> None:
    server = start_server()
    secret = "/home/ada/secret.tif"

    def broken(*_: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(server.server.store, "look", broken)
    with connect(server.address) as wire, pytest.raises(grpc.RpcError) as caught:
        wire.look("images/" + "0" * 64)
    detail = detail_of(caught.value)
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert detail.incident_id in detail.message
    assert secret not in caught.value.details() + str(detail)
    assert detail.incident_id in caplog.text
    assert secret in caplog.text
