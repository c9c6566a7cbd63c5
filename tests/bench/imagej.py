"""Time the ImageJ plugin from the command to its result, against the Python client.

    python -m tests.bench.imagej                     # 512², and 2048² with 1,200 objects
    python -m tests.bench.imagej --rounds 1 --sides 256

A real engine, warm, and a real ImageJ with its window on a screen of its own. Each round segments
an image that neither has seen, so that nothing is cached, and then the same again, for which the
engine has the result: what is left is the plugin, the wire and ImageJ. The command is the one that
a choice from the menu records, without the time that a person needs for the dialog. Needs what
``tests/imagej`` needs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import tifffile
from rich.console import Console
from rich.table import Table

from cellwire_client import connect
from tests.bench.fields import nuclei_field
from tests.bench.places import ROOT
from tests.bench.serving import engine

sys.path.insert(0, str(ROOT / "tests" / "imagej"))
from imagej_process import ImageJ, Installation
from java_tools import build_jar, compile_java, javas, missing, screen

if TYPE_CHECKING:
    import numpy as np

ROUNDS = 3
SIDES = (512, 2048)
PITCH = {2048: 59}
"""Pixels from one nucleus to the next: 2048² with about 1,200 of them."""
DIAMETER = 18.0
OUTPUTS = {
    "labels": "label_image",
    "labels and ROIs": "label_image roi_manager=append",
}


def field(side: int, seed: int) -> np.ndarray:
    """An image (Y, X) uint16 of nuclei."""
    return nuclei_field(side, seed, PITCH.get(side, 34))[0]


def in_imagej(imagej: ImageJ, path: Path, outputs: str) -> tuple[float, float, int]:
    """Segment an image by the command, twice; give the seconds of each, and the cells."""
    imagej.macro(f'open("{path}");')
    times = []
    for _ in range(2):
        said = imagej.macro(
            f'selectImage("{path.name}"); start = getTime();'
            f' run("Cellwire Segment...", "model=nuclei diameter={DIAMETER:g} {outputs}");'
            ' return "" + (getTime() - start) + " " + Property.get("cellwire.cells");',
            seconds=1200,
        )
        milliseconds, cells = said.split()
        times.append(float(milliseconds) / 1000)
    imagej.macro('run("Close All"); roiManager("reset");')
    return times[0], times[1], int(cells)


def measure(address: str, imagej: ImageJ, folder: Path, side: int, rounds: int) -> list[list[str]]:
    """Time all outputs at one size; give the rows of the table."""
    rows = []
    seed = side
    with connect(address) as client:
        for name, outputs in OUTPUTS.items():
            waited, again, python, counts = [], [], [], []
            for _ in range(rounds):
                seed += 2
                path = folder / f"{seed}.tif"
                tifffile.imwrite(path, field(side, seed), imagej=True)
                first, second, cells = in_imagej(imagej, path, outputs)
                waited.append(first)
                again.append(second)
                counts.append(cells)
                wanted = ["labels", "rois"] if "roi" in outputs else ["labels"]
                image = field(side, seed + 1)
                start = time.perf_counter()
                client.segment(image, "nuclei", diameter=DIAMETER, outputs=wanted)
                python.append(time.perf_counter() - start)
            found = f"{statistics.median(counts):.0f}"
            times = [f"{statistics.median(column):.2f}" for column in (waited, python, again)]
            rows.append([f"{side}²", name, found, *times])
    return rows


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--sides", type=int, nargs="+", default=SIDES)
    options = parser.parse_args()
    if missing():
        raise SystemExit(f"This needs {missing()}.")
    console = Console()
    table = Table(title="Seconds from the command to the result, medians")
    for name in ("image", "outputs", "cells", "ImageJ", "Python client", "ImageJ, again"):
        table.add_column(name)
    with tempfile.TemporaryDirectory() as temporary, engine() as address, screen() as display:
        folder = Path(temporary)
        compile_java(ROOT / "tests" / "imagej" / "java", folder / "harness")
        installation = Installation(folder / "installation", build_jar(), display)
        installation.prefer(server=address)
        java = javas()[0]
        imagej = installation.open_window(java, folder / "harness")
        try:
            path = folder / "first.tif"
            tifffile.imwrite(path, field(128, 1), imagej=True)
            first, _, _ = in_imagej(imagej, path, OUTPUTS["labels and ROIs"])
            for side in options.sides:
                for row in measure(address, imagej, folder, side, options.rounds):
                    table.add_row(*row)
        finally:
            imagej.close()
    console.print(table)
    console.print(
        f"The first command after ImageJ's start (128²): {first:.2f} s, Java {java.version}."
    )


if __name__ == "__main__":
    main()
