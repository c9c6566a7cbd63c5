"""A device that runs out of memory on demand: each rung of the ladder, and the same answer."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from cellwire.errors import CancelledError, DeviceOutOfMemoryError
from cellwire.jobs.cancellation import CancelToken
from cellwire.jobs.device_thread import DeviceThread
from cellwire.jobs.memory_ladder import PATIENCE, MemoryLadder
from cellwire.jobs.priority import Priority
from cellwire.jobs.queued_network import QueuedNetwork
from cellwire.networks import device_plane
from cellwire.networks.inference import Network
from cellwire.segmentation.network_pass import run_network
from cellwire.segmentation.parameters import CellposeParameters
from tests.unit.networks.devices_in_need import ScriptedNetwork, small_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WEIGHTS = small_weights()
PARAMETERS = CellposeParameters(diameter=30.0, augment=True)
IMAGE = np.random.default_rng(0).random((300, 250, 2), dtype=np.float32)
TILES = 9


@pytest.fixture
def device() -> Iterator[DeviceThread]:
    device = DeviceThread()
    yield device
    device.close()


Progress = list[tuple[int, int]]


def answer_of(
    network: ScriptedNetwork,
    device: DeviceThread,
    elsewhere: Callable[[], tuple[Network, DeviceThread]] | None = None,
    told: Progress | None = None,
    token: CancelToken | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    queued = QueuedNetwork(
        network, device, token or CancelToken(), "", Priority.INTERACTIVE, elsewhere
    )
    notes: Progress = [] if told is None else told
    return run_network(IMAGE, 1.0, queued, PARAMETERS, lambda *now: notes.append(now))


@pytest.mark.parametrize(
    ("room", "tried"),
    [
        (32, [9]),
        (8, [9, 8, 1]),
        (5, [9, 8, 4, 4, 1]),
        (1, [9, 8, 4, *[1] * 9]),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_smaller_batches_give_the_same_bits(
    device: DeviceThread, room: int, tried: list[int], whole: bool
) -> None:
    plain, network = (ScriptedNetwork(WEIGHTS, 16, each) for each in (32, room))
    plain.keeps_planes = network.keeps_planes = whole
    expected = answer_of(plain, device)
    told: Progress = []
    found = answer_of(network, device, told=told)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert told[0] == (0, TILES)
    assert told[-1] == (TILES, TILES)
    assert network.held == []
    if whole:
        assert network.script.tried == tried
        assert len(told) == 1 + sum(count <= room for count in tried)


def test_without_memory_for_a_tile_the_request_goes_elsewhere(device: DeviceThread) -> None:
    network, other = ScriptedNetwork(WEIGHTS, 8, 0, "cuda:0"), Network([WEIGHTS], "cpu")
    processor = DeviceThread()
    told: Progress = []
    found = answer_of(network, device, lambda: (other, processor), told)
    plain = run_network(IMAGE, 1.0, other, PARAMETERS)
    processor.close()
    np.testing.assert_array_equal(found[0], plain[0])
    np.testing.assert_array_equal(found[1], plain[1])
    assert network.script.tried == [8, 4, 1]
    assert told == [(0, TILES), (0, TILES), (8, TILES), (TILES, TILES)]
    assert network.held == []


@pytest.mark.parametrize("whole", [True, False])
def test_in_the_end_a_clear_error(device: DeviceThread, whole: bool) -> None:
    network, other = (ScriptedNetwork(WEIGHTS, 8, 0, name) for name in ("cuda:0", "cpu"))
    network.keeps_planes = other.keeps_planes = whole
    with pytest.raises(DeviceOutOfMemoryError, match="cpu has no memory left for a single tile"):
        answer_of(network, device, lambda: (other, device))
    assert network.script.tried == other.script.tried == [8, 4, 1]
    gc.collect()
    assert network.held == other.held == []


def fail_times(monkeypatch: pytest.MonkeyPatch, name: str, times: int, log: list[str]) -> None:
    """Let a step of the plane on the device have no memory for the first few times."""
    real = getattr(device_plane._OnDevice, name)

    def step(*given: object) -> object:
        log.append(name)
        if log.count(name) <= times:
            torch.empty(16)
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return real(*given)

    monkeypatch.setattr(device_plane._OnDevice, name, step)


@pytest.mark.parametrize("name", ["__init__", "cut", "blend", "answer"])
def test_each_step_is_tried_again(
    device: DeviceThread, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    expected = answer_of(ScriptedNetwork(WEIGHTS, 8), device)
    log: list[str] = []
    fail_times(monkeypatch, name, 1, log)
    found = answer_of(ScriptedNetwork(WEIGHTS, 8), device)
    assert len(log) > 1
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def test_a_batch_that_fails_in_its_midst_has_changed_nothing(
    device: DeviceThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = answer_of(ScriptedNetwork(WEIGHTS, 8), device)
    real, calls = device_plane._turned_back, []

    def turned_back(*given: object) -> object:
        calls.append(given[1:])
        if len(calls) == 5:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return real(*given)

    monkeypatch.setattr(device_plane, "_turned_back", turned_back)
    found = answer_of(ScriptedNetwork(WEIGHTS, 8), device)
    assert len(calls) == 5 + TILES
    np.testing.assert_array_equal(found[0], expected[0])


@pytest.mark.parametrize("name", ["__init__", "answer"])
def test_a_plane_that_does_not_fit_goes_elsewhere(
    device: DeviceThread, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    fail_times(monkeypatch, name, 100, [])
    network, other = ScriptedNetwork(WEIGHTS, 8), Network([WEIGHTS], "cpu")
    found = answer_of(network, device, lambda: (other, device))
    np.testing.assert_array_equal(found[0], run_network(IMAGE, 1.0, other, PARAMETERS)[0])
    with pytest.raises(DeviceOutOfMemoryError, match="for this image"):
        answer_of(network, device)


def test_larger_batches_come_back() -> None:
    network = ScriptedNetwork(WEIGHTS, 16)
    ladder, room, tried = MemoryLadder(network), [1], []

    def batch(tiles: int) -> int:
        tried.append(tiles)
        if tiles > room[0]:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return tiles

    assert ladder.climb(batch) == 1
    assert tried == [16, 8, 4, 1]
    room[0] = 8
    fitted = [ladder.climb(batch) for _ in range(4 * PATIENCE)]
    assert fitted[:PATIENCE] == [1] * (PATIENCE - 1) + [4]
    assert max(fitted) == 8
    room[0] = 32
    assert [ladder.climb(batch) for _ in range(2 * PATIENCE)][-1] == 16
    assert max(tried) == 16


def test_other_faults_are_not_taken_for_a_want_of_memory(
    device: DeviceThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = ScriptedNetwork(WEIGHTS, 8)

    def fail(_tiles: object) -> None:
        raise RuntimeError("an illegal memory access was encountered")

    monkeypatch.setattr(network.script, "answer", fail)
    with pytest.raises(RuntimeError, match="illegal"):
        answer_of(network, device, lambda: pytest.fail("it has memory"))


def test_a_cancelled_plane_is_left_between_batches(device: DeviceThread) -> None:
    network, token = ScriptedNetwork(WEIGHTS, 4), CancelToken()
    queued = QueuedNetwork(network, device, token, "", Priority.INTERACTIVE)

    def told(done: int, _total: int) -> None:
        if done:
            token.cancel()

    with pytest.raises(CancelledError):
        run_network(IMAGE, 1.0, queued, PARAMETERS, told)
    assert network.script.tried == [4]
    gc.collect()
    assert network.held == []
    assert device.run(lambda: True, CancelToken())
