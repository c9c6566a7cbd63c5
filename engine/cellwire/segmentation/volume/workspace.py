"""Room for large arrays: memory, or files in a scratch folder."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cellwire.errors import ImageTooLargeError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from cellwire.segmentation.arrays import AnyArray

BLOCK_BYTES = 2**25
"""Of a block of planes, answers included, where the arrays lie in memory."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Makes arrays of zeros.

    Attributes
    ----------
    scratch
        ``None`` = in memory; else the folder for their files. A file has no name and goes with
        the last reference to its array, however the process ends.
    block_bytes
        Size of the blocks of planes in which the arrays are read and written.
    """

    scratch: Path | None = None
    block_bytes: int = BLOCK_BYTES

    def zeros(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> AnyArray:
        """Give a C-contiguous array of zeros.

        Raises
        ------
        ImageTooLargeError
            If the scratch folder has no room for it.
        """
        size = int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize
        if self.scratch is None or size == 0:
            return np.zeros(shape, dtype)
        with tempfile.TemporaryFile(dir=self.scratch, prefix="cellwire-") as file:
            try:
                # A mapped file without its blocks would end the process when the disk is full.
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, size)
                else:
                    file.truncate(size)
            except OSError as error:
                raise ImageTooLargeError(
                    f"The scratch folder has no room for {size / 1e9:.1f} GB: {error.strerror}.",
                    "Free space there, or choose another folder.",
                ) from error
            return np.asarray(np.memmap(file, dtype, "r+", shape=shape))
