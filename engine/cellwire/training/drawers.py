"""Batches made ahead of the training, by threads or by processes of their own.

Beside a network on the processor a few threads do. One on a GPU wants more views than threads can
draw, which take turns at the interpreter: there processes draw, and all see the images in the same
shared memory.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import shutil
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numba
import torch
from torch.utils.data import DataLoader, Dataset

from cellwire.training.batches import Batch, BatchPlan, draw_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from cellwire.training.training_images import TrainingImage

MOST_THREADS = 8
MOST_PROCESSES = 12
AHEAD = 2
"""Batches that each process has ready."""
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  where Linux keeps it; of the system, not ours
ROOM = 2**30
"""Bytes of it that must be left to batches on their way."""
ALIGNED = 64


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which batch: of a step, with so many views of that side."""

    step: int
    size: int
    crop: int


@dataclass(frozen=True, slots=True)
class Source:
    """What batches are drawn from.

    Attributes
    ----------
    images, probabilities, plan
        See `cellwire.training.batches.draw_batch`.
    """

    images: Sequence[TrainingImage]
    probabilities: npt.NDArray[np.float64]
    plan: BatchPlan

    def draw(self, wanted: Wanted) -> Batch:
        """Draw one: the same for the same source and wish, whoever draws it."""
        return draw_batch(
            self.images, self.probabilities, self.plan, wanted.step, wanted.size, wanted.crop
        )


def ahead(
    source: Source, wanted: Callable[[int], Wanted], first: int, device: str
) -> Generator[Batch]:
    """Give the batches of the steps from ``first``, the next ones made while one is used.

    Parameters
    ----------
    source
        What they are drawn from.
    wanted
        Says how large the batch of a step is; asked shortly before it is drawn.
    first
        The first step.
    device
        Name of the torch device that the network is on.
    """
    cores = os.cpu_count() or 1
    if torch.device(device).type == "cpu":
        return by_threads(source, wanted, first, max(1, min(MOST_THREADS, cores // 4)))
    shared = SharedSource(source)
    if SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free < shared.nbytes + ROOM:
        return by_threads(source, wanted, first, max(1, min(MOST_THREADS, cores // 2)))
    return by_processes(shared, wanted, first, max(1, min(MOST_PROCESSES, cores - 2)))


def by_threads(
    source: Source, wanted: Callable[[int], Wanted], first: int, count: int
) -> Generator[Batch]:
    """Give batches that ``count`` threads draw; see `ahead`."""

    def draw(step: int) -> Batch:
        return source.draw(wanted(step))

    # Each draws alone: threads of their own for every cell's flows would only wait for each other.
    with ThreadPoolExecutor(count, initializer=numba.set_num_threads, initargs=(1,)) as pool:
        coming = deque(pool.submit(draw, first + number) for number in range(count))
        step = first + count
        try:
            while True:
                ready = coming.popleft().result()
                coming.append(pool.submit(draw, step))
                step += 1
                yield ready
        finally:
            for each in coming:
                each.cancel()


class SharedSource(Dataset[Batch]):
    """A source whose arrays lie in shared memory while it is open, for processes to draw from.

    Parameters
    ----------
    source
        What is shared.
    """

    def __init__(self, source: Source) -> None:
        self._buffers: list[pickle.PickleBuffer] = []
        self._rest = pickle.dumps(source, protocol=5, buffer_callback=self._buffers.append)
        ends = itertools.accumulate(
            (-(-buffer.raw().nbytes // ALIGNED) * ALIGNED for buffer in self._buffers), initial=0
        )
        *starts, self.nbytes = ends
        self._places = [
            slice(start, start + buffer.raw().nbytes)
            for start, buffer in zip(starts, self._buffers, strict=True)
        ]
        self._memory: SharedMemory | None = None
        self._name = ""
        self._source: Source | None = None

    def open(self) -> None:
        """Put the arrays into shared memory."""
        self._memory = SharedMemory(create=True, size=max(1, self.nbytes))
        self._name = self._memory.name
        pixels = self._memory.buf
        assert pixels is not None  # noqa: S101  just opened
        for place, buffer in zip(self._places, self._buffers, strict=True):
            pixels[place] = buffer.raw()

    def close(self) -> None:
        """Give the memory back; processes that have it keep it until they end."""
        if self._memory is not None:
            self._memory.close()
            self._memory.unlink()
            self._memory = None

    def __getstate__(self) -> dict[str, Any]:
        """Give what another process needs to find it."""
        return self.__dict__ | {"_buffers": [], "_memory": None, "_source": None}

    def __getitem__(self, wanted: Wanted) -> Batch:
        """Draw a batch, in the process that asks."""
        if self._source is None:
            self._memory = SharedMemory(self._name)
            pixels = self._memory.buf
            assert pixels is not None  # noqa: S101  just opened
            arrays = [pixels[place].toreadonly() for place in self._places]
            self._source = pickle.loads(self._rest, buffers=arrays)  # noqa: S301  our own
        return self._source.draw(wanted)


def by_processes(
    shared: SharedSource, wanted: Callable[[int], Wanted], first: int, count: int
) -> Generator[Batch]:
    """Give batches that ``count`` processes draw, pinned where there is CUDA; see `ahead`."""
    going_on = True

    def steps() -> Generator[Wanted]:
        step = first
        while going_on:
            yield wanted(step)
            step += 1

    shared.open()
    with contextlib.closing(shared):
        batches = iter(
            DataLoader(
                shared,
                batch_size=None,
                sampler=steps(),
                num_workers=count,
                prefetch_factor=AHEAD,
                multiprocessing_context="spawn",
                worker_init_fn=_alone,
                pin_memory=torch.cuda.is_available(),
            )
        )
        try:
            yield from batches
        finally:
            going_on = False
            _drain(batches, count * AHEAD)
            del batches


def _drain(batches: Iterator[Batch], most: int) -> None:
    """Take the batches that are on their way, after which the processes end in their own time.

    One that is still giving a batch away when it is ended aborts, and torch's handler of signals
    raises that wherever this process happens to be.
    """
    for _ in range(most + 1):
        try:
            next(batches)
        except StopIteration:
            return
        except Exception as error:
            if str(error).startswith("DataLoader worker"):  # one has gone: nothing more will come
                return


def _alone(_: int) -> None:
    """Let a process keep to one thread: there are as many processes as cores."""
    numba.set_num_threads(1)
    cv2.setNumThreads(1)
