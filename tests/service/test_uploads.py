"""Uploads: resumed, not repeated, and refused when they are not what they say."""

from __future__ import annotations

import threading
import zlib
from typing import TYPE_CHECKING

import grpc
import numpy as np
import pytest
import zstandard
from wire import MIB, chunks, connect, detail_of, header, make_cells, name_of, request_for

from cellwire_api.v1 import array_pb2, image_service_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire import Wire


@pytest.fixture
def wire(server) -> Iterator[Wire]:
    with connect(server.address) as wire:
        yield wire


@pytest.fixture
def image() -> np.ndarray:
    """5 MiB of noise that no other test has sent."""
    return np.random.default_rng().integers(0, 256, (5, MIB), np.uint8)


def refused(wire: Wire, messages: object) -> tuple[grpc.StatusCode, object]:
    with pytest.raises(grpc.RpcError) as caught:
        wire.upload(messages)
    return caught.value.code(), detail_of(caught.value)


def test_a_broken_upload_goes_on_where_it_stood(server, wire, image) -> None:
    name = name_of(image)
    sent = threading.Event()

    def broken() -> Iterator[object]:
        yield header(name, image)
        parts = chunks(image)
        for _ in range(3):
            yield next(parts)
        sent.wait()  # the client dies here

    call = wire.images.UploadImage.future(broken())
    server.wait_until(lambda s: any(len(u.data) == 3 * MIB for u in s.store._uploads.values()))
    call.cancel()
    sent.set()
    server.wait_until(lambda s: all(u.active is None for u in s.store._uploads.values()))
    state = wire.look(name)
    assert not state.complete
    assert state.committed_bytes == 3 * MIB
    rest = chunks(image, offset=3 * MIB)
    assert wire.upload([header(name, image, 3 * MIB), *rest]).complete


def test_a_second_upload_is_not_needed(wire, image) -> None:
    name = wire.send(image)
    state = wire.look(name)
    assert state.complete
    assert state.committed_bytes == image.nbytes
    assert tuple(state.spec.shape) == image.shape


def test_an_image_that_never_came_is_no_error(wire, image) -> None:
    assert wire.look(name_of(image)).committed_bytes == 0


def test_deleting_drops_the_reference(server, wire, image) -> None:
    name = wire.send(image)
    used = server.server.store.used
    wire.images.DeleteImage(image_service_pb2.DeleteImageRequest(name=name), timeout=20)
    assert not wire.look(name).complete
    assert server.server.store.used == used - image.nbytes


def test_packed_chunks_are_taken(wire, image) -> None:
    data = np.zeros((2, MIB), np.uint8)
    data[0, :99] = np.random.default_rng().integers(0, 256, 99)
    parts = []
    for start in (0, MIB):
        plain = data.tobytes()[start : start + MIB]
        packed = zstandard.ZstdCompressor(level=1).compress(plain)
        chunk = array_pb2.ArrayChunk(
            offset=start, length=MIB, encoding=array_pb2.ENCODING_ZSTD, data=packed
        )
        parts.append(image_service_pb2.UploadImageRequest(chunk=chunk))
    assert wire.upload([header(name_of(data), data), *parts]).complete


def test_wrong_digest(server, wire, image) -> None:
    used = server.server.store.used
    other = image ^ 1
    status, detail = refused(wire, [header(name_of(other), image), *chunks(image)])
    assert status is grpc.StatusCode.DATA_LOSS
    assert detail.reason == "CHUNK_CORRUPT"
    assert detail.committed_bytes == 0
    assert server.server.store.used == used


def test_wrong_crc(wire, image) -> None:
    status, detail = refused(wire, [header(name_of(image), image), *chunks(image, crc32=1)])
    assert status is grpc.StatusCode.DATA_LOSS
    assert "CRC" in detail.message


def test_misplaced_chunk_tells_where_to_go_on(wire, image) -> None:
    parts = list(chunks(image))
    status, detail = refused(wire, [header(name_of(image), image), parts[0], parts[2]])
    assert status is grpc.StatusCode.INVALID_ARGUMENT
    assert detail.reason == "CHUNK_MISPLACED"
    assert detail.committed_bytes == MIB


def test_too_few_bytes_can_be_completed(wire, image) -> None:
    name = name_of(image)
    _, detail = refused(wire, [header(name, image), *list(chunks(image))[:2]])
    assert detail.reason == "CHUNK_MISPLACED"
    assert detail.committed_bytes == 2 * MIB
    rest = chunks(image, offset=2 * MIB)
    assert wire.upload([header(name, image, 2 * MIB), *rest]).complete


def test_more_bytes_than_announced(wire, image) -> None:
    messages = [header(name_of(image), image, shape=(3, MIB)), *chunks(image)]
    assert refused(wire, messages)[1].reason == "CHUNK_MISPLACED"


