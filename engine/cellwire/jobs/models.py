"""The networks in memory: loaded once, kept while there is room, warm before they are used."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.networks.inference import Network
    from cellwire.networks.registry import ModelEntry
    from cellwire.networks.size_weights import SizeWeights


@dataclass(frozen=True, slots=True)
class ResidentModel:
    """A model in memory.

    Attributes
    ----------
    entry
        What the registry says of it.
    network
        Its network, warm.
    size
        Its size model, if it has one.
    nbytes
        Memory that it takes.
    """

    entry: ModelEntry
    network: Network
    size: SizeWeights | None
    nbytes: int


class ResidentModels:
    """Least-recently-used cache of loaded models, by the digests of their files.

    A model that several requests want at once is loaded once; the others wait for that load.
    Models of the same files under several names share one network.
    A network that leaves the cache lives on until the requests that use it are done.

    Parameters
    ----------
    load
        Loads and warms a model; takes seconds.
    capacity
        Bytes that all models may take; one model may always stay.
    """

    def __init__(self, load: Callable[[ModelEntry], ResidentModel], capacity: int) -> None:
        self._load = load
        self._capacity = capacity
        self._lock = threading.Lock()
        self._models: OrderedDict[tuple[str, str], Future[ResidentModel]] = OrderedDict()

    def get(self, entry: ModelEntry) -> ResidentModel:
        """Give the model, loading it if need be."""
        key = _key(entry)
        with self._lock:
            future = self._models.get(key)
            first = future is None
            if future is None:
                future = self._models[key] = Future()
            self._models.move_to_end(key)
        if first:
            try:
                future.set_result(self._load(entry))
            except BaseException as error:
                with self._lock:
                    self._models.pop(key, None)
                future.set_exception(error)
            else:
                self._make_room()
        return replace(future.result(), entry=entry)

    def holds(self, entry: ModelEntry) -> bool:
        """Whether a model is in memory now."""
        with self._lock:
            future = self._models.get(_key(entry))
        return future is not None and future.done() and future.exception() is None

    def clear(self) -> None:
        """Let all models go."""
        with self._lock:
            self._models.clear()

    def _make_room(self) -> None:
        with self._lock:
            sizes = {
                key: future.result().nbytes
                for key, future in self._models.items()
                if future.done() and future.exception() is None
            }
            used = sum(sizes.values())
            for key in list(sizes)[:-1]:
                if used <= self._capacity:
                    break
                used -= sizes[key]
                del self._models[key]


def _key(entry: ModelEntry) -> tuple[str, str]:
    return entry.digest, entry.size_digest
