"""Engines that die, come back, drain; clients that are interrupted."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cellwire_client import (
    ConnectionRefusedByHostError,
    EngineLostError,
    Progress,
    connect,
)
from tests.engine_process import INTERRUPTIBLE

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENT = """
import sys, numpy as np
from cellwire_client import connect
def show(step):
    print(step.stage, flush=True)
image = np.random.default_rng(3).integers(0, 999, (600, 600)).astype(np.uint16)
with connect(sys.argv[1]) as engine:
    engine.segment(image, sys.argv[2], diameter=8, progress=show)
"""


@pytest.fixture
def image() -> np.ndarray[Any, Any]:
    return np.random.default_rng(4).integers(0, 999, (300, 300)).astype(np.uint16)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_engine_that_dies_in_the_middle_is_told_soon(
    launch: Any, model: str, image: np.ndarray
) -> None:
    engine = launch()
    killed = 0.0

    def kill(step: Progress) -> None:
        nonlocal killed
        if step.stage == "network" and not killed:
            engine.kill()
            killed = time.monotonic()

    with connect(engine.address, reconnect=1.0) as client:
        with pytest.raises(EngineLostError) as caught:
            client.segment(image, model, diameter=8, progress=kill)
        assert time.monotonic() - killed < 20
        for part in (engine.address, "went away while network, step", "within 1 s", "refused"):
            assert part in str(caught.value)
        assert "cellwire serve" in caught.value.next_step
        with pytest.raises(ConnectionRefusedByHostError):
            client.models()


def test_an_engine_that_is_started_again_takes_the_work_up(
    launch: Any, model: str, image: np.ndarray
) -> None:
    listen = f"127.0.0.1:{free_port()}"
    engine = launch(listen=listen)
    stages: list[str] = []
    again: list[threading.Thread] = []

    def kill(step: Progress) -> None:
        stages.append(step.stage)
        if step.stage == "network" and not again:
            engine.kill()
            again.append(threading.Thread(target=launch, kwargs={"listen": listen}))
            again[0].start()

    with connect(listen, reconnect=90) as client:
        result = client.segment(image, model, progress=kill)
        again[0].join()
        assert "reconnecting" in stages
        assert stages.count("uploading") >= 2
        assert np.array_equal(result.labels, client.segment(image, model).labels)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_client_that_is_interrupted_frees_the_engine(
    engine: Any, model: str, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [*INTERRUPTIBLE, sys.executable, "-c", CLIENT, engine.address, model],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, connect(engine.address) as client:
        for line in process.stdout:
            if line.strip() == "network":
                break
        assert client.info().active_segmentations == 1
        process.send_signal(number)
        _, said = process.communicate(timeout=90)
        wait_until(lambda: client.info().active_segmentations == 0, 90)
    assert process.returncode != 0
    if number == signal.SIGINT:
        assert "KeyboardInterrupt" in said


def test_an_engine_that_is_asked_to_stop_finishes_what_runs(
    launch: Any, model: str, image: np.ndarray
) -> None:
    engine = launch(grace=60.0)

    def stop(step: Progress) -> None:
        if step.stage == "network" and not asked:
            engine.process.send_signal(signal.SIGTERM)
            asked.append(True)

    asked: list[bool] = []
    with connect(engine.address, reconnect=1.0) as client:
        result = client.segment(image, model, progress=stop)
    assert result.labels.shape == image.shape
    assert engine.process.wait(60) == 0
