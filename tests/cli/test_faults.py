"""Engines that are not there, not ours or dying, full disks, and faults of our own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import numpy as np
from commanding import MODEL, in_own_process, serving, write_array

from cellwire_api.v1 import engine_service_pb2, engine_service_pb2_grpc
from cellwire_client import connect
from tests.engine_process import INTERRUPTIBLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def _long(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Work for minutes: a large image of tiny cells, which is enlarged to be segmented."""
    path = write_array(folder / "long.tif", np.eye(1400, dtype=np.uint8))
    return path, ("--model", MODEL, "--diameter", "5")


def test_no_engine_there(cellwire: Callable[..., object], image: Path, tmp_path: Path) -> None:
    for address, words in (
        ("127.0.0.1:1", ["No engine listens at 127.0.0.1:1", "refused", "cellwire serve"]),
        (f"unix:{tmp_path}/none", ["none", "cellwire serve"]),
        ("no-such-host.invalid:50051", ["no-such-host.invalid"]),
        ("http://gpubox:50051", ["without http://", "gpubox:50051"]),
        ("gpubox:99999", ["'99999'", "1 to 65535"]),
    ):
        ended = cellwire("segment", image, "--model", MODEL, "--server", address)
        assert ended.code == (2 if "gpubox" in address else 4), ended
        for word in words:
            assert word in ended.err
        assert ended.err.startswith("error: ")


class NewerEngine(engine_service_pb2_grpc.EngineServiceServicer):
    """An engine that serves no client as old as this one."""

    def GetEngine(self, request: object, context: object) -> object:
        return engine_service_pb2.GetEngineResponse(
            version="9.0.0", revision=99, min_client_revision=99, state=2
        )


def test_an_engine_of_another_version(cellwire: Callable[..., object], image: Path) -> None:
    server = grpc.server(ThreadPoolExecutor(2))
    engine_service_pb2_grpc.add_EngineServiceServicer_to_server(NewerEngine(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        ended = cellwire("segment", image, "--model", MODEL, "--server", f"127.0.0.1:{port}")
    finally:
        server.stop(None)
    assert ended.code == 4
    for word in ("9.0.0", "99", "1"):
        assert word in ended.err


def test_an_engine_that_dies_is_told_of(environment: dict[str, str], tmp_path: Path) -> None:
    path, options = _long(tmp_path)
    first = write_array(tmp_path / "first.tif", np.eye(30, dtype=np.uint8))
    with serving(environment, tmp_path) as engine:
        images = [str(first), str(path), str(tmp_path / "never.tif")]
        command = [sys.executable, "-m", "cellwire.cli.app", "segment", *images, *options]
        command += ["--server", engine.address, "--json", "--save", "labels"]
        client = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert json.loads(client.stdout.readline())["file"] == str(first)
        with connect(engine.address) as watcher:
            end = time.monotonic() + 60
            while not watcher.info().active_segmentations:
                assert time.monotonic() < end
                time.sleep(0.05)
        engine.process.kill()
        try:
            out, err = client.communicate(timeout=120)
        finally:
            client.kill()
    assert client.returncode == 4, err
    (last,) = (json.loads(line) for line in out.splitlines())
    assert last["file"] == str(path)
    assert last["reason"] in ("ENGINE_LOST", "REFUSED")
    assert engine.address in err
    assert "1 of 3 images were segmented" in err
    assert "Traceback" not in err
    assert sorted(p.name for p in tmp_path.glob("*_labels.tif")) == ["first_labels.tif"]


def test_ctrl_c_ends_the_work(environment: dict[str, str], tmp_path: Path) -> None:
    path, options = _long(tmp_path)
    first = write_array(tmp_path / "first.tif", np.eye(30, dtype=np.uint8))
    command = [sys.executable, "-m", "cellwire.cli.app", "segment", str(first), str(path)]
    with subprocess.Popen(
        [*INTERRUPTIBLE, *command, *options, "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        try:
            assert json.loads(client.stdout.readline())["file"] == str(first)
            time.sleep(1.0)
            client.send_signal(signal.SIGINT)
            _, err = client.communicate(timeout=60)
        finally:
            client.kill()
    assert client.returncode == 130, err
    assert "Interrupted" in err
    assert "Traceback" not in err


def test_a_full_disk_leaves_nothing_half(environment: dict[str, str], image: Path) -> None:
    earlier = image.with_name("field_labels.tif")
    earlier.write_text("the result of an earlier run")

    ended = in_own_process(
        environment,
        "segment",
        str(image),
        "--model",
        MODEL,
        "--save",
        "labels",
        before=("prlimit", "--fsize=20000"),
    )
    assert ended.returncode == 3, ended.stderr
    for word in ("field_labels.tif", "MiB", "cannot be written", str(image.parent), "Make room"):
        assert word in ended.stderr
    assert earlier.read_text() == "the result of an earlier run"
    assert sorted(p.name for p in image.parent.iterdir()) == ["field.tif", "field_labels.tif"]


def test_a_folder_that_cannot_be(cellwire: Callable[..., object], image: Path) -> None:
    ended = cellwire("segment", image, "--model", MODEL, "--out", image)
    assert ended.code == 2
    assert "is a file, not a folder" in ended.err
    ended = cellwire("segment", image, "--model", MODEL, "--out", image / "sub")
    assert ended.code == 3
    assert "cannot be written" in ended.err


def test_a_fault_of_our_own_shows_an_incident(
    cellwire: Callable[..., object],
    home: Path,
    image: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import cellwire.images.reading as reading

    def break_down(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(reading, "read_image", break_down)
    ended = cellwire("segment", image, "--model", MODEL)
    assert ended.code == 5
    assert "incident" in ended.err
    assert "secret detail" not in ended.err
    (log,) = (home / "logs").glob("incident-*.txt")
    assert str(log) in ended.err
    assert "secret detail" in log.read_text()
    log.unlink()
    monkeypatch.setenv("CELLWIRE_DEBUG", "1")
    ended = cellwire("segment", image, "--model", MODEL)
    assert ended.code == 5
    assert not list((home / "logs").glob("incident-*.txt"))


def test_a_reader_that_goes_away_is_no_fault(environment: dict[str, str]) -> None:
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(
        [sys.executable, "-m", "cellwire.cli.app", "models", "list"],
        env=environment,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write)
    assert "Traceback" not in ended.stderr
