"""Digests of weights files: by them models are known, whatever they are called."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def digest_of(files: Sequence[Path]) -> str:
    """Give the SHA-256 of a weights file, or of the digests of an ensemble's, in hexadecimal."""
    each = []
    for path in files:
        status = path.stat()
        each.append(_file_digest(path, status.st_mtime_ns, status.st_size))
    if len(each) == 1:
        return each[0]
    return hashlib.sha256("".join(each).encode("ascii")).hexdigest()


@lru_cache(maxsize=256)
def _file_digest(path: Path, changed: int, size: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
