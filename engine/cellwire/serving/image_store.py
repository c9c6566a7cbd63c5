"""The store of images: by content, bounded, each caller with references of its own.

Used from the event loop only, so that it needs no locks.
"""

from __future__ import annotations

import contextlib
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cellwire.errors import ChunkMisplacedError, ImageUnknownError, StoreFullError
from cellwire.serving.uploads import PixelSpec, Upload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cellwire.segmentation.arrays import AnyArray

STANDSTILL = 5.0
"""Seconds without a chunk after which an upload may be taken over by a new call."""


@dataclass(eq=False, slots=True)
class StoredImage:
    """A complete image.

    Attributes
    ----------
    spec, data
        What it is, and its bytes.
    expiry
        For each caller that refers to it: the monotonic time at which that ends.
    pins
        Segmentations that work on it.
    """

    spec: PixelSpec
    data: bytearray
    expiry: dict[str, float] = field(default_factory=dict)
    pins: int = 0

    def array(self) -> AnyArray:
        """Give the pixels, read-only, without a copy."""
        dtype = np.dtype(self.spec.dtype).newbyteorder("<")
        array: AnyArray = np.frombuffer(self.data, dtype).reshape(self.spec.shape)
        array.flags.writeable = False
        return array


@dataclass(frozen=True, slots=True)
class ImageState:
    """What a caller may know of an image.

    Attributes
    ----------
    spec
        Type and shape, ``None`` if nothing came yet.
    committed
        Bytes that are held.
    complete
        Whether it can be segmented.
    seconds_left
        Time until it is dropped unless it is used, 0 if nothing is held.
    """

    spec: PixelSpec | None = None
    committed: int = 0
    complete: bool = False
    seconds_left: float = 0.0


