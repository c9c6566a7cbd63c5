from __future__ import annotations

import tracemalloc
import zlib

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cellwire_api.v1 import array_pb2, segmentation_service_pb2
from cellwire_client import decode
from cellwire_client.arrays import AXES
from cellwire_client.decode import EventReader
from cellwire_client.encodings import unpack
from cellwire_client.errors import CorruptTransferError, EngineFaultError
from cellwire_client.result import make_result

LABELS = segmentation_service_pb2.OUTPUT_KIND_LABELS
Event = segmentation_service_pb2.SegmentationEvent


def header(
    shape: tuple[int, ...], data_type: int = array_pb2.DATA_TYPE_UINT16, axes: str = ""
) -> Event:
    spec = array_pb2.ArraySpec(data_type=data_type, shape=shape)
    letters = [AXES[letter] for letter in axes]
    return Event(output=segmentation_service_pb2.OutputHeader(kind=LABELS, spec=spec, axes=letters))


def chunk(offset: int, data: bytes, zstd: bool = False) -> Event:
    packed = zstandard.ZstdCompressor(level=1).compress(data) if zstd else data
    kind = array_pb2.ENCODING_ZSTD if zstd else array_pb2.ENCODING_RAW
    return Event(
        chunk=array_pb2.ArrayChunk(
            offset=offset, length=len(data), encoding=kind, crc32=zlib.crc32(data), data=packed
        )
    )


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 999), st.booleans())
def test_an_array_is_the_same_however_it_is_cut(y: int, x: int, step: int, zstd: bool) -> None:
    labels = (np.arange(y * x, dtype=np.uint16) % 7).reshape(y, x)
    raw = labels.tobytes()
    reader = EventReader()
    assert reader.take(header((y, x))) is None
    for offset in range(0, len(raw), step):
        assert reader.take(chunk(offset, raw[offset : offset + step], zstd)) is None
    finished = reader.take(Event(finished=segmentation_service_pb2.SegmentationFinished()))
    assert finished is not None
    assert np.array_equal(np.asarray(reader.outputs["labels"]), labels)
    assert np.asarray(reader.outputs["labels"]).dtype == np.uint32


def test_a_stack_comes_with_its_axes_and_the_diameter_of_each_part() -> None:
    labels = np.arange(2 * 3 * 4 * 5, dtype=np.uint16).reshape(2, 3, 4, 5)
    reader = EventReader()
    reader.take(header(labels.shape, axes="TZYX"))
    reader.take(chunk(0, labels.tobytes()))
    finished = segmentation_service_pb2.SegmentationFinished(
        objects=9, diameters=[20, 21], median_diameters=[19, 0]
    )
    assert reader.take(Event(finished=finished)) == finished
    result = make_result(reader, finished)
    assert result.axes == "TZYX"
    assert np.array_equal(result.labels, labels)
    assert (result.diameters, result.median_diameters) == ((20, 21), (19, 0))
    assert (result.diameter, result.median_diameter) == (20, 19)


@given(st.integers(0, 70), st.integers(1, 20))
def test_labels_of_16_bits_become_32_bits_within_one_array(size: int, block: int) -> None:
    labels = np.arange(65_535, 65_535 - size, -1).astype(np.uint16).reshape(1, size)
    reader = EventReader()
    before = decode._BLOCK
    decode._BLOCK = block
    try:
        reader.take(header(labels.shape))
        if size:
            reader.take(chunk(0, labels.tobytes()))
        reader.take(Event(finished=segmentation_service_pb2.SegmentationFinished()))
    finally:
        decode._BLOCK = before
    found = np.asarray(reader.outputs["labels"])
    assert found.dtype == np.uint32
    assert np.array_equal(found, labels)


def test_a_big_result_takes_no_more_memory_than_itself() -> None:
    shape = (64, 256, 256)
    raw = np.arange(np.prod(shape)).astype(np.uint16).tobytes()
    chunks = [chunk(start, raw[start : start + 2**20]) for start in range(0, len(raw), 2**20)]
    end = Event(finished=segmentation_service_pb2.SegmentationFinished())
    tracemalloc.start()
    reader = EventReader()
    reader.take(header(shape, axes="ZYX"))
    for event in chunks:
        reader.take(event)
    reader.take(end)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    labels = np.asarray(reader.outputs["labels"])
    assert labels.nbytes <= peak < 1.4 * labels.nbytes


def test_events_that_were_seen_before_are_passed_over() -> None:
    reader = EventReader()
    events = [header((1, 2)), chunk(0, b"\1\0"), chunk(2, b"\2\0")]
    for number, event in enumerate(events, 1):
        event.sequence = number
    for event in [events[0], events[1], *events]:
        reader.take(event)
    reader.take(Event(sequence=4, finished=segmentation_service_pb2.SegmentationFinished()))
    assert np.asarray(reader.outputs["labels"]).tolist() == [[1, 2]]


def test_missing_misplaced_and_damaged_parts_are_noticed() -> None:
    end = Event(finished=segmentation_service_pb2.SegmentationFinished())
    reader = EventReader()
    reader.take(header((2, 2)))
    with pytest.raises(CorruptTransferError, match="byte 4; byte 0 of 8 was due"):
        reader.take(chunk(4, b"\0" * 4))
    with pytest.raises(CorruptTransferError, match="0 of 8 bytes arrived"):
        reader.take(end)
    damaged = chunk(0, b"\0" * 8)
    damaged.chunk.data = b"\1" * 8
    with pytest.raises(CorruptTransferError, match="damaged on its way"):
        reader.take(damaged)
    with pytest.raises(CorruptTransferError, match="byte 0 of 8 was due"):
        reader.take(chunk(0, b"\0" * 16))
    with pytest.raises(EngineFaultError, match="before it said what"):
        EventReader().take(chunk(0, b""))


def test_absurd_announcements_allocate_nothing() -> None:
    with pytest.raises(EngineFaultError, match="bytes"):
        EventReader().take(header((2**32, 2**32)))
    with pytest.raises(EngineFaultError, match="type"):
        EventReader().take(header((2, 2), data_type=99))


def test_a_packed_part_cannot_grow_beyond_what_it_announced() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(1 << 26))
    with pytest.raises(CorruptTransferError):
        unpack(bomb, 1024, array_pb2.ENCODING_ZSTD)
    with pytest.raises(CorruptTransferError, match="2 bytes; 3 were announced"):
        unpack(b"ab", 3, array_pb2.ENCODING_RAW)
    with pytest.raises(CorruptTransferError, match="damaged"):
        unpack(b"no frame", 8, array_pb2.ENCODING_ZSTD)
    with pytest.raises(CorruptTransferError, match="encoding 9"):
        unpack(b"", 0, 9)
