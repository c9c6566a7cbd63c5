"""From the events of a segmentation back to arrays, files and figures."""

from __future__ import annotations

import math
import zlib
from typing import Any, Dict, Optional, Union

import numpy as np

from cellwire_api.v1 import array_pb2, segmentation_service_pb2
from cellwire_client.arrays import axis_letters
from cellwire_client.encodings import unpack
from cellwire_client.errors import CorruptTransferError, EngineFaultError

OUTPUTS = {
    "labels": segmentation_service_pb2.OUTPUT_KIND_LABELS,
    "rois": segmentation_service_pb2.OUTPUT_KIND_ROI_ZIP,
    "flows": segmentation_service_pb2.OUTPUT_KIND_FLOWS,
    "cellprob": segmentation_service_pb2.OUTPUT_KIND_CELLPROB,
    "style": segmentation_service_pb2.OUTPUT_KIND_STYLE,
    "unedited_labels": segmentation_service_pb2.OUTPUT_KIND_UNEDITED_LABELS,
    "table": segmentation_service_pb2.OUTPUT_KIND_TABLE,
}
"""What can be asked for, by name."""

REMOVALS = {
    segmentation_service_pb2.REMOVAL_REASON_SMALL: "small",
    segmentation_service_pb2.REMOVAL_REASON_LARGE: "large",
    segmentation_service_pb2.REMOVAL_REASON_EDGE: "edge",
}

_NAMES = {kind: name for name, kind in OUTPUTS.items()}
_TYPES: Dict[int, np.dtype[Any]] = {
    array_pb2.DATA_TYPE_UINT8: np.dtype("<u1"),
    array_pb2.DATA_TYPE_UINT16: np.dtype("<u2"),
    array_pb2.DATA_TYPE_UINT32: np.dtype("<u4"),
    array_pb2.DATA_TYPE_FLOAT32: np.dtype("<f4"),
}
_LABELS = ("labels", "unedited_labels")
_MAX_BYTES = 1 << 40
_BLOCK = 1 << 20

Output = Union["np.ndarray[Any, Any]", bytes, str]


class OutputReader:
    """Puts the chunks of one output into an array that was allocated once.

    Parameters
    ----------
    header
        The event that announced it.

    Attributes
    ----------
    name
        As in `OUTPUTS`.
    axes
        A letter for each dimension; empty for what is no image.
    """

    def __init__(self, header: segmentation_service_pb2.OutputHeader) -> None:
        self.name = _NAMES.get(header.kind, f"output {header.kind}")
        dtype = _TYPES.get(header.spec.data_type)
        shape = tuple(header.spec.shape)
        if dtype is None:
            raise EngineFaultError(
                f"The engine sent {self.name} of a type (number {header.spec.data_type}) that this "
                "client does not know.",
                "Update the client.",
            )
        size = math.prod(shape) * dtype.itemsize
        if size > _MAX_BYTES:
            raise EngineFaultError(f"The engine announced {self.name} of {size:,} bytes.")
        self.axes = axis_letters(header.axes)
        # Labels of 16 bits arrive in the second half of the array of 32 bits that they become.
        self._widens = self.name in _LABELS and dtype.itemsize == 2
        self._whole = np.empty(2 * size if self._widens else size, np.uint8)
        self._bytes = self._whole[-size:] if self._widens and size else self._whole
        self._dtype, self._shape = dtype, shape
        self._filled = 0

    def take(self, chunk: array_pb2.ArrayChunk) -> None:
        """Add the next chunk.

        Raises
        ------
        CorruptTransferError
            If it does not continue the last one, or its bytes are not those that were sent.
        """
        data = unpack(chunk.data, chunk.length, chunk.encoding)
        end = self._filled + len(data)
        if chunk.offset != self._filled or end > self._bytes.size:
            raise CorruptTransferError(
                f"A part of the {self.name} came for byte {chunk.offset}; byte {self._filled} of "
                f"{self._bytes.size} was due.",
                "Try again.",
            )
        if chunk.HasField("crc32") and zlib.crc32(data) != chunk.crc32:
            raise CorruptTransferError(
                f"A part of the {self.name} was damaged on its way.", "Try again."
            )
        self._bytes[self._filled : end] = np.frombuffer(data, np.uint8)
        self._filled = end

    def finish(self) -> Output:
        """Give the whole output: an array, the bytes of a ROI set, or the text of a table.

        Raises
        ------
        CorruptTransferError
            If bytes are missing.
        """
        if self._filled != self._bytes.size:
            raise CorruptTransferError(
                f"Of the {self.name}, {self._filled} of {self._bytes.size} bytes arrived.",
                "Try again.",
            )
        if self.name == "rois":
            return self._bytes.tobytes()
        if self.name == "table":
            return self._bytes.tobytes().decode("utf-8")
        if self._widens:
            return self._widened().reshape(self._shape)
        array: np.ndarray[Any, Any] = self._bytes.view(self._dtype).reshape(self._shape)
        return array.astype(np.uint32, copy=False) if self.name in _LABELS else array

    def _widened(self) -> np.ndarray[Any, Any]:
        # From the front: what is written never reaches what is still to be read.
        narrow, wide = self._bytes.view("<u2"), self._whole.view("<u4")
        for start in range(0, narrow.size, _BLOCK):
            wide[start : start + _BLOCK] = narrow[start : start + _BLOCK]
        return wide.astype(np.uint32, copy=False)


class EventReader:
    """Follows the events of one segmentation.

    Attributes
    ----------
    segmentation
        Its name in the engine, empty until it was accepted.
    cached
        Whether the engine had the result from before.
    sequence
        Number of the last event.
    outputs
        What arrived whole, by name.
    axes
        Axes of each, by name.
    removed
        Reason for each removed object of the unedited labels.
    """

    def __init__(self) -> None:
        self.segmentation = ""
        self.cached = False
        self.sequence = 0
        self.outputs: Dict[str, Output] = {}
        self.axes: Dict[str, str] = {}
        self.removed: Dict[int, str] = {}
        self._reader: Optional[OutputReader] = None

    def take(
        self, event: segmentation_service_pb2.SegmentationEvent
    ) -> Optional[segmentation_service_pb2.SegmentationFinished]:
        """Take the next event; the last one is given back.

        Events that were seen before (after re-attaching) are passed over.
        """
        if event.sequence and event.sequence <= self.sequence:
            return None
        self.sequence = event.sequence
        kind = event.WhichOneof("event")
        if kind == "accepted":
            self.segmentation = event.accepted.name
            self.cached = event.accepted.cached
        elif kind == "chunk":
            if self._reader is None:
                raise EngineFaultError("The engine sent data before it said what they are.")
            self._reader.take(event.chunk)
        elif kind in ("output", "finished"):
            self._close()
            if kind == "finished":
                return event.finished
            self._reader = OutputReader(event.output)
            for item in event.output.removed:
                self.removed[item.label] = REMOVALS.get(item.reason, "other")
        return None

    def _close(self) -> None:
        if self._reader is not None:
            self.outputs[self._reader.name] = self._reader.finish()
            self.axes[self._reader.name] = self._reader.axes
        self._reader = None
