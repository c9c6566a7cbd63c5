"""Outlines of all cells into the zip that ImageJ opens."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.work import Work
from tests.bench.works.post_processing import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bench.work import Agreement, Answer


@contextlib.contextmanager
def ours(folder: Path, _: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Write them with Cellwire."""
    from cellwire.outputs.rois import roi_set

    labels = np.load(folder / "labels.npy")
    file = folder / "ours.zip"

    def run() -> Answer:
        file.write_bytes(roi_set(labels))
        return {}

    roi_set(labels[:128, :128])
    yield run


@contextlib.contextmanager
def peer(folder: Path, _: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Write them with Cellpose, which starts a pool of processes from a thousand cells on."""
    from cellpose.io import save_rois

    labels = np.load(folder / "labels.npy").astype(np.uint16)

    def run() -> Answer:
        save_rois(labels, str(folder / "peer.tif"))
        return {}

    save_rois(labels[:128, :128], str(folder / "first.tif"))
    yield run


def areas_exact(folder: Path, _: Answer, __: Answer) -> Agreement:
    """Every ROI of ours has the area of its cell; as many cells in the peer's file."""
    import roifile

    labels = np.load(folder / "labels.npy")
    areas = np.bincount(labels.ravel())
    cells = np.flatnonzero(areas[1:]) + 1
    mine = roifile.roiread(folder / "ours.zip")
    theirs = roifile.roiread(folder / "peer_rois.zip")
    wrong = sum(
        _area(roi) != areas[int(roi.name.split("-")[-1].removesuffix(".roi"))] for roi in mine
    )
    peer_right = sum(_area(roi) == areas[label] for roi, label in zip(theirs, cells, strict=False))
    met = not wrong and len(mine) == len(cells)
    return met, f"{len(mine):,} ROIs, {wrong} areas wrong (peer's right: {peer_right:,})"


def _area(roi: Any) -> float:
    """Area that ImageJ measures: of a polygon, or of a composite whose holes run the other way."""
    if roi.multi_coordinates is not None:
        rings = roi.path2coords(roi.multi_coordinates)
        return abs(sum(_signed_area(ring) for ring in rings))
    return abs(_signed_area(roi.integer_coordinates))


def _signed_area(points: np.ndarray) -> float:
    x, y = np.asarray(points, np.float64).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


WORKS = (
    Work(
        "ROI outlines and zip, 4096², 4,900 cells", 10.0, 30.0, prepare(4096, 58),
        ours=f"{__name__}:ours", peer=f"{__name__}:peer", agree=areas_exact, most_rounds=1,
    ),
)  # fmt: skip