class ImageStore:
    """Images by digest.

    Parameters
    ----------
    capacity
        Bytes for images and uploads together; the least recently used images leave first.
    max_image_bytes
        Size of one image.
    retention
        Seconds that an unused image is kept.
    upload_retention
        Seconds that a broken upload is kept.
    """

    def __init__(
        self, capacity: int, max_image_bytes: int, retention: float, upload_retention: float
    ) -> None:
        self.capacity = capacity
        self.max_image_bytes = max_image_bytes
        self._retention = retention
        self._upload_retention = upload_retention
        self._images: OrderedDict[str, StoredImage] = OrderedDict()
        self._uploads: dict[int, Upload] = {}
        self.used = 0

    def __len__(self) -> int:
        return len(self._images)

    def look(self, caller: str, digest: str) -> ImageState:
        """Tell what is there of an image; using it keeps it."""
        self.expire()
        image = self._owned(caller, digest)
        if image is not None:
            self._touch(caller, digest, image)
            return ImageState(image.spec, len(image.data), True, self._retention)
        upload = self._resumable(caller, digest)
        if upload is not None:
            left = self._upload_retention - (time.monotonic() - upload.touched)
            return ImageState(upload.spec, len(upload.data), False, max(0.0, left))
        return ImageState()

    def begin(self, caller: str, digest: str, spec: PixelSpec, offset: int) -> Upload:
        """Begin an upload, or go on with a broken one at ``offset``.

        Raises
        ------
        ChunkMisplacedError
            The offset is not where the upload stands.
        """
        spec.check(self.max_image_bytes)
        self.expire()
        upload = self._resumable(caller, digest)
        if offset:
            held = 0 if upload is None else len(upload.data)
            if upload is None or offset != held or upload.spec != spec:
                error = ChunkMisplacedError(
                    f"The upload is to go on at byte {offset}; the engine holds {held} of this "
                    "image with this type and shape.",
                    "Ask the engine where the upload stands (GetImage) and go on there.",
                )
                error.committed_bytes = held
                raise error
        else:
            if upload is not None:
                self.drop_upload(upload)
            upload = Upload(caller, digest, spec)
            self._uploads[id(upload)] = upload
        upload.active = object()
        upload.touched = time.monotonic()
        return upload

    def append(self, upload: Upload, data: bytes) -> None:
        """Add a chunk's bytes to an upload.

        Raises
        ------
        StoreFullError
            There is no room, even without the images that are not in use.
        """
        self._make_room(len(data))
        upload.append(data)
        self.used += len(data)

    def complete(self, upload: Upload) -> ImageState:
        """Turn an upload whose digest was right into an image."""
        known = self._images.get(upload.digest)
        if known is not None:
            self.drop_upload(upload)
        else:
            del self._uploads[id(upload)]
            known = self._images[upload.digest] = StoredImage(upload.spec, upload.data)
        self._touch(upload.caller, upload.digest, known)
        return ImageState(known.spec, len(known.data), True, self._retention)

    def drop_upload(self, upload: Upload) -> None:
        """Forget an upload and its bytes."""
        if self._uploads.pop(id(upload), None) is not None:
            self.used -= len(upload.data)

    def holds_upload(self, upload: Upload, lease: object) -> bool:
        """Whether the call with this lease may go on writing."""
        return id(upload) in self._uploads and upload.active is lease

    def delete(self, caller: str, digest: str) -> None:
        """Drop the caller's own reference, and its upload; the pixels go with the last one."""
        for upload in list(self._uploads.values()):
            if (upload.caller, upload.digest) == (caller, digest):
                self.drop_upload(upload)
        image = self._images.get(digest)
        if image is not None:
            image.expiry.pop(caller, None)
            self._drop_if_unused(digest, image)

    @contextlib.contextmanager
    def borrow(self, caller: str, digests: Sequence[str]) -> Iterator[dict[str, AnyArray]]:
        """Hold images while they are worked on.

        Raises
        ------
        ImageUnknownError
            One of them is not there, or is not the caller's.
        """
        self.expire()
        images: dict[str, StoredImage] = {}
        for digest in digests:
            image = self._owned(caller, digest)
            if image is None:
                raise ImageUnknownError(
                    f"The engine does not hold the image {digest[:12]}… (any more).",
                    "Upload it and ask again.",
                )
            images[digest] = image
        for digest, image in images.items():
            image.pins += 1
            self._touch(caller, digest, image)
        try:
            yield {digest: image.array() for digest, image in images.items()}
        finally:
            for digest, image in images.items():
                image.pins -= 1
                self._drop_if_unused(digest, image)

    def expire(self) -> None:
        """Drop what nobody used for long."""
        now = time.monotonic()
        for upload in list(self._uploads.values()):
            if upload.active is None and now - upload.touched > self._upload_retention:
                self.drop_upload(upload)
        for digest, image in list(self._images.items()):
            for caller, end in list(image.expiry.items()):
                if now > end and not image.pins:
                    del image.expiry[caller]
            self._drop_if_unused(digest, image)

    def _owned(self, caller: str, digest: str) -> StoredImage | None:
        image = self._images.get(digest)
        return image if image is not None and caller in image.expiry else None

    def _touch(self, caller: str, digest: str, image: StoredImage) -> None:
        image.expiry[caller] = time.monotonic() + self._retention
        self._images.move_to_end(digest)

    def _resumable(self, caller: str, digest: str) -> Upload | None:
        now = time.monotonic()
        found = [
            upload
            for upload in self._uploads.values()
            if (upload.caller, upload.digest) == (caller, digest)
            and (upload.active is None or now - upload.touched > STANDSTILL)
        ]
        return max(found, key=lambda upload: len(upload.data), default=None)

    def _drop_if_unused(self, digest: str, image: StoredImage) -> None:
        if not image.expiry and not image.pins and self._images.get(digest) is image:
            del self._images[digest]
            self.used -= len(image.data)

    def _make_room(self, wanted: int) -> None:
        if self.used + wanted <= self.capacity:
            return
        self.expire()
        for digest, image in list(self._images.items()):
            if self.used + wanted <= self.capacity:
                return
            if not image.pins:
                image.expiry.clear()
                self._drop_if_unused(digest, image)
        if self.used + wanted > self.capacity:
            error = StoreFullError(
                f"The engine's store of images is full: {self.used} of {self.capacity} bytes are "
                "in use by running work.",
                "Try again when it is done.",
            )
            error.retry_after = 5.0
            raise error
