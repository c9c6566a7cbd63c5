"""Each way in which a connection fails has a class and a message of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from concurrent import futures
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
import pytest

from cellwire_api.v1 import engine_service_pb2, engine_service_pb2_grpc
from cellwire_client import (
    ConnectionFailedError,
    ConnectionRefusedByHostError,
    HostUnknownError,
    IncompatibleEngineError,
    TlsError,
    connect,
)
from cellwire_client.version import REVISION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class LaterEngine(engine_service_pb2_grpc.EngineServiceServicer):
    """An engine of another version, or one that is still starting."""

    def __init__(self, min_client_revision: int, starting: int = 0, revision: int = 9) -> None:
        self.min_client_revision = min_client_revision
        self.starting = starting
        self.revision = revision

    def GetEngine(self, request: Any, context: Any) -> Any:
        self.starting -= 1
        return engine_service_pb2.GetEngineResponse(
            version="7.1.0",
            revision=self.revision,
            min_client_revision=self.min_client_revision,
            state=(
                engine_service_pb2.ENGINE_STATE_STARTING
                if self.starting >= 0
                else engine_service_pb2.ENGINE_STATE_SERVING
            ),
        )


@contextlib.contextmanager
def serving(servicer: LaterEngine | None) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(2))
    if servicer is not None:
        engine_service_pb2_grpc.add_EngineServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_name_that_is_not_known() -> None:
    with pytest.raises(HostUnknownError, match=r"gpu-box\.invalid .*is not known") as caught:
        connect("gpu-box.invalid:50051", connect_timeout=5)
    assert "spelling" in caught.value.next_step


def test_a_port_where_nothing_listens() -> None:
    port = free_port()
    began = time.monotonic()
    with pytest.raises(ConnectionRefusedByHostError, match=f"127.0.0.1:{port}.*refused") as caught:
        connect(f"127.0.0.1:{port}")
    assert f"cellwire serve --listen 127.0.0.1:{port}" in caught.value.next_step
    assert time.monotonic() - began < 5


def test_socket_files_that_are_absent_left_over_or_something_else(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with pytest.raises(ConnectionRefusedByHostError, match="no such socket file"):
        connect(f"unix:{path}")
    path.write_text("")
    with pytest.raises(ConnectionRefusedByHostError, match="something else"):
        connect(f"unix:{path}")
    path.unlink()
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(path))
    with pytest.raises(ConnectionRefusedByHostError, match="left over"):
        connect(f"unix:{path}")


def test_an_engine_of_a_later_version() -> None:
    with serving(LaterEngine(5)) as address, pytest.raises(IncompatibleEngineError) as caught:
        connect(address)
    for part in (address, "7.1.0", "revision 5", f"revision {REVISION}", "pip install --upgrade"):
        assert part in str(caught.value)


def test_a_stack_for_an_engine_of_an_earlier_version_is_not_sent() -> None:
    stack = np.zeros((3, 8, 9), np.uint8)
    seen: list[object] = []
    with serving(LaterEngine(1, revision=1)) as address, connect(address) as engine:
        for ask in (engine.segment, engine.start):
            with pytest.raises(IncompatibleEngineError, match="does not know stacks") as caught:
                ask(stack, axes="ZYX", stack="planes", progress=seen.append)
            assert address in caught.value.message
    assert seen == []


def test_an_engine_of_a_later_version_that_still_serves_this_one() -> None:
    with serving(LaterEngine(1)) as address, connect(address) as engine:
        assert engine.info().version == "7.1.0"


def test_another_grpc_server() -> None:
    with serving(None) as address, pytest.raises(IncompatibleEngineError, match="no Cellwire"):
        connect(address)


def test_a_server_that_speaks_something_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        over = threading.Event()

        def answer() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError):
                    link, _ = server.accept()
                    link.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    link.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(ConnectionFailedError, match="no answer of a Cellwire engine"):
            connect(address, connect_timeout=3)
        with pytest.raises(TlsError, match="does not speak TLS"):
            connect(address, tls=True, connect_timeout=3)
        over.set()
        socket.create_connection(server.getsockname()).close()
        thread.join()


def test_a_server_that_never_answers_does_not_hang_the_client() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        began = time.monotonic()
        with pytest.raises(ConnectionFailedError, match="no answer"):
            connect(f"127.0.0.1:{server.getsockname()[1]}", connect_timeout=1)
        assert time.monotonic() - began < 10


def test_an_engine_that_comes_up_later_is_waited_for() -> None:
    port = free_port()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    engine_service_pb2_grpc.add_EngineServiceServicer_to_server(LaterEngine(1, 2), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    timer = threading.Timer(0.5, server.start)
    timer.start()
    try:
        with connect(f"127.0.0.1:{port}", wait=20) as engine:
            assert engine.info().state == "serving"
    finally:
        timer.join()
        server.stop(None)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    with serving(LaterEngine(1)) as address, connect(address) as engine:
        assert engine.info().revision == 9
