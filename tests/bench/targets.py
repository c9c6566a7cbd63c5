"""Time labels → flows, what training learns from, against Cellpose 3.1.1.3 on the same labels.

    python -m tests.bench.targets

Both are compiled beforehand and run alternately in one process; prints medians and ratios, and
ends with 1 where a ratio is below the target or the flows disagree. In a cell that is symmetric
about its centre the flow of that one pixel is nought divided by nought, and its direction mere
rounding: one pixel a cell may differ.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
from cellpose.dynamics import masks_to_flows_cpu
from rich.console import Console
from rich.table import Table

from cellwire.segmentation.targets import labels_to_flows
from tests.bench.fields import nuclei_field

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
TARGET = 25.0
FIELDS = {"512²": (512, 34), "1024²": (1024, 34), "1024², crowded": (1024, 22), "2048²": (2048, 34)}


def seconds(run: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    """Time all fields and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    small = nuclei_field(128, 0)[1]
    labels_to_flows(small)
    masks_to_flows_cpu(small)
    table = Table(title="labels → flows: medians of alternating runs")
    for name in ("labels", "cells", "ours s", "peer s", "ratio", "target", "pixels that differ"):
        table.add_column(name, justify="left" if name == "labels" else "right")
    met = True
    for name, (side, pitch) in FIELDS.items():
        labels = nuclei_field(side, 3, pitch)[1]
        times: dict[str, list[float]] = {"ours": [], "peer": []}
        for _ in range(rounds):
            times["ours"].append(seconds(lambda labels=labels: labels_to_flows(labels)))
            times["peer"].append(seconds(lambda labels=labels: masks_to_flows_cpu(labels)))
        ours, peer = (statistics.median(each) for each in times.values())
        apart = np.abs(labels_to_flows(labels) - masks_to_flows_cpu(labels)[0]).max(axis=0) > 1e-6
        cells, worst = len(np.unique(labels)) - 1, np.bincount(labels[apart], minlength=1).max()
        met = bool(met and peer / ours >= TARGET and worst <= 1)
        table.add_row(
            name, str(cells), f"{ours:.4f}", f"{peer:.3f}", f"{peer / ours:.1f}", f"{TARGET:g}",
            str(apart.sum()),
        )  # fmt: skip
    Console(width=110).print(table)
    raise SystemExit(0 if met else 1)


if __name__ == "__main__":
    main()
