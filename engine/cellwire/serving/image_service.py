"""ImageService: GetImage, UploadImage, DeleteImage."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from google.protobuf.timestamp_pb2 import Timestamp

from cellwire.errors import ChunkMisplacedError, DeadlineError, InvalidParameterError
from cellwire.serving.boundary import Context, current_caller
from cellwire.serving.convert import read_spec, write_spec
from cellwire.serving.uploads import Piece, digest_of
from cellwire_api.v1 import array_pb2
from cellwire_api.v1 import image_service_pb2 as api
from cellwire_api.v1 import image_service_pb2_grpc as stubs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cellwire.serving.image_store import ImageState, ImageStore
    from cellwire.serving.state import State
    from cellwire.serving.uploads import Upload

_PACKED = {
    array_pb2.ENCODING_UNSPECIFIED: False,
    array_pb2.ENCODING_RAW: False,
    array_pb2.ENCODING_ZSTD: True,
}


class ImageService(stubs.ImageServiceServicer):
    """Gives calls to `ImageStore`.

    Parameters
    ----------
    store, state
        Where the images are, and whether new ones are taken.
    idle
        Seconds that an upload may stand still.
    """

    def __init__(self, store: ImageStore, state: State, idle: float) -> None:
        self._store = store
        self._state = state
        self._idle = idle

    async def GetImage(  # noqa: N802
        self, request: api.GetImageRequest, context: Context
    ) -> api.GetImageResponse:
        """Tell what is there of an image."""
        state = self._store.look(current_caller(), digest_of(request.name))
        return api.GetImageResponse(image=_image(request.name, state))

    async def UploadImage(  # noqa: N802
        self, requests: AsyncIterator[api.UploadImageRequest], context: Context
    ) -> api.UploadImageResponse:
        """Take an image in chunks, or the rest of one."""
        self._state.check_open()
        stream = aiter(requests)
        first = await self._next(stream)
        if first is None or first.WhichOneof("payload") != "header":
            raise InvalidParameterError(
                "The upload does not begin with its header.", "Send the header first."
            )
        header = first.header
        upload = self._store.begin(
            current_caller(), digest_of(header.name), read_spec(header.spec), header.resume_offset
        )
        lease = upload.active
        try:
            while (message := await self._next(stream)) is not None:
                self._check_lease(upload, lease)
                self._store.append(upload, upload.unpack(_piece(message)))
            self._check_lease(upload, lease)
            self._complete(upload)
        finally:
            if upload.active is lease:
                upload.active = None
        state = self._store.complete(upload)
        return api.UploadImageResponse(image=_image(header.name, state))

    async def DeleteImage(  # noqa: N802
        self, request: api.DeleteImageRequest, context: Context
    ) -> api.DeleteImageResponse:
        """Drop the caller's own reference to an image."""
        self._store.delete(current_caller(), digest_of(request.name))
        return api.DeleteImageResponse()

    def _check_lease(self, upload: Upload, lease: object) -> None:
        if not self._store.holds_upload(upload, lease):
            raise ChunkMisplacedError(
                "Another call went on with this upload.", "Ask where it stands (GetImage)."
            )

    def _complete(self, upload: Upload) -> None:
        try:
            upload.check_complete()
        except ChunkMisplacedError:
            raise
        except Exception:
            self._store.drop_upload(upload)
            raise

    async def _next(
        self, stream: AsyncIterator[api.UploadImageRequest]
    ) -> api.UploadImageRequest | None:
        try:
            return await asyncio.wait_for(anext(stream, None), self._idle)
        except TimeoutError:
            raise DeadlineError(
                f"The upload stood still for {self._idle:g} seconds.",
                "Go on with it: the engine keeps what came for a while.",
            ) from None


def _piece(message: api.UploadImageRequest) -> Piece:
    if message.WhichOneof("payload") != "chunk":
        raise InvalidParameterError(
            "The upload holds a message that is no chunk.", "Send one header, then chunks."
        )
    chunk = message.chunk
    packed = _PACKED.get(chunk.encoding)
    if packed is None:
        raise InvalidParameterError(
            f"Encoding {int(chunk.encoding)} of a chunk is not known.", "Send RAW or ZSTD."
        )
    crc32 = chunk.crc32 if chunk.HasField("crc32") else None
    return Piece(chunk.offset, chunk.length, packed, crc32, chunk.data)


def _image(name: str, state: ImageState) -> api.Image:
    image = api.Image(name=name, committed_bytes=state.committed, complete=state.complete)
    if state.spec is not None:
        image.spec.CopyFrom(write_spec(state.spec))
        expiry = Timestamp()
        expiry.GetCurrentTime()
        expiry.seconds += int(state.seconds_left)
        image.expire_time.CopyFrom(expiry)
    return image
