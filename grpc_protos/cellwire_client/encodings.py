"""Packing of chunks: RAW always, Zstandard where the ``zstandard`` package is installed."""

from __future__ import annotations

from typing import Any, List

from cellwire_api.v1 import array_pb2
from cellwire_client.errors import CorruptTransferError


def _zstandard() -> Any:
    try:
        import zstandard  # optional
    except ImportError:
        return None
    return zstandard


def can_pack() -> bool:
    """Tell whether this client can pack and unpack Zstandard."""
    return _zstandard() is not None


def accepted() -> List[array_pb2.Encoding]:
    """List the encodings that this client can unpack, the dearest first."""
    if not can_pack():
        return [array_pb2.ENCODING_RAW]
    return [array_pb2.ENCODING_ZSTD, array_pb2.ENCODING_RAW]


def pack(part: bytes) -> bytes:
    """Pack bytes as one Zstandard frame of level 1."""
    packed: bytes = _zstandard().ZstdCompressor(level=1).compress(part)
    return packed


def unpack(chunk_data: bytes, length: int, encoding: int) -> bytes:
    """Unpack the data of a chunk.

    Parameters
    ----------
    chunk_data
        The packed bytes.
    length
        Number of bytes that must come out; no more are ever made.
    encoding
        The chunk's encoding.

    Raises
    ------
    CorruptTransferError
        If other than `length` bytes come out.
    """
    if encoding in (array_pb2.ENCODING_UNSPECIFIED, array_pb2.ENCODING_RAW):
        data = chunk_data
    elif encoding == array_pb2.ENCODING_ZSTD and can_pack():
        zstandard = _zstandard()
        try:
            data = zstandard.ZstdDecompressor().decompress(chunk_data, max_output_size=length)
        except zstandard.ZstdError as error:
            raise CorruptTransferError(
                f"A packed part of the result is damaged ({error}).", "Try again."
            ) from None
    else:
        raise CorruptTransferError(
            f"The engine packed a result in a way (encoding {encoding}) that was not asked for.",
            "Update the client, or install zstandard.",
        )
    if len(data) != length:
        raise CorruptTransferError(
            f"A part of the result has {len(data)} bytes; {length} were announced.", "Try again."
        )
    return data
