"""Parallel kernels called from several threads at once: safe on every threading layer."""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
from typing import TYPE_CHECKING

import numba

if TYPE_CHECKING:
    from collections.abc import Iterator

_POOLS = {"tbb": "numba.np.ufunc.tbbpool", "omp": "numba.np.ufunc.omppool"}
_LOCK = threading.RLock()


def choose_layer() -> str:
    """Select numba's threading layer and give its name: tbb or omp where there is one.

    Numba's own layer, ``workqueue``, ends the process when two threads run parallel kernels at
    the same time; with it, `parallel_region` lets one thread in at a time. A layer that the user
    names in ``NUMBA_THREADING_LAYER`` is left as it is.
    """
    named = os.environ.get("NUMBA_THREADING_LAYER", "")
    if named in (*_POOLS, "workqueue"):
        return named
    # GNU's OpenMP comes first: torch runs on it as well, and one library's threads suffice.
    for name in ("omp", "tbb"):
        try:
            importlib.import_module(_POOLS[name])
        except (ImportError, OSError):
            continue
        numba.config.THREADING_LAYER = name
        return name
    numba.config.THREADING_LAYER = "workqueue"
    return "workqueue"


LAYER = choose_layer()


@contextlib.contextmanager
def parallel_region() -> Iterator[None]:
    """Guard the call of a parallel kernel; free of waiting where the layer is thread-safe."""
    if LAYER in _POOLS:
        yield
        return
    with _LOCK:
        yield
