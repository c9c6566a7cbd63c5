"""The life of a segmentation: cancelled, lost, late, repeated, watched, crowded."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import pytest
from wire import API, collect, connect, detail_of, make_cells, request_for

from cellwire.jobs.settings import EngineSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from wire import Wire


@pytest.fixture
def wire(server) -> Iterator[Wire]:
    with connect(server.address) as wire:
        yield wire


@pytest.fixture(scope="module")
def large() -> np.ndarray:
    """An image whose network takes many batches."""
    return make_cells(480, 480)


def until_network(events: Iterator[object]) -> tuple[str, int]:
    """Read events until a batch is done; gives the name and the number of tiles."""
    name = ""
    for event in events:
        name = name or event.accepted.name
        progress = event.progress
        if progress.stage == API.STAGE_NETWORK and progress.done:
            return name, progress.total
    raise AssertionError("it ended before it was cancelled")


def tiles_done(server, name: str) -> int:
    record = server.server.segmentations._records[name]
    stages = [e.progress for e in record.events if e.progress.stage == API.STAGE_NETWORK]
    return max(progress.done for progress in stages)


def test_cancelling_the_call_ends_the_work_within_a_batch(server, wire, large) -> None:
    request = request_for(wire.send(large), diameter=10.0)
    call = wire.segmentations.Segment(request)
    name, total = until_network(response.event for response in call)
    before = tiles_done(server, name)
    assert before < total / 2
    call.cancel()
    server.wait_until(lambda s: not s.segmentations.active)
    assert tiles_done(server, name) <= before + 16


def test_cancelling_by_name_ends_detached_work(server, wire, large) -> None:
    request = request_for(wire.send(large), diameter=10.5, detached=True)
    call = wire.segmentations.Segment(request)
    name, total = until_network(response.event for response in call)
    call.cancel()
    time.sleep(0.3)
    assert server.server.segmentations.active == 1
    cancel = API.CancelSegmentationRequest(name=name)
    assert wire.segmentations.CancelSegmentation(cancel, timeout=20).was_active
    server.wait_until(lambda s: not s.segmentations.active)
    assert tiles_done(server, name) < total
    assert not wire.segmentations.CancelSegmentation(cancel, timeout=20).was_active
    with pytest.raises(grpc.RpcError) as caught:
        list(wire.segmentations.WatchSegmentation(API.WatchSegmentationRequest(name=name)))
    assert detail_of(caught.value).reason == "CANCELLED"


def test_a_deadline_is_kept(server, wire, large) -> None:
    request = request_for(wire.send(large), diameter=9.0)
    started = time.monotonic()
    with pytest.raises(grpc.RpcError) as caught:
        list(wire.segment(request, timeout=1.0))
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    server.wait_until(lambda s: not s.segmentations.active)
    assert time.monotonic() - started < 60


def test_a_request_id_makes_a_retry_the_same_work(server, wire, cells) -> None:
    request = request_for(wire.send(cells), request_id=str(uuid.uuid4()), diameter=28.0)
    first, second = wire.run(request), wire.run(request)
    assert second.events == first.events
    request.cellpose.min_size = 3
    with pytest.raises(grpc.RpcError) as caught:
        wire.run(request)
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert detail_of(caught.value).reason == "REQUEST_ID_REUSED"


def test_a_retry_after_a_lost_call_starts_anew(server, wire, large) -> None:
    request = request_for(wire.send(large), request_id=str(uuid.uuid4()), diameter=11.0)
    call = wire.segmentations.Segment(request)
    first, _ = until_network(response.event for response in call)
    call.cancel()
    server.wait_until(lambda s: not s.segmentations.active)
    call = wire.segmentations.Segment(request)
    second, _ = until_network(response.event for response in call)
    call.cancel()
    assert first != second
    server.wait_until(lambda s: not s.segmentations.active)


def test_detached_work_is_attached_to_again(server, wire) -> None:
    image = make_cells(300, 300)
    request = request_for(wire.send(image), diameter=20.0, detached=True)
    call = wire.segmentations.Segment(request)
    name = next(call).event.accepted.name
    call.cancel()
    watched = wire.segmentations.WatchSegmentation(
        API.WatchSegmentationRequest(name=name, after_sequence=1), timeout=60
    )
    outcome = collect(response.event for response in watched)
    assert outcome.events[0].sequence == 2
    assert outcome.finished.objects > 0
    assert outcome.labels.shape == image.shape


def test_an_attached_call_outlives_the_one_that_began(server, wire) -> None:
    image = make_cells(300, 290)
    call = wire.segmentations.Segment(request_for(wire.send(image), diameter=20.0))
    name = next(call).event.accepted.name
    watched = wire.segmentations.WatchSegmentation(
        API.WatchSegmentationRequest(name=name), timeout=60
    )
    next(watched)
    call.cancel()
    assert collect(response.event for response in watched).finished.objects > 0


def test_an_unknown_segmentation(wire) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        list(
            wire.segmentations.WatchSegmentation(
                API.WatchSegmentationRequest(name="segmentations/none"), timeout=20
            )
        )
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert detail_of(caught.value).next_step


def test_eight_clients_get_what_each_gets_alone(start_server) -> None:
    images = [make_cells(90 + 7 * i, 150 - 5 * i, seed=i) for i in range(8)]
    outputs = [API.OUTPUT_KIND_LABELS, API.OUTPUT_KIND_FLOWS, API.OUTPUT_KIND_ROI_ZIP]

    def ask(address: str, image: np.ndarray) -> dict[int, bytes]:
        with connect(address) as wire:
            return wire.run(request_for(wire.send(image), outputs=outputs)).raw

    server = start_server()
    alone = [ask(server.address, image) for image in images]
    crowded = start_server()  # another one, that has nothing in its cache
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda image: ask(crowded.address, image), images))
    assert together == alone
    assert all(len(set(raw[API.OUTPUT_KIND_LABELS])) > 1 for raw in alone)


def test_a_full_queue_says_when_to_come_back(start_server, large) -> None:
    server = start_server(engine=EngineSettings(device="cpu", threads=1, max_waiting=1))
    with connect(server.address) as wire:
        name = wire.send(large)
        calls = []
        for diameter in (9.0, 9.1):
            call = wire.segmentations.Segment(request_for(name, diameter=diameter))
            next(call)
            calls.append(call)
        with pytest.raises(grpc.RpcError) as caught:
            wire.run(request_for(name, diameter=9.2))
        detail = detail_of(caught.value)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert detail.reason == "QUEUE_FULL"
        assert detail.retry_after.seconds >= 1
        for call in calls:
            call.cancel()
        server.wait_until(lambda s: not s.segmentations.active)


CLIENT = """
import sys, time
sys.path.insert(0, sys.argv[1])
from wire import connect, make_cells, request_for
wire = connect(sys.argv[2])
name = wire.send(make_cells(700, 700, seed=5))
for event in wire.segment(request_for(name, diameter=10.0)):
    print(event.WhichOneof("event"), flush=True)
