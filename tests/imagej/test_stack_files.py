"""Files of stacks, as the command line writes them, in ImageJ without the plugin."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from imagej_process import HEAP
from java_tools import IJ_JAR

from cellwire.images.spec import Calibration
from cellwire.outputs.provenance import Provenance
from cellwire.outputs.rois import roi_set
from cellwire.outputs.tiff import label_tiff

if TYPE_CHECKING:
    from java_tools import Java

MACRO = Path(__file__).parent / "macros" / "stack_files.ijm"
MADE_BY = Provenance("0.1.0", "nuclei", "ab" * 32, {}, "torch", "fp32")
BALLS = np.zeros((5, 40, 50), np.uint32)
"""Two balls, the second with a hole, and an object of two parts in one plane."""


def _ball(z: int, y: int, x: int, radius: float) -> np.ndarray:
    planes, rows, columns = np.indices(BALLS.shape)
    return ((planes - z) * 3) ** 2 + (rows - y) ** 2 + (columns - x) ** 2 <= radius**2


BALLS[_ball(2, 10, 12, 7)] = 1
BALLS[_ball(2, 26, 30, 8) & ~_ball(2, 26, 30, 2)] = 2
BALLS[3, 3:6, 40:44] = 7
BALLS[3, 8:9, 40:44] = 7
STACKS = {
    "ZYX": BALLS,
    "TYX": BALLS,
    "TZYX": np.stack([BALLS, np.roll(BALLS, 2, axis=2)]),
}


@pytest.fixture(scope="module")
def told(display: str, oldest_java: Java, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with what ImageJ makes of each stack's files."""
    folder = tmp_path_factory.mktemp("stacks")
    for axes, labels in STACKS.items():
        tiff = label_tiff(labels, Calibration(0.5, 0.5, 1.5), MADE_BY, axes)
        (folder / f"{axes}_labels.tif").write_bytes(tiff)
        (folder / f"{axes}_rois.zip").write_bytes(roi_set(labels, MADE_BY, axes=axes))
    done = subprocess.run(
        [oldest_java.program, HEAP, "-cp", str(IJ_JAR), "ij.ImageJ", "-ijpath", str(folder),
         "-batch", str(MACRO), f"{folder}/"],
        env={**os.environ, "DISPLAY": display}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (folder / "TZYX.csv").exists(), done.stdout + done.stderr
    return folder


@pytest.mark.parametrize("axes", STACKS)
def test_axes_and_calibration(told: Path, axes: str) -> None:
    image = (told / f"{axes}.csv").read_text().splitlines()[0].split(",")
    lengths = dict(zip(axes, STACKS[axes].shape, strict=True))
    assert image[1:4] == ["1", str(lengths.get("Z", 1)), str(lengths.get("T", 1))]
    assert [float(size) for size in image[4:7]] == [0.5, 0.5, 1.5]
    assert image[7] == "microns"


@pytest.mark.parametrize("axes", STACKS)
def test_every_roi_lies_on_its_object(told: Path, axes: str) -> None:
    labels = STACKS[axes].reshape(-1, 5, 40, 50)
    if axes == "TYX":
        labels = labels.swapaxes(0, 1)
    rows = [row.split(",") for row in (told / f"{axes}.csv").read_text().splitlines()[1:]]
    found = {}
    for entry, name, z, t, area, low, high in rows:
        label = int(name.removeprefix("cell-"))
        assert entry.startswith(name)
        assert float(low) == float(high) == label
        found[int(t) - 1, int(z) - 1, label] = int(area)
    wanted = {
        (t, z, int(label)): int((plane == label).sum())
        for t, frame in enumerate(labels)
        for z, plane in enumerate(frame)
        for label in np.unique(plane[plane > 0])
    }
    assert found == wanted
    assert len({name for _, name, *_ in rows}) == 3
