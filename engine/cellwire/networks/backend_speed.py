"""How fast the libraries compute here, measured in a process that ends with it.

    python -m cellwire.networks.backend_speed PRECISION LIBRARY...

Prints one line of JSON: processor seconds per tile by library, and why others cannot be used.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

import numpy as np

from cellwire.networks.architecture import Architecture
from cellwire.networks.backend_choice import make_backend
from cellwire.networks.weight_arrays import checked_weights, tensor_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.networks.backend import Backend, BackendName, Precision
    from cellwire.networks.weight_arrays import NetworkWeights

MEASURED_SIDE = 224
REPEATS = 2


def measure(
    precision: Precision, names: Sequence[BackendName]
) -> tuple[dict[BackendName, float], dict[BackendName, str]]:
    """Measure libraries in turns.

    Parameters
    ----------
    precision
        Numbers to compute in.
    names
        The libraries.

    Returns
    -------
    seconds, refused
        Processor seconds per tile at best; why a library cannot be used.
    """
    weights = _any_weights()
    best: dict[BackendName, float] = {}
    refused: dict[BackendName, str] = {}
    backends: list[Backend] = []
    for name in names:
        try:
            backends.append(make_backend(name, weights, precision, "cpu"))
        except (ImportError, RuntimeError) as error:
            refused[name] = str(error)
    for turn in range(1 + REPEATS):
        for backend in backends:
            seconds = _seconds_per_tile(backend)
            if turn:  # the first one allocates
                best[backend.name] = min(seconds, best.get(backend.name, seconds))
    return best, refused


def _seconds_per_tile(backend: Backend) -> float:
    # Processor time, not time on the clock: all keep all cores busy, waiting threads included,
    # and a machine that does other work while it is measured must not decide for years.
    tile = np.random.default_rng(0).random((1, 2, MEASURED_SIDE, MEASURED_SIDE), dtype=np.float32)
    with ThreadPoolExecutor(backend.lanes) as pool:
        start = time.process_time()
        list(pool.map(backend.run, [tile] * backend.lanes))
        return (time.process_time() - start) / backend.lanes


def _any_weights() -> NetworkWeights:
    # How long it takes does not depend on the values, nor on which model comes first.
    own, rng = Architecture(), np.random.default_rng(0)
    return checked_weights(
        own, {name: rng.random(shape) / (9 * shape[-1]) for name, shape in tensor_shapes(own)}
    )


def _main(arguments: Sequence[str]) -> None:
    precision, *names = arguments
    seconds, refused = measure(cast("Precision", precision), cast("list[BackendName]", names))
    sys.stdout.write("\n" + json.dumps({"seconds": seconds, "refused": refused}) + "\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
