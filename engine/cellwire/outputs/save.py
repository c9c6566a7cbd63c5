"""Writing results beside each other, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellwire.errors import InvalidParameterError, OutputWriteError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cellwire.images.spec import Calibration
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.result import Segmentation


@dataclass(frozen=True, slots=True)
class Result:
    """All that outputs are made of.

    Attributes
    ----------
    segmentation
        What was found.
    image
        (Y, X, C) as it was segmented.
    calibration
        Size of a pixel.
    provenance
        What made it.
    channels
        Numbers of the channels, for ``_seg.npy``.
    filename
        Name of the image file.
    """

    segmentation: Segmentation
    image: AnyArray
    calibration: Calibration
    provenance: Provenance
    channels: tuple[int, ...] = (0,)
    filename: str = ""


def _labels(result: Result) -> bytes:
    from cellwire.outputs.tiff import label_tiff

    return label_tiff(result.segmentation.labels, result.calibration, result.provenance)


def _unedited(result: Result) -> bytes:
    from cellwire.outputs.tiff import label_tiff

    return label_tiff(result.segmentation.unedited_labels, result.calibration, result.provenance)


def _removed(result: Result) -> bytes:
    from cellwire.outputs.table import removed_csv

    return removed_csv(result.segmentation, result.provenance).encode()


def _rois(result: Result) -> bytes:
    from cellwire.outputs.rois import roi_set

    return roi_set(result.segmentation.labels, result.provenance)


def _flows(result: Result) -> bytes:
    from cellwire.outputs.tiff import array_tiff

    return array_tiff(
        result.segmentation.flows, "CYX", result.calibration, result.provenance,
        {"Labels": ["dY", "dX"]},
    )  # fmt: skip


def _cellprob(result: Result) -> bytes:
    from cellwire.outputs.tiff import array_tiff

    return array_tiff(result.segmentation.cellprob, "YX", result.calibration, result.provenance)


def _style(result: Result) -> bytes:
    lines = [f"# {result.provenance.to_json()}", *map(repr, result.segmentation.style.tolist())]
    return ("\n".join(lines) + "\n").encode()


def _table(result: Result) -> bytes:
    from cellwire.outputs.table import table_csv

    return table_csv(result.segmentation, result.calibration, result.provenance).encode()


def _overlay(result: Result) -> bytes:
    from cellwire.outputs.overlay import overlay_png

    return overlay_png(result.image, result.segmentation, result.provenance)


def _seg(result: Result) -> bytes:
    from cellwire.outputs.seg_npy import seg_npy

    return seg_npy(result.segmentation, result.filename, result.channels, result.provenance)


KINDS: dict[str, tuple[tuple[str, Callable[[Result], bytes]], ...]] = {
    "labels": (("_labels.tif", _labels),),
    "rois": (("_rois.zip", _rois),),
    "flows": (("_flows.tif", _flows),),
    "cellprob": (("_cellprob.tif", _cellprob),),
    "style": (("_style.csv", _style),),
    "unedited": (("_unedited_labels.tif", _unedited), ("_removed.csv", _removed)),
    "table": (("_table.csv", _table),),
    "overlay": (("_overlay.png", _overlay),),
    "seg": (("_seg.npy", _seg),),
}
"""What can be saved: the ends of its files' names, and what makes them."""


def check_kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    """Refuse what cannot be saved.

    Raises
    ------
    InvalidParameterError
        Naming what can.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise InvalidParameterError(
            f"{', '.join(map(repr, unknown)) or 'Nothing'} cannot be saved.",
            f"Choose from {', '.join(KINDS)}, separated by commas.",
        )
    return tuple(dict.fromkeys(kinds))


def save_outputs(
    result: Result, folder: Path, stem: str, kinds: Sequence[str]
) -> dict[str, tuple[Path, ...]]:
    """Write the files ``<stem>_labels.tif`` and so on.

    Raises
    ------
    OutputWriteError
        If one cannot be written; what stood there before stays, and nothing half is left.
    """
    written = {}
    for kind in check_kinds(kinds):
        made = [(folder / f"{stem}{end}", make(result)) for end, make in KINDS[kind]]
        for path, data in made:
            write_whole(path, data)
        written[kind] = tuple(path for path, _ in made)
    return written


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there when it is complete.

    Raises
    ------
    OutputWriteError
        If there is no room, or no right to write.
    """
    beside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise OutputWriteError(
            f"{path.name} ({len(data) / 2**20:.1f} MiB) cannot be written to {path.parent}: "
            f"{error.strerror or error}.",
            "Make room, or choose another folder with --out.",
        ) from error
