"""From a completed segmentation to what is sent: each output as a header and packed chunks."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import zstandard

from cellwire.segmentation.result import Removal
from cellwire.serving.settings import CHUNK_BYTES
from cellwire_api.v1 import array_pb2, segmentation_service_pb2

if TYPE_CHECKING:
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
    "C": array_pb2.AXIS_CHANNEL,
    "Y": array_pb2.AXIS_Y,
    "X": array_pb2.AXIS_X,
}
_REASONS = {
    Removal.SMALL: _KINDS.REMOVAL_REASON_SMALL,
    Removal.LARGE: _KINDS.REMOVAL_REASON_LARGE,
    Removal.EDGE: _KINDS.REMOVAL_REASON_EDGE,
}
_FLAT = (_KINDS.OUTPUT_KIND_LABELS, _KINDS.OUTPUT_KIND_UNEDITED_LABELS)


@dataclass(frozen=True, slots=True)
class EncodedOutput:
    """An output, ready to be sent.

    Attributes
    ----------
    header
        What it is.
    chunks
        Its bytes, packed.
    """

    header: segmentation_service_pb2.OutputHeader
    chunks: tuple[array_pb2.ArrayChunk, ...]

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self.header.ByteSize() + sum(chunk.ByteSize() for chunk in self.chunks)


def encode_output(
    completed: CompletedSegmentation,
    kind: segmentation_service_pb2.OutputKind,
    title: str,
    *,
    zstd: bool,
) -> EncodedOutput:
    """Make one output; label images are packed with Zstandard where the client takes it."""
    content, axes = _content(completed, kind, title)
    packs = zstd and kind in _FLAT
    encoding = array_pb2.ENCODING_ZSTD if packs else array_pb2.ENCODING_RAW
    header = segmentation_service_pb2.OutputHeader(
        kind=kind,
        axes=[_AXES[axis] for axis in axes],
        spec=array_pb2.ArraySpec(data_type=_DATA_TYPES[content.dtype.name], shape=content.shape),
        encoding=encoding,
        provenance=completed.provenance.to_json(),
    )
    if kind == _KINDS.OUTPUT_KIND_UNEDITED_LABELS:
        for label, reason in sorted(completed.segmentation.removed.items()):
            header.removed.add(label=label, reason=_REASONS[reason])
    return EncodedOutput(header, _chunks(content, encoding))


def _content(
    completed: CompletedSegmentation, kind: segmentation_service_pb2.OutputKind, title: str
) -> tuple[AnyArray, str]:
    found = completed.segmentation
    if kind == _KINDS.OUTPUT_KIND_LABELS:
        return _narrow(found.labels), "YX"
    if kind == _KINDS.OUTPUT_KIND_UNEDITED_LABELS:
        return _narrow(found.unedited_labels), "YX"
    if kind == _KINDS.OUTPUT_KIND_FLOWS:
        return found.flows, "CYX"
    if kind == _KINDS.OUTPUT_KIND_CELLPROB:
        return found.cellprob, "YX"
    if kind == _KINDS.OUTPUT_KIND_STYLE:
        return found.style, "C"
    if kind == _KINDS.OUTPUT_KIND_ROI_ZIP:
        from cellwire.outputs.rois import roi_set

        data = roi_set(found.labels, provenance=completed.provenance)
    else:
        from cellwire.outputs.table import table_csv

        data = table_csv(found, completed.calibration, completed.provenance).encode()
    return np.frombuffer(data, np.uint8), ""


def _narrow(labels: AnyArray) -> AnyArray:
    kind = np.uint16 if labels.max(initial=0) <= 65535 else np.uint32
    return labels.astype(kind)


def _chunks(array: AnyArray, encoding: array_pb2.Encoding) -> tuple[array_pb2.ArrayChunk, ...]:
    flat = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(-1).view(np.uint8)
    packer = zstandard.ZstdCompressor(level=1)
    chunks = []
    for offset in range(0, flat.size, CHUNK_BYTES):
        data = flat[offset : offset + CHUNK_BYTES].tobytes()
        packed = packer.compress(data) if encoding == array_pb2.ENCODING_ZSTD else data
        chunks.append(
            array_pb2.ArrayChunk(
                offset=offset,
                length=len(data),
                encoding=encoding,
                crc32=zlib.crc32(data),
                data=packed,
            )
        )
    return tuple(chunks)
