"""When batches are captured; the capture itself is tested where CUDA is, in `test_on_cuda.py`."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
from torch import Tensor

from cellwire.networks import cuda_graphs
from cellwire.networks.cuda_graphs import Graphs, Work
from cellwire.networks.torch_backend import TorchBackend
from tests.unit.networks.devices_in_need import small_weights


class Recorder:
    """Records by keeping the work, and notes the shapes."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.shapes: list[int] = []

    def __call__(self, work: Work, x: Tensor) -> Work:
        self.shapes.append(len(x))
        if self.error is not None:
            raise self.error
        return lambda x: (work(x)[0] + 100, work(x)[1])


def double(x: Tensor) -> tuple[Tensor, Tensor]:
    return x * 2, x


def first(graphs: Graphs, count: int) -> float:
    return float(graphs(torch.ones(count))[0][0])


def test_a_shape_is_recorded_when_it_comes_again() -> None:
    recorder = Recorder()
    graphs = Graphs(double, recorder)
    assert [first(graphs, 3), first(graphs, 4)] == [2, 2]
    assert [first(graphs, 3), first(graphs, 3), first(graphs, 4)] == [102, 102, 102]
    assert recorder.shapes == [3, 4]
    graphs.clear()
    assert first(graphs, 3) == 2


@pytest.mark.parametrize("error", [RuntimeError("no"), torch.OutOfMemoryError("out of memory")])
def test_what_cannot_be_recorded_runs_plainly(error: Exception) -> None:
    recorder = Recorder(error)
    graphs = Graphs(double, recorder)
    assert [first(graphs, 3) for _ in range(4)] == [2, 2, 2, 2]
    assert recorder.shapes == [3]


def test_the_least_recently_used_shape_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda_graphs, "MAX_SHAPES", 2)
    recorder = Recorder()
    graphs = Graphs(double, recorder)
    for count in (1, 2, 1, 3, 1, 2, 2):
        first(graphs, count)
    assert recorder.shapes == [1, 2]


def test_graphs_do_not_outlive_their_network() -> None:
    backend = TorchBackend(small_weights(), "fp32", "cpu")
    graphs = backend._graphs = Graphs(backend._compute, Recorder())
    tiles = torch.zeros((1, 2, 16, 16))
    backend.answer(tiles)
    backend.answer(tiles)
    gone = [weakref.ref(each) for each in (backend, graphs)]
    gc.disable()
    try:
        del backend, graphs
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()
