from __future__ import annotations

import multiprocessing
import os
import shutil
from collections import namedtuple
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import TYPE_CHECKING

import numba
import numpy as np
import pytest
import torch

from cellwire.training import drawers
from cellwire.training.batches import Batch, BatchPlan, image_probabilities
from cellwire.training.drawers import (
    SharedSource,
    Source,
    Wanted,
    ahead,
    by_processes,
    by_threads,
)
from tests.unit.training.samples import sample_images

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    images = sample_images(tmp_path_factory.mktemp("images") / "set", 4)
    plan = BatchPlan(diam_mean=12.0, seed=5, paste=0.5, stretched=0.5)
    return Source(images, image_probabilities(images, plan), plan)


def wanted(step: int) -> Wanted:
    return Wanted(step, 2 + step % 2, 32)


def same(one: Batch, other: Batch) -> bool:
    return torch.equal(one.views, other.views) and torch.equal(one.targets, other.targets)


def test_whoever_draws_the_batches_are_the_same_and_in_order(source: Source) -> None:
    alone = [source.draw(wanted(step)) for step in range(5, 12)]
    assert not same(alone[0], alone[2])
    for count in (1, 3):
        coming = by_threads(source, wanted, 5, count)
        assert all(map(same, alone, islice(coming, len(alone))))
        coming.close()
    apart(drawn_by_processes, source)


def drawn_by_processes(source: Source) -> None:
    coming = by_processes(SharedSource(source), wanted, 5, 2)
    assert all(same(source.draw(wanted(step)), next(coming)) for step in range(5, 12))
    coming.close()
    assert not multiprocessing.active_children()


def test_shared_memory_is_given_back(source: Source) -> None:
    shared = SharedSource(source)
    assert shared.nbytes >= sum(image.labels.nbytes for image in source.images)
    shared.open()
    kept = SharedMemory(shared._name)
    kept.close()
    shared.close()
    with pytest.raises(FileNotFoundError):
        SharedMemory(shared._name)


def test_a_fault_in_a_process_comes_here_and_leaves_nothing(source: Source) -> None:
    apart(fault_in_a_process, source)


def fault_in_a_process(source: Source) -> None:
    shared = SharedSource(source)
    coming = by_processes(shared, lambda step: Wanted(step, 2, -1), 0, 1)
    with pytest.raises(Exception, match=r"draw_batch"):
        next(coming)
    with pytest.raises(FileNotFoundError):
        SharedMemory(shared._name)
    assert not multiprocessing.active_children()


def apart(check: Callable[[Source], None], source: Source) -> None:
    """Check in another process, as torch's loader handles the signals of the whole process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(check, source).result(timeout=240)


def test_each_drawer_keeps_to_its_own_thread() -> None:
    class Asking(Source):
        def draw(self, wanted: Wanted) -> Batch:
            count = torch.tensor(numba.get_num_threads())
            return Batch(count, count, None)

    none = Asking([], np.zeros(0), BatchPlan(12.0))
    coming = by_threads(none, wanted, 0, 2)
    assert [int(next(coming).views) for _ in range(6)] == [1] * 6
    coming.close()


@pytest.mark.parametrize(
    ("cores", "device", "free", "threads", "processes"),
    [
        (2, "cpu", 2**40, 1, 0),
        (64, "cpu", 2**40, 8, 0),
        (2, "cuda:0", 2**40, 0, 1),
        (16, "cuda:0", 2**40, 0, 12),
        (10, "cuda:0", 2**40, 0, 8),
        (16, "cuda:0", 64 * 2**20, 8, 0),
    ],
)
def test_who_draws(
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
    cores: int,
    device: str,
    free: int,
    threads: int,
    processes: int,
) -> None:
    """Threads beside a network on the processor or without shared memory, else processes."""

    def threaded(_: Source, __: object, ___: int, count: int) -> Generator[Batch]:
        chosen.append((count, 0))
        yield from ()

    def processed(_: SharedSource, __: object, ___: int, count: int) -> Generator[Batch]:
        chosen.append((0, count))
        yield from ()

    chosen: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free, 0, free))
    monkeypatch.setattr(drawers, "SHARED_MEMORY", Path(__file__).parent)
    monkeypatch.setattr(drawers, "by_threads", threaded)
    monkeypatch.setattr(drawers, "by_processes", processed)
    list(ahead(source, wanted, 0, device))
    assert chosen == [(threads, processes)]
