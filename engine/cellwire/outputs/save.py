"""Writing results beside each other, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellwire.errors import InvalidParameterError, OutputWriteError
from cellwire.segmentation.volume.stack import StackSegmentation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from cellwire.images.spec import Calibration
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.result import Segmentation

    Writer = Callable[["Result", BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Result:
    """All that outputs are made of.

    Attributes
    ----------
    segmentation
        What was found, in a plane or in a stack.
    image
        (Y, X, C) as it was segmented, of a stack (*axes, C).
    calibration
        Size of a pixel.
    provenance
        What made it.
    channels
        Numbers of the channels, for ``_seg.npy``.
    filename
        Name of the image file.
    hyperstack
        Whether ImageJ shows the image as a hyperstack; see `cellwire.outputs.rois.roi_set`.
    """

    segmentation: Segmentation | StackSegmentation
    image: AnyArray
    calibration: Calibration
    provenance: Provenance
    channels: tuple[int, ...] = (0,)
    filename: str = ""
    hyperstack: bool | None = None


def _labels(result: Result, stream: BinaryIO) -> None:
    from cellwire.outputs.tiff import write_label_tiff

    labels, axes = result.segmentation.labels, _axes(result)
    write_label_tiff(stream, labels, result.calibration, result.provenance, axes)


def _unedited(result: Result, stream: BinaryIO) -> None:
    from cellwire.outputs.tiff import write_label_tiff

    labels = _plane(result).unedited_labels
    write_label_tiff(stream, labels, result.calibration, result.provenance)


def _removed(result: Result, stream: BinaryIO) -> None:
    from cellwire.outputs.table import removed_csv

    stream.write(removed_csv(_plane(result), result.provenance).encode())


def _rois(result: Result, stream: BinaryIO) -> None:
    from cellwire.outputs.rois import roi_set

    found = result.segmentation
    restarts = found.restarts if isinstance(found, StackSegmentation) else ""
    data = roi_set(
        found.labels,
        result.provenance,
        axes=_axes(result),
        restarts=restarts,
        hyperstack=result.hyperstack,
    )
    stream.write(data)


def _flows(result: Result, stream: BinaryIO) -> None:
    from cellwire.outputs.tiff import write_array_tiff

    flows = result.segmentation.flows
    planes = flows[0].size // (flows.shape[-1] * flows.shape[-2])
    names = {"Labels": ["dZ", "dY", "dX"][-len(flows) :] * planes}
    write_array_tiff(
        stream, flows, f"C{_axes(result)}", result.calibration, result.provenance, names
    )


def _cellprob(result: Result, stream: BinaryIO) -> None:
    from cellwire.outputs.tiff import write_array_tiff

    cellprob = result.segmentation.cellprob
    write_array_tiff(stream, cellprob, _axes(result), result.calibration, result.provenance)


def _style(result: Result, stream: BinaryIO) -> None:
    found = result.segmentation
    if isinstance(found, StackSegmentation):
        rows = [",".join(map(repr, style.tolist())) for style in found.styles]
    else:
        rows = list(map(repr, found.style.tolist()))
    stream.write(("\n".join([f"# {result.provenance.to_json()}", *rows]) + "\n").encode())


def _table(result: Result, stream: BinaryIO) -> None:
    from cellwire.outputs.stack_table import stack_table_csv
    from cellwire.outputs.table import table_csv

    found = result.segmentation
    if isinstance(found, StackSegmentation):
        text = stack_table_csv(found, result.calibration, result.provenance)
    else:
        text = table_csv(found, result.calibration, result.provenance)
    stream.write(text.encode())


def _overlay(result: Result, stream: BinaryIO) -> None:
    from cellwire.outputs.orthogonal import orthogonal_overlay_png
    from cellwire.outputs.overlay import overlay_png

    found = result.segmentation
    if isinstance(found, StackSegmentation):
        data = orthogonal_overlay_png(result.image, found, result.calibration, result.provenance)
    else:
        data = overlay_png(result.image, found, result.provenance)
    stream.write(data)


def _seg(result: Result, stream: BinaryIO) -> None:
    from cellwire.outputs.seg_npy import seg_npy

    stream.write(seg_npy(_plane(result), result.filename, result.channels, result.provenance))


def _axes(result: Result) -> str:
    found = result.segmentation
    return found.axes if isinstance(found, StackSegmentation) else "YX"


def _plane(result: Result) -> Segmentation:
    """Give a plane's segmentation; stacks have no such kind."""
    if isinstance(result.segmentation, StackSegmentation):
        raise _of_planes_only(PLANES_ONLY)
    return result.segmentation


KINDS: dict[str, tuple[tuple[str, Writer], ...]] = {
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


PLANES_ONLY = ("unedited", "seg")
"""What there is of single planes, and not of stacks."""


def check_kinds(kinds: Sequence[str], *, stack: bool = False) -> tuple[str, ...]:
    """Refuse what cannot be saved.

    Parameters
    ----------
    kinds
        Names of `KINDS`.
    stack
        Whether it is to be saved of a stack or a time series.

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
    flat = [kind for kind in kinds if kind in PLANES_ONLY]
    if stack and flat:
        raise _of_planes_only(flat)
    return tuple(dict.fromkeys(kinds))


def _of_planes_only(kinds: Sequence[str]) -> InvalidParameterError:
    return InvalidParameterError(
        f"{' and '.join(map(repr, kinds))} can be saved of single planes only; this is a stack.",
        f"Choose from {', '.join(kind for kind in KINDS if kind not in PLANES_ONLY)}, or segment "
        "one plane (--plane Z=3).",
    )


def save_outputs(
    result: Result, folder: Path, stem: str, kinds: Sequence[str]
) -> dict[str, tuple[Path, ...]]:
    """Write the files ``<stem>_labels.tif`` and so on.

    Raises
    ------
    InvalidParameterError
        If there is no such kind, or not of a stack.
    OutputWriteError
        If one cannot be written; what stood there before stays, and nothing half is left.
    """
    written = {}
    stack = isinstance(result.segmentation, StackSegmentation)
    for kind in check_kinds(kinds, stack=stack):
        paths = [folder / f"{stem}{end}" for end, _ in KINDS[kind]]
        for path, (_, write) in zip(paths, KINDS[kind], strict=True):
            with whole_file(path) as stream:
                write(result, stream)
        written[kind] = tuple(paths)
    return written


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there when it is complete.

    Raises
    ------
    OutputWriteError
        If there is no room, or no right to write.
    """
    with whole_file(path) as stream:
        stream.write(data)


_NO_PLACE = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST
}  # fmt: skip
"""What the system says where room would not help."""


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside its place; it is moved there when all is written, else nothing is left.

    Raises
    ------
    OutputWriteError
        If there is no room, or no right to write.
    """
    beside = path.with_name(f".{uuid.uuid4().hex}.part")
    size = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("xb") as stream:
            try:
                yield stream
                stream.flush()
            finally:
                size = stream.tell()
            os.fsync(stream.fileno())
        beside.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        no_place = error.errno in _NO_PLACE
        named = f"{path.name} ({size / 2**20:.1f} MiB)" if size else path.name
        raise OutputWriteError(
            f"{named} cannot be written to {path.parent}: {error.strerror or error}.",
            f"{'Choose' if no_place else 'Make room, or choose'} another folder with --out.",
        ) from error
