"""Time RunCellwire in CellProfiler against RunCellpose's way, and what the engine costs beside it.

    python -m tests.bench.cellprofiler              # three image sets of 1024²
    python -m tests.bench.cellprofiler --images 1 --side 256

RunCellpose runs Cellpose once per image set: in its usual mode as a process of its own, which reads
the image from a file and leaves the labels in another; in its other mode it loads the model anew.
Both are done here with Cellpose 3.1.1.3 and the same weights, without RunCellpose's container.
CellProfiler comes from ``tests/cellprofiler/make_environment.sh``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tifffile
from rich.console import Console
from rich.table import Table

from tests.bench.fields import nuclei_field
from tests.bench.places import ROOT
from tests.bench.serving import engine

DIAMETER = 18.0
OVERHEAD_TARGET = 0.050
MAKE_ENVIRONMENT = ROOT / "tests" / "cellprofiler" / "make_environment.sh"


def in_cellprofiler(address: str, images: list[Path]) -> list[dict[str, float]]:
    """Run the module on each image in CellProfiler's Python; the first only warms up."""
    place = subprocess.run([MAKE_ENVIRONMENT], check=True, capture_output=True, text=True).stdout
    script = ROOT / "tests" / "bench" / "in_cellprofiler.py"
    arguments = [ROOT / "cellprofiler_plugin", address, str(DIAMETER), *images]
    done = subprocess.run(
        [Path(place.strip(), "bin", "python"), script, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return lines[1:]


def as_a_process(checkpoint: str, image: np.ndarray) -> tuple[float, int]:
    """Do what RunCellpose does in its usual mode: file, process, file."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--pretrained_model", checkpoint, "--diameter", str(DIAMETER)]
        channels = ["--chan", "0", "--chan2", "0", "--exclude_on_edges", "--verbose"]
        start = time.perf_counter()
        tifffile.imwrite(Path(folder, "image.tif"), image)
        subprocess.run(
            [sys.executable, "-m", "cellpose", "--dir", folder, *options, *channels],
            check=True,
            capture_output=True,
        )
        found = np.load(Path(folder, "image_seg.npy"), allow_pickle=True).item()["masks"]
        return time.perf_counter() - start, int(found.max())


def with_a_new_model(checkpoint: str, image: np.ndarray) -> tuple[float, int]:
    """Do what RunCellpose does in its other mode: a model for each image set."""
    import torch
    from cellpose import models, utils

    start = time.perf_counter()
    model = models.CellposeModel(gpu=False, pretrained_model=checkpoint, device=torch.device("cpu"))
    labels = model.eval(image, channels=[0, 0], diameter=DIAMETER)[0]
    found = utils.remove_edge_masks(labels)
    return time.perf_counter() - start, len(np.unique(found)) - 1


def main() -> None:
    """Measure all three, one after the other on the same images, and print ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=3)
    parser.add_argument("--side", type=int, default=1024)
    options = parser.parse_args()
    fields = [nuclei_field(options.side, 200 + seed)[0] for seed in range(options.images)]
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = str(Path(folder) / "nuclei.pth")
        export = ["models", "export", "nuclei", checkpoint]
        subprocess.run(
            [sys.executable, "-m", "cellwire.cli.app", *export], check=True, capture_output=True
        )
        paths = []
        for number, field in enumerate([nuclei_field(256, 1)[0], *fields]):
            paths.append(Path(folder) / f"{number}.npy")
            np.save(paths[-1], field)
        with engine() as address:
            ours = in_cellprofiler(address, paths)
        peer = [as_a_process(checkpoint, field) for field in fields]
        anew = [with_a_new_model(checkpoint, field) for field in fields]
    report(options.side, ours, {"a process per image": peer, "a model per image": anew})


def report(
    side: int, ours: list[dict[str, float]], peers: dict[str, list[tuple[float, int]]]
) -> None:
    """Print medians, ratios and the overhead."""
    module = statistics.median(run["module"] for run in ours)
    table = Table(title=f"One image set of {side}² in CellProfiler: medians of {len(ours)}")
    table.add_column("what")
    for name in ("seconds", "ratio", "objects"):
        table.add_column(name, justify="right")
    table.add_row(
        "RunCellwire, whole module", f"{module:.3f}", "1", str([run["count"] for run in ours])
    )
    for name, found in peers.items():
        seconds = statistics.median(value for value, _ in found)
        counts = str([count for _, count in found])
        table.add_row(f"Cellpose, {name}", f"{seconds:.3f}", f"{seconds / module:.2f}", counts)
    call = statistics.median(run["call"] - run["engine"] for run in ours)
    rest = statistics.median(run["module"] - run["call"] for run in ours)
    met = "met" if call <= OVERHEAD_TARGET else "missed"
    table.add_row("beyond the segmentation: engine, wire and client", f"{call:.3f}", "", "")
    table.add_row("  (target 0.050)", met, "", "")
    table.add_row("beyond the call: the module and CellProfiler's objects", f"{rest:.3f}", "", "")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
