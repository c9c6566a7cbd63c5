"""CUDA against the processor; skipped where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from cellwire.jobs.cancellation import CancelToken
from cellwire.jobs.device_thread import DeviceThread
from cellwire.jobs.priority import Priority
from cellwire.jobs.queued_network import QueuedNetwork
from cellwire.networks.batch_sizes import BATCH_SIZES
from cellwire.networks.inference import Network
from cellwire.networks.registry import find_model
from cellwire.networks.torch_backend import TorchBackend
from cellwire.networks.torch_device import computing_on, memory_taken
from cellwire.networks.weight_arrays import read_ensemble
from cellwire.segmentation.network_pass import run_network
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.pipeline import segment_plane

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device"),
]

CUDA = torch.device("cuda:0")
FP32 = 1e-4
"""Of the largest value: what other orders of adding up may change."""
BF16 = 3e-2
"""Of the largest value: eight significant bits."""
Y, X = np.mgrid[:700, :500] % 40
IMAGE = (np.hypot(Y - 20, X - 20) < 12) * 200.0 + np.random.default_rng(0).normal(20, 5, Y.shape)
PARAMETERS = CellposeParameters(diameter=20.0)


@pytest.fixture(scope="module")
def weights():
    return read_ensemble(find_model("nuclei").files)[0]


@pytest.fixture
def thread() -> Iterator[DeviceThread]:
    thread = DeviceThread()
    yield thread
    thread.close()


def tiles_of(count: int) -> np.ndarray:
    return np.random.default_rng(0).random((count, 2, 224, 224), dtype=np.float32)


def relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", FP32), ("bf16", BF16)])
def test_tiles_are_those_of_the_processor(weights, precision: str, tolerance: float) -> None:
    tiles = tiles_of(3)
    expected = TorchBackend(weights, "fp32", "cpu").run(tiles)
    backend = TorchBackend(weights, precision, "cuda:0")
    for _ in range(3):  # plainly, as it is recorded, from the graph
        for ours, theirs in zip(backend.run(tiles), expected, strict=True):
            assert relative(ours, theirs) < tolerance


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_graph_gives_the_bits_of_the_plain_way(weights, precision: str) -> None:
    backend = TorchBackend(weights, precision, "cuda:0")
    first = backend.run(tiles_of(8))
    other = backend.run(1 - tiles_of(8))
    again = backend.run(tiles_of(8))
    run = next(iter(backend._graphs._known.values()))
    assert run is not None
    assert run != backend._compute, "it could not be recorded"
    for ours, theirs in zip(again, first, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not np.array_equal(other[0], first[0])


def test_neighbours_change_no_bit(weights) -> None:
    backend = TorchBackend(weights, "fp32", "cuda:0")
    tiles = tiles_of(8)
    other = tiles.copy()
    other[1:] = 1000.0
    np.testing.assert_array_equal(backend.run(other)[0][0], backend.run(tiles)[0][0])


def test_labels_are_those_of_the_processor(weights) -> None:
    plain = segment_plane(IMAGE[..., None], PARAMETERS, Network([weights], "cpu"))
    network = Network([weights], "cuda:0")
    network.warm_up()
    ours = segment_plane(IMAGE[..., None], PARAMETERS, network)
    assert relative(ours.flows, plain.flows) < FP32
    assert ours.count == plain.count
    assert np.mean(ours.labels != plain.labels) < 1e-3


def test_the_memory_tells_how_many_tiles_a_batch_has(weights) -> None:
    network = Network([weights], "cuda:0")
    network.warm_up()
    assert network.group in BATCH_SIZES
    backend = TorchBackend(weights, "fp32", "cuda:0")
    with computing_on(CUDA):
        tiles = torch.zeros((network.group, 2, 224, 224), device=CUDA)
        taken, free = memory_taken(CUDA, lambda: backend._compute(tiles))
    assert taken <= free


def test_a_card_that_is_full_computes_fewer_tiles_at_once(weights, thread: DeviceThread) -> None:
    image = np.random.default_rng(0).random((1400, 1400, 2), dtype=np.float32)
    plain = run_network(image, 1.0, Network([weights], "cuda:0"), PARAMETERS)
    network = Network([weights], "cuda:0")
    network.run(tiles_of(1))
    queued = QueuedNetwork(network, thread, CancelToken(), "", Priority.INTERACTIVE)
    network.group = 32
    queued.retreat = lambda: pytest.fail("a single tile fits")  # type: ignore[method-assign]
    queued._ladder.tiles = 32
    network.release_memory()
    total = torch.cuda.get_device_properties(CUDA).total_memory
    room = torch.cuda.memory_reserved(CUDA) + 2**29
    try:
        torch.cuda.set_per_process_memory_fraction(room / total, CUDA)
        answer, _ = run_network(image, 1.0, queued, PARAMETERS)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, CUDA)
    assert queued._ladder.tiles < 32
    assert relative(answer, plain[0]) < FP32


def test_nothing_is_left_on_the_card(weights, thread: DeviceThread) -> None:
    network = Network([weights], "cuda:0")
    queued = QueuedNetwork(network, thread, CancelToken(), "", Priority.INTERACTIVE)
    image = np.random.default_rng(0).random((900, 900, 2), dtype=np.float32)
    taken = []
    for _ in range(4):
        run_network(image, 1.0, queued, PARAMETERS)
        network.release_memory()
        taken.append(torch.cuda.memory_allocated(CUDA))
    assert taken[1] == taken[2] == taken[3]
