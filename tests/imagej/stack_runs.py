"""A stack segmented by ImageJ, and all that came of it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pictures
import tifffile

if TYPE_CHECKING:
    from pathlib import Path

    from imagej_process import ImageJ

    Array = np.ndarray[Any, Any]

OUTPUTS = "label_image roi_manager=append overlay results_table"
LIST_ROIS = (
    ' text = ""; for (i = 0; i < roiManager("count"); i++) { roiManager("select", i);'
    " Roi.getPosition(c, z, t); getRawStatistics(pixels, mean, min, max);"
    ' text += Roi.getName + "," + c + "," + z + "," + t + "," + pixels + "," + min + "," + max'
    ' + "\\n"; } return text;'
)
LIST_OVERLAY = (
    ' text = ""; for (i = 0; i < Overlay.size; i++) { Overlay.activateSelection(i);'
    ' Roi.getPosition(c, z, t); text += Roi.getName + "," + z + "," + t + " "; } return text;'
)


class Roi(NamedTuple):
    """A ROI as ImageJ sees it on the label image."""

    name: str
    channel: int
    slice: int
    frame: int
    pixels: int
    low: int
    high: int


class Run(NamedTuple):
    """What a command left."""

    labels: Array
    rois: list[Roi]
    rows: list[dict[str, str]]
    overlay: list[str]
    sent: int
    cells: int
    metadata: dict[str, Any]


def saved(path: Path, array: Array, axes: str, size: tuple[float, float] | None = None) -> Path:
    """Write a TIFF as ImageJ does; size is the distance of slices and of pixels."""
    metadata: dict[str, Any] = {"axes": axes}
    options = {}
    if size is not None:
        metadata |= {"unit": "micron", "spacing": size[0]}
        options["resolution"] = (1 / size[1], 1 / size[1])
    tifffile.imwrite(path, array, imagej=True, metadata=metadata, **options)
    return path


def segment(
    imagej: ImageJ, path: Path, options: str, before: str = "", outputs: str = OUTPUTS
) -> Run:
    """Segment a file, and save and list what came of it."""
    stem = path.stem
    out = path.with_name(f"{stem}-out")
    done = imagej.macro(
        f'roiManager("reset"); open("{path}"); {before}'
        f' run("Cellwire Segment...", "model=nuclei {options} {outputs}");'
        f' saveAs("Tiff", "{out}.tif"); rename("{stem}-labels");'
        ' return "" + Property.get("cellwire.sent_bytes") + " " + Property.get("cellwire.cells");',
        300,
    )
    assert done, imagej.ask("log")
    sent, cells = map(int, done.split())
    rois = [
        Roi(name, *map(int, rest))
        for name, *rest in (line.split(",") for line in imagej.macro(LIST_ROIS).splitlines())
    ]
    overlay = imagej.macro(f'selectImage("{path.name}");{LIST_OVERLAY}').split()
    for name in ("flows", "probability"):
        if name in outputs:
            file = path.with_name(name)
            imagej.macro(f'selectImage("{stem}-{name}"); saveAs("Tiff", "{file}.tif");')
    imagej.macro(f'Table.save("{out}.csv", "{stem}-cells"); run("Close All");')
    with out.with_suffix(".csv").open() as file:
        rows = list(csv.DictReader(file))
    with tifffile.TiffFile(out.with_suffix(".tif")) as file:
        metadata = dict(file.imagej_metadata)
    labels = pictures.read(out.with_suffix(".tif"))
    return Run(labels, rois, rows, overlay, sent, cells, metadata)


def same_rois(run: Run, labels: Array, prefix: str, hyper: bool) -> None:
    """Each cell has, in each plane (T, Z) that it is in, the ROI of its pixels there."""
    expected = []
    for t, z in np.ndindex(labels.shape[:2]):
        plane = labels[t, z]
        counts = np.bincount(plane.ravel())
        place = (0, z + 1, t + 1) if hyper else (0, max(z, t) + 1, 0)
        for label in np.flatnonzero(counts[1:]) + 1:
            name = prefix.format(t=t + 1, z=z + 1) + f"cell-{label:04d}"
            expected.append(Roi(name, *place, counts[label], label, label))
    assert len(expected) > 3
    assert sorted(run.rois) == sorted(expected)
    if hyper:
        assert sorted(run.overlay) == sorted(f"{roi[0]},{roi[2]},{roi[3]}" for roi in expected)
