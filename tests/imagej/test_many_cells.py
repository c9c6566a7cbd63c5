"""70,000 labels, and 500 ROIs with holes and parts."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pictures
import tifffile
from speck_network import specks

from cellwire.outputs.rois import roi_set
from cellwire_client import connect

if TYPE_CHECKING:
    from imagej_process import Installation
    from java_tools import Java

    from tests.engine_process import EngineProcess

MACRO = Path(__file__).parent / "macros" / "many.ijm"


def objects_with_holes_and_parts() -> np.ndarray:
    """Labels (Y, X) of 500 squares of 40 pixels: every third has a hole, every fifth two parts."""
    labels = np.zeros((25 * 44, 20 * 44), np.uint16)
    rng = np.random.default_rng(4)
    for label in range(1, 501):
        y, x = 44 * ((label - 1) // 20), 44 * ((label - 1) % 20)
        height, width = rng.integers(20, 41, 2)
        labels[y : y + height, x : x + width] = label
        labels[y, x] = 0
        if label % 3 == 0:
            labels[y + 4 : y + 9, x + 5 : x + 5 + label % 7 + 1] = 0
            labels[y + 12, x + 12] = labels[y + 13, x + 13] = 0
        if label % 5 == 0:
            labels[y + 15, x : x + width] = 0
    return labels


def test_many(
    installation: Installation, oldest_java: Java, engine: EngineProcess, tmp_path: Path
) -> None:
    image = specks(270)
    pictures.save(tmp_path / "specks.tif", image)
    labels = objects_with_holes_and_parts()
    pictures.save(tmp_path / "objects.tif", labels)
    (tmp_path / "objects.zip").write_bytes(roi_set(labels))
    installation.prefer(server=engine.address)
    ended = installation.run_batch(oldest_java, MACRO, f"{tmp_path}/")
    assert ended.code == 0, ended

    with connect(engine.address) as client:
        result = client.segment(image, "specks", diameter=5, flow_threshold=0)
    assert result.count > 70_000
    found = tifffile.imread(tmp_path / "labels.tif")
    assert found.dtype == np.float32
    assert np.array_equal(found, result.labels)

    with (tmp_path / "rois.csv").open() as file:
        rows = [tuple(map(int, row[1:])) for row in csv.reader(file)]
    counts = np.bincount(labels.ravel())[1:]
    assert rows == [(count, label, label) for label, count in enumerate(counts, 1)]
    assert len(rows) == 500
