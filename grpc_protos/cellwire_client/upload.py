"""Bringing images to the engine: once each, in chunks, and from where a broken upload stopped."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Iterator, NamedTuple, Optional

import grpc

from cellwire_api.v1 import array_pb2, image_service_pb2
from cellwire_client.arrays import WireImage, raw_bytes
from cellwire_client.encodings import pack
from cellwire_client.errors import CorruptTransferError, InvalidRequestError
from cellwire_client.progress import Progress
from cellwire_client.rpc_errors import error_detail

if TYPE_CHECKING:
    from cellwire_client.progress import Supervision

_POLL = 0.05
_ATTEMPTS = 4


class UploadSettings(NamedTuple):
    """What the engine said about images.

    Attributes
    ----------
    chunk_bytes
        Bytes of an image in each message.
    max_image_bytes
        Greatest image, 0 = no limit known.
    zstd
        Whether masks may be packed.
    """

    chunk_bytes: int = 1 << 20
    max_image_bytes: int = 0
    zstd: bool = False


def upload_image(
    images: Any,
    image: WireImage,
    settings: UploadSettings,
    supervision: Supervision,
    packed: bool = False,
) -> int:
    """Make sure that the engine holds an image.

    Parameters
    ----------
    images
        Stub of the engine's ImageService.
    image
        The image.
    settings
        What the engine said about images.
    supervision
        Time limit, cancel event and report.
    packed
        Whether to pack the chunks where the engine can: worth it for masks, not for micrographs.

    Returns
    -------
    int
        Bytes that had to be sent; 0 if the engine had it.

    Raises
    ------
    InvalidRequestError
        If the image is larger than the engine takes.
    grpc.RpcError
        If the connection or the engine fails.
    """
    size = image.pixels.nbytes
    if settings.max_image_bytes and size > settings.max_image_bytes:
        raise InvalidRequestError(
            f"The image has {size:,} bytes ({image.pixels.dtype.name}, shape "
            f"{image.pixels.shape}); this engine takes {settings.max_image_bytes:,}.",
            "Crop it or segment it in parts, or start the engine with a higher limit.",
            "IMAGE_TOO_LARGE",
        )
    sent = 0
    for attempt in range(_ATTEMPTS):
        state = images.GetImage(
            image_service_pb2.GetImageRequest(name=image.name), timeout=supervision.remaining()
        ).image
        if state.complete:
            break
        start = min(state.committed_bytes, size)
        try:
            sent += _send(images, image, start, settings, supervision, packed)
            break
        except grpc.RpcError as error:
            supervision.remaining()
            detail = error_detail(error)
            resumable = detail is not None and detail.reason in ("CHUNK_MISPLACED", "CHUNK_CORRUPT")
            if not resumable or attempt == _ATTEMPTS - 1:
                raise
    else:
        raise CorruptTransferError("The image did not arrive as it was sent.", "Try again.")
    supervision.report(Progress("uploading", size, size))
    return sent


def _send(
    images: Any,
    image: WireImage,
    start: int,
    settings: UploadSettings,
    supervision: Supervision,
    packed: bool,
) -> int:
    size = image.pixels.nbytes
    progress = [start]
    supervision.report(Progress("uploading", start, size))
    messages = _messages(image, start, settings, packed and settings.zstd, progress)
    call = images.UploadImage.future(messages, timeout=supervision.remaining())
    with supervision.over(call):
        while True:
            try:
                call.result(timeout=_POLL)
                return size - start
            except grpc.FutureTimeoutError:  # noqa: PERF203
                supervision.report(Progress("uploading", progress[0], size))
            except grpc.FutureCancelledError:
                supervision.remaining()
                raise


def _messages(
    image: WireImage, start: int, settings: UploadSettings, zstd: bool, progress: Any
) -> Iterator[image_service_pb2.UploadImageRequest]:
    header = image_service_pb2.UploadHeader(name=image.name, spec=image.spec, resume_offset=start)
    yield image_service_pb2.UploadImageRequest(header=header)
    view = raw_bytes(image.pixels)
    for offset in range(start, len(view), settings.chunk_bytes):
        part = bytes(view[offset : offset + settings.chunk_bytes])
        yield image_service_pb2.UploadImageRequest(chunk=_chunk(offset, part, zstd))
        progress[0] = offset + len(part)


def _chunk(offset: int, part: bytes, zstd: bool) -> array_pb2.ArrayChunk:
    crc: Optional[int] = zlib.crc32(part)
    if zstd:
        return array_pb2.ArrayChunk(
            offset=offset,
            length=len(part),
            encoding=array_pb2.ENCODING_ZSTD,
            crc32=crc,
            data=pack(part),
        )
    return array_pb2.ArrayChunk(
        offset=offset, length=len(part), encoding=array_pb2.ENCODING_RAW, crc32=crc, data=part
    )
