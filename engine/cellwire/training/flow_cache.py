"""Flows that were computed once, kept in a folder by the content of their labels."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import zstandard

from cellwire.segmentation.targets import labels_to_flows

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import AnyArray

FOLDER = "flows"
REVISION = "1"
"""Counts the ways in which flows have been computed."""


def cached_flows(folder: Path) -> Callable[[AnyArray], AnyArray]:
    """Give a `labels_to_flows` that remembers, in float16.

    A file that is damaged is computed anew; where nothing can be written, nothing is remembered.

    Parameters
    ----------
    folder
        Where the flows are kept; made if need be.
    """

    def flows_of(labels: AnyArray) -> AnyArray:
        path = folder / f"{_digest(labels)}.zst"
        found = _read(path, (2, *labels.shape))
        if found is None:
            found = labels_to_flows(labels).astype(np.float16)
            with contextlib.suppress(OSError):
                _write(path, found)
        return found

    return flows_of


def _digest(labels: AnyArray) -> str:
    own = np.ascontiguousarray(labels, np.int32)
    return hashlib.sha256(f"{REVISION};{own.shape};".encode() + own.tobytes()).hexdigest()


def _read(path: Path, shape: tuple[int, ...]) -> AnyArray | None:
    try:
        data = zstandard.decompress(path.read_bytes(), int(np.prod(shape)) * 2)
        return np.frombuffer(data, np.float16).reshape(shape)
    except (OSError, ValueError, zstandard.ZstdError):
        return None


def _write(path: Path, flows: AnyArray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = zstandard.compress(flows.tobytes(), 1)
    handle, unfinished = tempfile.mkstemp(suffix=".unfinished", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.replace(unfinished, path)
    except OSError:
        Path(unfinished).unlink(missing_ok=True)
        raise