def test_resuming_at_the_wrong_place(wire, image) -> None:
    _, detail = refused(wire, [header(name_of(image), image, 4096)])
    assert detail.reason == "CHUNK_MISPLACED"
    assert detail.committed_bytes == 0


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ((2**40, 2**40), "IMAGE_TOO_LARGE"),
        ((2**63, 2), "IMAGE_TOO_LARGE"),
        ((0, 5), "IMAGE_CONTENT"),
        ((), "IMAGE_CONTENT"),
        ((1,) * 6, "IMAGE_CONTENT"),
    ],
)
def test_shapes_that_lie(server, wire, image, shape, reason) -> None:
    used = server.server.store.used
    status, detail = refused(wire, [header(name_of(image), image, shape=shape), *chunks(image)])
    assert status is grpc.StatusCode.INVALID_ARGUMENT
    assert detail.reason == reason
    assert server.server.store.used == used


def test_a_large_claim_takes_no_memory(server, wire, image) -> None:
    used = server.server.store.used
    claim = header(name_of(image), image, shape=(2**30,))
    _, detail = refused(wire, [claim, next(chunks(image))])
    assert detail.committed_bytes == MIB
    assert server.server.store.used == used + MIB


def test_unknown_pixel_type(wire, image) -> None:
    _, detail = refused(wire, [header(name_of(image), image, data_type=77)])
    assert detail.reason == "UNSUPPORTED_TYPE"


@pytest.mark.parametrize("name", ["", "images/xyz", "images/../../etc/passwd", "models/nuclei"])
def test_names_that_are_none(wire, image, name) -> None:
    status, detail = refused(wire, [header(name, image)])
    assert status is grpc.StatusCode.INVALID_ARGUMENT
    assert detail.reason == "INVALID_PARAMETER"


def test_a_zstd_bomb_is_not_unpacked(server, wire) -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(512 * MIB))
    assert len(bomb) < MIB
    array = np.zeros(MIB, np.uint8)
    chunk = array_pb2.ArrayChunk(length=MIB, encoding=array_pb2.ENCODING_ZSTD, data=bomb)
    used = server.server.store.used
    messages = [header(name_of(array), array), image_service_pb2.UploadImageRequest(chunk=chunk)]
    status, detail = refused(wire, messages)
    assert status is grpc.StatusCode.DATA_LOSS
    assert detail.reason == "CHUNK_CORRUPT"
    assert server.server.store.used == used


def test_a_bomb_without_its_size_is_not_unpacked(wire) -> None:
    packer = zstandard.ZstdCompressor(level=3, write_content_size=False).compressobj()
    bomb = packer.compress(bytes(64 * MIB)) + packer.flush()
    array = np.zeros(MIB, np.uint8)
    chunk = array_pb2.ArrayChunk(length=MIB, encoding=array_pb2.ENCODING_ZSTD, data=bomb)
    messages = [header(name_of(array), array), image_service_pb2.UploadImageRequest(chunk=chunk)]
    assert refused(wire, messages)[1].reason == "CHUNK_CORRUPT"


def test_a_message_above_the_limit_is_refused(wire, image) -> None:
    messages = [header(name_of(image), image), *chunks(image, size=5 * MIB)]
    with pytest.raises(grpc.RpcError) as caught:
        wire.upload(messages)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_4096_square_two_channel_image_goes_through(server, wire) -> None:
    image = np.zeros((2, 4096, 4096), np.uint16)
    image[:, 1000:1096, 2000:2120] = make_cells(96, 120)
    name = wire.send(image)
    ranges = [
        array_pb2.AxisRange(axis=array_pb2.AXIS_Y, start=1000, stop=1096),
        array_pb2.AxisRange(axis=array_pb2.AXIS_X, start=2000, stop=2120),
    ]
    outcome = wire.run(request_for(name, axes="CYX", region=ranges))
    assert outcome.labels.shape == (96, 120)
    assert outcome.labels.any()


@pytest.mark.slow
def test_a_whole_4096_square_image_is_segmented(wire) -> None:
    image = np.stack([make_cells(4096, 4096), make_cells(4096, 4096, seed=1)])
    request = request_for(wire.send(image), axes="CYX", diameter=60.0)
    request.cellpose.niter = 20
    outcome = wire.run(request)
    assert outcome.labels.shape == (4096, 4096)
    assert zlib.crc32(outcome.labels.tobytes())
    assert outcome.finished.objects > 0


def test_unfinished_uploads_expire(start_server, image) -> None:
    server = start_server(upload_retention=0.2)
    with connect(server.address) as wire:
        refused(wire, [header(name_of(image), image), next(chunks(image))])
        assert server.server.store.used == MIB
    server.wait_until(lambda s: s.store.used == 0)


def test_an_upload_that_stands_still_is_ended(start_server, image) -> None:
    server = start_server(upload_idle=0.3)
    halt = threading.Event()

    def slow() -> Iterator[object]:
        yield header(name_of(image), image)
        yield next(chunks(image))
        halt.wait(30)

    with connect(server.address) as wire:
        status, detail = refused(wire, slow())
        halt.set()
        assert status is grpc.StatusCode.DEADLINE_EXCEEDED
        assert detail.reason == "DEADLINE"
        assert wire.look(name_of(image)).committed_bytes == MIB


def test_the_oldest_images_make_room(start_server, image) -> None:
    server = start_server(store_bytes=12 * MIB)
    with connect(server.address) as wire:
        names = [wire.send(image ^ bit) for bit in (0, 1, 2)]
        assert [wire.look(name).complete for name in names] == [False, True, True]
        assert server.server.store.used <= 12 * MIB
