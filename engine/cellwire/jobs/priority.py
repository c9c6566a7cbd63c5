"""The order in which waiting work is taken: priority, fair share of each caller, age."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Priority(IntEnum):
    """Who goes first; the lower number does."""

    INTERACTIVE = 0
    BATCH = 1


@dataclass(order=True, slots=True)
class _Entry(Generic[T]):
    tag: float
    sequence: int
    item: T = field(compare=False)
    since: float = field(compare=False)


class FairHeap(Generic[T]):
    """Waiting items; `pop` gives the one whose turn it is. Not thread-safe: its owner locks.

    Within a priority every caller gets the same share: an item's tag is the virtual time at which
    its caller's earlier items are paid for (start-time fair queueing, Goyal, Vin and Cheng 1996).
    The oldest item of a lower priority goes first once it has waited ``patience`` seconds, so that
    nothing starves.

    Parameters
    ----------
    patience
        Seconds after which low priority no longer waits for high.
    """

    def __init__(self, patience: float = 10.0) -> None:
        self._heaps: dict[Priority, list[_Entry[T]]] = {p: [] for p in Priority}
        self._paid: dict[str, float] = {}
        self._now = 0.0
        self._sequence = 0
        self._patience = patience

    def __len__(self) -> int:
        return sum(len(heap) for heap in self._heaps.values())

    def push(self, item: T, caller: str, priority: Priority, cost: float = 1.0) -> None:
        """Add an item of ``caller`` that will take ``cost`` units of work."""
        tag = max(self._now, self._paid.get(caller, 0.0))
        self._paid[caller] = tag + cost
        self._sequence += 1
        entry = _Entry(tag, self._sequence, item, time.monotonic())
        heapq.heappush(self._heaps[priority], entry)

    def waiting(self, priority: Priority) -> int:
        """Count the items of one priority."""
        return len(self._heaps[priority])

    def pop(self, only: Priority | None = None) -> T:
        """Take the item whose turn it is, of all or of one priority."""
        heap = self._next_heap() if only is None else self._heaps[only]
        entry = heapq.heappop(heap)
        self._now = max(self._now, entry.tag)
        if not len(self):
            self._paid.clear()
            self._now = 0.0
        return entry.item

    def remove(self, item: T) -> bool:
        """Take an item out, wherever it is; False if it is not here."""
        for heap in self._heaps.values():
            for index, entry in enumerate(heap):
                if entry.item is item:
                    heap[index] = heap[-1]
                    heap.pop()
                    heapq.heapify(heap)
                    return True
        return False

    def ordered(self) -> list[T]:
        """All items in the order of their turns, as it stands now."""
        return [entry.item for p in Priority for entry in sorted(self._heaps[p])]

    def _next_heap(self) -> list[_Entry[T]]:
        high, low = self._heaps[Priority.INTERACTIVE], self._heaps[Priority.BATCH]
        if not high:
            return low
        if low and time.monotonic() - low[0].since > self._patience:
            return low
        return high
