"""A network's hundred small steps launched as one: CUDA graphs, one for each shape of a batch."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import torch
from torch import Tensor

LOG = logging.getLogger(__name__)

MAX_SHAPES = 16
"""Shapes that are remembered; the least recently used leave, and their memory with them."""

Work: TypeAlias = Callable[[Tensor], tuple[Tensor, Tensor]]


@cache
def _side_stream(device: torch.device) -> torch.cuda.Stream:
    """Give a device's stream for what is done before recording.

    One for all, since cuBLAS keeps 32 MiB of the device for each stream that it ever met.
    """
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


def capture(work: Work, x: Tensor) -> Work:
    """Record work on CUDA for inputs like ``x``; what it gives is overwritten by the next call.

    Raises
    ------
    RuntimeError
        If it cannot be recorded.
    """
    static = x.clone(memory_format=torch.preserve_format)
    here = torch.cuda.current_stream()
    side = _side_stream(here.device)
    side.wait_stream(here)
    with torch.cuda.stream(side):  # what is only set up once must not be recorded
        work(static)
    here.wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    # The outer context leads back to this stream where a failed recording does not.
    # Other threads copy meanwhile, which does not concern this one.
    with torch.cuda.stream(here), torch.cuda.graph(graph, capture_error_mode="thread_local"):
        answer = work(static)

    def replay(x: Tensor) -> tuple[Tensor, Tensor]:
        static.copy_(x)
        graph.replay()
        return answer

    return replay


class Graphs:
    """Runs work plainly for a shape that is new, and as a graph from its second time on.

    Parameters
    ----------
    work
        What is recorded. It depends on nothing but its input.
    record
        Records it.
    """

    def __init__(self, work: Work, record: Callable[[Work, Tensor], Work] = capture) -> None:
        self._work = work
        self._record = record
        self._known: OrderedDict[torch.Size, Work | None] = OrderedDict()

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Do the work; the next call may overwrite what this one gave."""
        if x.shape not in self._known:
            answer = self._work(x)
            self._known[x.shape] = None
            while len(self._known) > MAX_SHAPES:
                self._known.popitem(last=False)
            return answer
        self._known.move_to_end(x.shape)
        run = self._known[x.shape]
        if run is None:
            run = self._known[x.shape] = self._recorded(x)
        return run(x)

    def clear(self) -> None:
        """Let all graphs and their memory go."""
        self._known.clear()

    def _recorded(self, x: Tensor) -> Work:
        try:
            return self._record(self._work, x)
        except RuntimeError as error:  # a driver's or a library's limit, or no memory for it
            # As text: who keeps a record would keep the error, and with it the device's memory.
            LOG.warning("no graph for batches of %s: %s", tuple(x.shape), str(error))
            return self._work
