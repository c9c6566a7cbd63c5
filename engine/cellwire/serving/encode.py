"""From a completed segmentation to what is sent: each output as a header and packed chunks."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import zstandard

from cellwire.segmentation.result import Removal, Segmentation
from cellwire.segmentation.volume.stack import StackSegmentation
from cellwire.serving.settings import CHUNK_BYTES
from cellwire.serving.spool import SPOOLED_BYTES, SpooledChunks
from cellwire_api.v1 import array_pb2, segmentation_service_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cellwire.jobs.job import CompletedSegmentation
    from cellwire.segmentation.arrays import AnyArray

_KINDS = segmentation_service_pb2
_DATA_TYPES = {
    "uint8": array_pb2.DATA_TYPE_UINT8,
    "uint16": array_pb2.DATA_TYPE_UINT16,
    "uint32": array_pb2.DATA_TYPE_UINT32,
    "float32": array_pb2.DATA_TYPE_FLOAT32,
}
_AXES = {
    "T": array_pb2.AXIS_TIME,
    "Z": array_pb2.AXIS_Z,
    "C": array_pb2.AXIS_CHANNEL,
    "Y": array_pb2.AXIS_Y,
    "X": array_pb2.AXIS_X,
}
_REASONS = {
    Removal.SMALL: _KINDS.REMOVAL_REASON_SMALL,
    Removal.LARGE: _KINDS.REMOVAL_REASON_LARGE,
    Removal.EDGE: _KINDS.REMOVAL_REASON_EDGE,
}
_FLOAT = np.dtype(np.float32)
_FLAT = (_KINDS.OUTPUT_KIND_LABELS, _KINDS.OUTPUT_KIND_UNEDITED_LABELS)


@dataclass(frozen=True, slots=True)
class EncodedOutput:
    """An output, ready to be sent.

    Attributes
    ----------
    header
        What it is.
    chunks
        Its bytes, packed, in memory or in a file.
    """

    header: segmentation_service_pb2.OutputHeader
    chunks: tuple[array_pb2.ArrayChunk, ...] | SpooledChunks

    @property
    def nbytes(self) -> int:
        """Memory or disk that it takes."""
        if isinstance(self.chunks, SpooledChunks):
            return self.header.ByteSize() + self.chunks.nbytes
        return self.header.ByteSize() + sum(chunk.ByteSize() for chunk in self.chunks)


@dataclass(frozen=True, slots=True)
class _Content:
    """An array to send, its axes, and the type in which it travels."""

    array: AnyArray
    axes: str
    dtype: np.dtype[Any]

    @property
    def nbytes(self) -> int:
        """Size in bytes, as it travels."""
        return self.array.size * self.dtype.itemsize


def encode_output(
    completed: CompletedSegmentation,
    kind: segmentation_service_pb2.OutputKind,
    title: str,
    *,
    zstd: bool,
    check: Callable[[], None] = lambda: None,
    scratch: Path | None = None,
) -> EncodedOutput:
    """Make one output; label images are packed with Zstandard where the client takes it.

    Parameters
    ----------
    completed
        What was found.
    kind, title
        What is made of it, and for whom.
    zstd
        Whether the client can unpack Zstandard.
    check
        Called between planes; may raise to stop.
    scratch
        Folder for outputs that are large; ``None`` = they stay in memory.
    """
    segmentation = completed.segmentation
    if isinstance(segmentation, StackSegmentation):
        content = _of_stack(segmentation, completed, kind)
    else:
        content = _of_plane(segmentation, completed, kind)
    packs = zstd and kind in _FLAT
    encoding = array_pb2.ENCODING_ZSTD if packs else array_pb2.ENCODING_RAW
    header = segmentation_service_pb2.OutputHeader(
        kind=kind,
        axes=[_AXES[axis] for axis in content.axes],
        spec=array_pb2.ArraySpec(
            data_type=_DATA_TYPES[content.dtype.name], shape=content.array.shape
        ),
        encoding=encoding,
        provenance=completed.provenance.to_json(),
    )
    if kind == _KINDS.OUTPUT_KIND_UNEDITED_LABELS and isinstance(segmentation, Segmentation):
        for label, reason in sorted(segmentation.removed.items()):
            header.removed.add(label=label, reason=_REASONS[reason])
    chunks = _chunks(content, encoding, check)
    if scratch is not None and content.nbytes > SPOOLED_BYTES:
        return EncodedOutput(header, SpooledChunks(chunks, scratch))
    return EncodedOutput(header, tuple(chunks))


def _of_plane(
    found: Segmentation,
    completed: CompletedSegmentation,
    kind: segmentation_service_pb2.OutputKind,
) -> _Content:
    if kind == _KINDS.OUTPUT_KIND_LABELS:
        return _labels(found.labels, "YX")
    if kind == _KINDS.OUTPUT_KIND_UNEDITED_LABELS:
        return _labels(found.unedited_labels, "YX")
    if kind == _KINDS.OUTPUT_KIND_FLOWS:
        return _Content(found.flows, "CYX", _FLOAT)
    if kind == _KINDS.OUTPUT_KIND_CELLPROB:
        return _Content(found.cellprob, "YX", _FLOAT)
    if kind == _KINDS.OUTPUT_KIND_STYLE:
        return _Content(found.style, "C", _FLOAT)
    if kind == _KINDS.OUTPUT_KIND_ROI_ZIP:
        from cellwire.outputs.rois import roi_set

        return _bytes(roi_set(found.labels, provenance=completed.provenance))
    from cellwire.outputs.table import table_csv

    return _bytes(table_csv(found, completed.calibration, completed.provenance).encode())


def _of_stack(
    found: StackSegmentation,
    completed: CompletedSegmentation,
    kind: segmentation_service_pb2.OutputKind,
) -> _Content:
    if kind == _KINDS.OUTPUT_KIND_LABELS:
        return _labels(found.labels, found.axes)
    if kind == _KINDS.OUTPUT_KIND_FLOWS:
        return _Content(found.flows, f"C{found.axes}", _FLOAT)
    if kind == _KINDS.OUTPUT_KIND_CELLPROB:
        return _Content(found.cellprob, found.axes, _FLOAT)
    if kind == _KINDS.OUTPUT_KIND_STYLE:
        return _styles(found)
    if kind == _KINDS.OUTPUT_KIND_ROI_ZIP:
        from cellwire.outputs.rois import roi_set

        data = roi_set(
            found.labels,
            provenance=completed.provenance,
            axes=found.axes,
            restarts=found.restarts,
            hyperstack=completed.hyperstack,
        )
        return _bytes(data)
    from cellwire.outputs.stack_table import stack_table_csv

    return _bytes(stack_table_csv(found, completed.calibration, completed.provenance).encode())


def _styles(found: StackSegmentation) -> _Content:
    """Give the parts their axes: planes have T and Z, volumes T."""
    lengths = dict(zip(found.axes, found.labels.shape, strict=True))
    is_volume = len(found.flows) == 3
    axes = "".join(axis for axis in ("T" if is_volume else "TZ") if axis in found.axes)
    shape = [lengths[axis] for axis in axes]
    return _Content(found.styles.reshape((*shape, -1)), f"{axes}C", _FLOAT)


def _labels(labels: AnyArray, axes: str) -> _Content:
    highest = max((int(labels[at].max(initial=0)) for at in _planes(labels)), default=0)
    return _Content(labels, axes, np.dtype(np.uint16 if highest <= 65535 else np.uint32))


def _bytes(data: bytes) -> _Content:
    return _Content(np.frombuffer(data, np.uint8), "", np.dtype(np.uint8))


def _planes(array: AnyArray) -> Iterator[tuple[int, ...]]:
    """Give the place of every plane: what is converted at once."""
    return np.ndindex(array.shape[:-2])


def _chunks(
    content: _Content, encoding: array_pb2.Encoding, check: Callable[[], None]
) -> Iterator[array_pb2.ArrayChunk]:
    packer = zstandard.ZstdCompressor(level=1)
    offset = 0
    for data in _cut(content, check):
        packed = packer.compress(data) if encoding == array_pb2.ENCODING_ZSTD else data
        yield array_pb2.ArrayChunk(
            offset=offset,
            length=len(data),
            encoding=encoding,
            crc32=zlib.crc32(data),
            data=packed,
        )
        offset += len(data)


def _cut(content: _Content, check: Callable[[], None]) -> Iterator[bytes]:
    """Give an array's bytes in the size of a chunk, with no more than a plane of them copied."""
    rest = bytearray()
    for at in _planes(content.array):
        check()
        plane = np.ascontiguousarray(content.array[at], content.dtype.newbyteorder("<"))
        flat = plane.reshape(-1).view(np.uint8)
        first = 0
        if rest:
            first = CHUNK_BYTES - len(rest)
            rest += flat[:first].tobytes()
            if len(rest) < CHUNK_BYTES:
                continue
            yield bytes(rest)
        whole = first + (flat.size - first) // CHUNK_BYTES * CHUNK_BYTES
        for start in range(first, whole, CHUNK_BYTES):
            yield flat[start : start + CHUNK_BYTES].tobytes()
        rest = bytearray(flat[whole:].tobytes())
    if rest:
        yield bytes(rest)
