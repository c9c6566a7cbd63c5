"""Packed chunks of a large output in a file of the scratch folder, rather than in memory."""

from __future__ import annotations

import tempfile
import threading
from typing import TYPE_CHECKING

from cellwire.errors import ImageTooLargeError
from cellwire_api.v1 import array_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SPOOLED_BYTES = 64 * 2**20
"""Outputs above this size, unpacked, go into a file where there is a scratch folder."""


class SpooledChunks:
    """Chunks that are read when they are sent; their file vanishes with them.

    Parameters
    ----------
    chunks
        What to keep.
    scratch
        Folder for the file.

    Raises
    ------
    ImageTooLargeError
        If the folder has no room.
    """

    def __init__(self, chunks: Iterable[array_pb2.ArrayChunk], scratch: Path) -> None:
        # The file has no name on POSIX; it is closed, and gone, with the last reference.
        self._file = tempfile.TemporaryFile(dir=scratch, prefix="cellwire-")  # noqa: SIM115
        self._lock = threading.Lock()
        self._sizes: list[int] = []
        try:
            for chunk in chunks:
                self._sizes.append(self._file.write(chunk.SerializeToString()))
            self._file.flush()
        except OSError as error:
            self._file.close()
            raise ImageTooLargeError(
                f"The engine's scratch folder has no room for the results: {error.strerror}.",
                "Ask for fewer outputs or a part of the stack, or free space there.",
            ) from error

    def __iter__(self) -> Iterator[array_pb2.ArrayChunk]:
        start = 0
        for size in self._sizes:
            with self._lock:  # several calls may be sent the same result
                self._file.seek(start)
                data = self._file.read(size)
            start += size
            yield array_pb2.ArrayChunk.FromString(data)

    @property
    def nbytes(self) -> int:
        """Size of the file."""
        return sum(self._sizes)