"""


def test_a_killed_client_frees_its_memory(start_server) -> None:
    from pathlib import Path

    server = start_server(retention=0.5)
    arguments = [sys.executable, "-c", CLIENT, str(Path(__file__).parent), server.address]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as client:
        assert client.stdout is not None
        client.stdout.readline()
        server.wait_until(lambda s: s.segmentations.active == 1)
        assert server.server.store.used > 0
        client.send_signal(signal.SIGKILL)
    server.wait_until(lambda s: not s.segmentations.active and not s.segmentations.watched)
    server.wait_until(lambda s: s.store.used == 0 and not s.segmentations._records)


def test_the_first_request_is_not_slower_than_the_tenth(start_process, cells) -> None:
    engine = start_process()
    seconds = []
    with connect(engine.address) as wire:
        name = wire.send(cells)
        for index in range(10):
            started = time.perf_counter()
            wire.run(request_for(name, diameter=30.0 + index / 100))
            seconds.append(time.perf_counter() - started)
    assert seconds[0] < 3 * max(seconds[1:]) + 0.2, seconds


def test_a_stream_that_nobody_reads_does_not_hold_others(wire, cells) -> None:
    name = wire.send(cells)
    idle = wire.segmentations.Segment(request_for(name, diameter=27.0))
    done = threading.Event()
    threading.Thread(
        target=lambda: (wire.run(request_for(name, diameter=26.0)), done.set()), daemon=True
    ).start()
    assert done.wait(60)
    idle.cancel()
