"""Time what serving adds to a segmentation: a real engine as a process, over loopback.

    python -m tests.bench.serving               # five starts of the engine
    python -m tests.bench.serving --starts 2

Every start is measured alike; medians over the starts are printed, with the ratios that matter.
No image is sent twice unless that is what is timed, so no result is ready from before.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from cellwire_client import connect
from tests.bench.fields import nuclei_field
from tests.engine_process import EngineProcess, serve_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cellwire_client import Engine, SegmentationResult

STARTS = 5
REQUESTS = 10
LARGE = 3
MIB = 2**20
OPTIONS = {"model": "nuclei", "diameter": 18.0}

Measured = dict[str, float]


@contextlib.contextmanager
def engine() -> Iterator[str]:
    """Start an engine as a person does; give its address once it is ready."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with EngineProcess(serve_command(sys.executable, folder), folder) as running:
            yield running.address


def timed(client: Engine, image: np.ndarray, **options: object) -> tuple[float, SegmentationResult]:
    """Segment an image; give the seconds that the caller waited, and the result."""
    start = time.perf_counter()
    result = client.segment(image, **OPTIONS, **options)
    return time.perf_counter() - start, result


def requests_after_start(client: Engine) -> Measured:
    """Time ten requests of different 512² images, the first ones that the engine gets."""
    seconds = [
        timed(client, nuclei_field(512, seed)[0], outputs=["labels"])[0] for seed in range(REQUESTS)
    ]
    return {
        "first request, 512² (s)": seconds[0],
        "tenth request, 512² (s)": seconds[-1],
        "first : tenth": seconds[0] / seconds[-1],
        "first : median of the others": seconds[0] / statistics.median(seconds[1:]),
    }


def upload(client: Engine, seed: int) -> Measured:
    """Time bringing 64 MiB of noise to the engine, and bringing them again."""
    noise = np.random.default_rng(seed).integers(0, 2**16, (4096, 8192)).astype(np.uint16)
    start = time.perf_counter()
    _, sent = client.upload(noise)
    first = time.perf_counter() - start
    if sent != noise.nbytes:
        raise SystemExit(f"{sent} bytes were sent of {noise.nbytes}.")
    start = time.perf_counter()
    _, again = client.upload(noise)
    second = time.perf_counter() - start
    client.delete_image(noise)
    return {
        "upload of 64 MiB (MB/s)": noise.nbytes / 1e6 / first,
        "the same image again (bytes sent)": float(again),
        "the same image again (s)": second,
    }


def overhead(client: Engine) -> Measured:
    """Compare what a caller waits for a 1024² image with what its segmentation took."""
    first, share, second, sent, cached = [], [], [], [], []
    for seed in range(LARGE):
        image = nuclei_field(1024, 100 + seed)[0]
        waited, result = timed(client, image, outputs=["labels"])
        work = segmentation(result)
        first.append(waited - work)
        share.append((waited - work) / work)
        sent.append(client.upload(image)[1])
        waited, result = timed(client, image, outputs=["labels", "rois"])  # new work: ROIs
        second.append(waited - segmentation(result))
        waited, result = timed(client, image, outputs=["labels"])
        if not result.cached:
            raise SystemExit("The engine did the same work twice.")
        cached.append(waited)
    return {
        "beyond the segmentation, 1024² (s)": statistics.median(first),
        "  as a share of the segmentation": statistics.median(share),
        "second request, same image (bytes sent)": float(max(sent)),
        "  beyond the segmentation, with ROIs (s)": statistics.median(second),
        "  result ready from before (s)": statistics.median(cached),
    }


def segmentation(result: SegmentationResult) -> float:
    """Give the seconds that the segmentation itself took in the engine."""
    return sum(value for stage, value in result.seconds.items() if stage != "outputs")


def main() -> None:
    """Measure several starts and print medians with the least and the greatest value."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=STARTS)
    starts = parser.parse_args().starts
    found: dict[str, list[float]] = {}
    for number in range(starts):
        began = time.perf_counter()
        with engine() as address:
            measured = {"engine ready after (s)": time.perf_counter() - began}
            with connect(address) as client:
                measured |= requests_after_start(client)
                measured |= upload(client, number)
                measured |= overhead(client)
        sys.stderr.write(f"start {number + 1} of {starts}: {time.perf_counter() - began:.0f} s\n")
        for name, value in measured.items():
            found.setdefault(name, []).append(value)
    table = Table(title=f"Serving on loopback: medians of {starts} starts of the engine")
    table.add_column("what")
    for name in ("median", "least", "greatest"):
        table.add_column(name, justify="right")
    for name, values in found.items():
        figures = (statistics.median(values), min(values), max(values))
        table.add_row(name, *(f"{value:.4g}" for value in figures))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
