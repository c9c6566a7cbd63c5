"""An upload on its way: bytes as they come, checked as they come."""

from __future__ import annotations

import hashlib
import math
import re
import time
import zlib
from dataclasses import dataclass, field

import numpy as np
import zstandard

from cellwire.errors import (
    ChunkCorruptError,
    ChunkMisplacedError,
    ImageContentError,
    ImageTooLargeError,
    InvalidParameterError,
    UnsupportedTypeError,
)
from cellwire.images.spec import WIRE_TYPES
from cellwire.serving.settings import MAX_UNPACKED_CHUNK_BYTES

_NAME = re.compile(r"images/([0-9a-f]{64})")
_MAX_WINDOW = 8 * 2**20


@dataclass(frozen=True, slots=True)
class PixelSpec:
    """Type and shape of an image's bytes.

    Attributes
    ----------
    dtype
        One of `WIRE_TYPES`.
    shape
        Length of each dimension.
    """

    dtype: str
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Size in bytes, in whole numbers of any size."""
        return math.prod(self.shape) * int(np.dtype(self.dtype).itemsize)

    @property
    def prefix(self) -> bytes:
        """What the digest begins with."""
        return f"{self.dtype};{','.join(str(n) for n in self.shape)}\n".encode()

    def check(self, max_bytes: int) -> None:
        """Refuse what is no image or too large, before anything is allocated.

        Raises
        ------
        UnsupportedTypeError, ImageContentError, ImageTooLargeError
            By the type, the shape or the size.
        """
        if self.dtype not in WIRE_TYPES:
            raise UnsupportedTypeError(
                f"The pixel type is {self.dtype or 'not given'}; the engine takes "
                f"{', '.join(WIRE_TYPES)}.",
                "Convert the image.",
            )
        if not 1 <= len(self.shape) <= 5 or 0 in self.shape:
            size = " x ".join(str(n) for n in self.shape) or "nothing"
            raise ImageContentError(
                f"The image's shape is {size}; it has 1 to 5 dimensions of at least 1.",
                "Check the image.",
            )
        if self.nbytes > max_bytes:
            raise ImageTooLargeError(
                f"The image has {self.nbytes} bytes; the engine's limit is {max_bytes}.",
                "Send a part of it, or raise the engine's limit.",
            )


def digest_of(name: str) -> str:
    """Give the digest in an image's name.

    Raises
    ------
    InvalidParameterError
        It is no such name.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise InvalidParameterError(
            f"{name[:80]!r} is no name of an image: images/ and 64 hexadecimal digits.",
            "Name the image by its SHA-256 as docs/protocol.md says.",
        )
    return match.group(1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk as it came.

    Attributes
    ----------
    offset, length
        Place and number of unpacked bytes.
    packed
        Whether data is a Zstandard frame.
    crc32
        CRC of the unpacked bytes, ``None`` if not given.
    data
        The bytes.
    """

    offset: int
    length: int
    packed: bool
    crc32: int | None
    data: bytes


@dataclass(eq=False, slots=True)
class Upload:
    """The bytes of an image so far; memory grows with what came, not with what was announced.

    Attributes
    ----------
    caller, digest, spec
        Whose, and what it is to become.
    data
        Bytes so far.
    touched
        Monotonic time of the last chunk.
    active
        Whether a call is writing now; a new call takes over an upload that stands still.
    """

    caller: str
    digest: str
    spec: PixelSpec
    data: bytearray = field(default_factory=bytearray)
    touched: float = field(default_factory=time.monotonic)
    active: object | None = None
    _hash: hashlib._Hash = field(init=False)

    def __post_init__(self) -> None:
        self._hash = hashlib.sha256(self.spec.prefix)

    def unpack(self, piece: Piece) -> bytes:
        """Check a chunk and give its bytes.

        Raises
        ------
        ChunkMisplacedError
            It does not go on where the upload stands, or runs over the end.
        ChunkCorruptError
            Its bytes are not what it says.
        """
        held = len(self.data)
        problem: ChunkMisplacedError | ChunkCorruptError | None = None
        if piece.offset != held:
            problem = ChunkMisplacedError(
                f"A chunk starts at byte {piece.offset}; the upload stands at {held}.",
                "Go on from there.",
            )
        elif held + piece.length > self.spec.nbytes:
            problem = ChunkMisplacedError(
                f"A chunk ends at byte {held + piece.length}; the image has {self.spec.nbytes}.",
                "Send no more than the image.",
            )
        elif not 1 <= piece.length <= MAX_UNPACKED_CHUNK_BYTES:
            problem = ChunkMisplacedError(
                f"A chunk has {piece.length} bytes; it may have 1 to {MAX_UNPACKED_CHUNK_BYTES}.",
                "Send chunks of 1 MiB.",
            )
        if problem is None:
            data = _unzip(piece) if piece.packed else piece.data
            if data is None or len(data) != piece.length:
                problem = ChunkCorruptError(
                    f"A chunk does not hold the {piece.length} bytes that it says.",
                    "Send it again.",
                )
            elif piece.crc32 is not None and zlib.crc32(data) != piece.crc32:
                problem = ChunkCorruptError(
                    f"The chunk at byte {held} changed on the way (CRC-32).", "Send it again."
                )
            else:
                return data
        problem.committed_bytes = held
        raise problem

    def append(self, data: bytes) -> None:
        """Take the bytes of a chunk."""
        self.data += data
        self._hash.update(data)
        self.touched = time.monotonic()

    def check_complete(self) -> None:
        """Check that all bytes came and that they are what the name says.

        Raises
        ------
        ChunkMisplacedError
            Bytes are missing; the rest can be sent.
        ChunkCorruptError
            The digest is another; the upload starts over.
        """
        if len(self.data) < self.spec.nbytes:
            missing = ChunkMisplacedError(
                f"The upload ended at byte {len(self.data)} of {self.spec.nbytes}.",
                "Send the rest.",
            )
            missing.committed_bytes = len(self.data)
            raise missing
        if self._hash.hexdigest() != self.digest:
            wrong = ChunkCorruptError(
                "The image's bytes have another SHA-256 than its name says.",
                "Send it again from the start, and check that name, type and shape are its own.",
            )
            wrong.committed_bytes = 0
            raise wrong


def _unzip(piece: Piece) -> bytes | None:
    try:
        frame = zstandard.get_frame_parameters(piece.data)
        # A frame's own claim is what zstandard allocates: it is checked before.
        known = frame.content_size not in (zstandard.CONTENTSIZE_UNKNOWN, -1)
        if known and frame.content_size != piece.length:
            return None
        if frame.window_size > _MAX_WINDOW:
            return None
        unpacker = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
        return unpacker.decompress(piece.data, max_output_size=piece.length, allow_extra_data=False)
    except zstandard.ZstdError:
        return None
