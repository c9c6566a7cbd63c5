"""From start to exit: not before it is warm, and not in the middle of work."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import TYPE_CHECKING

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from wire import connect, detail_of, make_cells, request_for

from cellwire.jobs.settings import EngineSettings
from cellwire.serving.server import Server
from cellwire.serving.settings import ServeSettings

if TYPE_CHECKING:
    from pathlib import Path


def test_sigterm_finishes_what_runs_and_takes_nothing_new(start_process) -> None:
    engine = start_process(grace=120)
    with connect(engine.address) as wire:
        name = wire.send(make_cells(300, 300))
        call = wire.segmentations.Segment(request_for(name, diameter=16.0))
        next(call)
        engine.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        with pytest.raises(grpc.RpcError) as caught:
            wire.run(request_for(name, diameter=15.0))
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert detail_of(caught.value).reason == "SHUTTING_DOWN"
        last = [response.event.WhichOneof("event") for response in call][-1]
        assert last == "finished"
    assert engine.process.wait(120) == 0


def test_a_second_sigterm_stops_at_once(start_process) -> None:
    engine = start_process()
    with connect(engine.address) as wire:
        name = wire.send(make_cells(600, 600))
        call = wire.segmentations.Segment(request_for(name, diameter=9.0))
        next(call)
        engine.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert engine.process.poll() is None
        engine.process.send_signal(signal.SIGTERM)
        assert engine.process.wait(20) == 130


def test_work_above_the_grace_is_cancelled(start_process) -> None:
    engine = start_process(grace=0.5)
    with connect(engine.address) as wire:
        name = wire.send(make_cells(600, 600))
        call = wire.segmentations.Segment(request_for(name, diameter=9.0))
        next(call)
        engine.process.send_signal(signal.SIGTERM)
        with pytest.raises(grpc.RpcError) as caught:
            list(call)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert detail_of(caught.value).reason == "SHUTTING_DOWN"
        assert engine.process.wait(60) == 0


def test_the_port_file_goes_with_the_engine(start_process, tmp_path: Path) -> None:
    engine = start_process()
    file = tmp_path / "engine0" / "address"
    assert file.read_text().strip() == engine.address
    engine.process.send_signal(signal.SIGINT)
    assert engine.process.wait(60) == 0
    assert not file.exists()


def test_health_says_not_serving_until_warm(models_home, cells) -> None:
    async def main() -> None:
        server = Server(
            ServeSettings(
                listen="127.0.0.1:0", models=("random",), engine=EngineSettings(device="cpu")
            )
        )
        await server.start()
        async with grpc.aio.insecure_channel(server.address) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            kind = health_pb2.HealthCheckResponse
            assert (await health.Check(health_pb2.HealthCheckRequest())).status == kind.NOT_SERVING
            work = asyncio.create_task(asyncio.to_thread(_segment, server.address, cells))
            await asyncio.sleep(0.3)
            assert not work.done(), "work waits until the engine is warm"
            await server.warm_up()
            assert (await health.Check(health_pb2.HealthCheckRequest())).status == kind.SERVING
            assert (await work) > 0
        await server.stop()

    asyncio.run(main())


def _segment(address: str, image: object) -> int:
    with connect(address) as wire:
        return wire.run(request_for(wire.send(image))).finished.objects
