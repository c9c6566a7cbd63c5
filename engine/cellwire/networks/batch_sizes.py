"""How many tiles an accelerator computes at once."""

from __future__ import annotations

BATCH_SIZES = (1, 4, 8, 16, 32)
"""Libraries choose other algorithms, which round otherwise, for other sizes; so there are few."""

SHARE = 0.5
"""Of the free memory that a batch may take; the rest is for images and captured graphs."""


def fixed_size(tiles: int) -> int:
    """Give the least of the fixed sizes that holds some tiles; beyond the largest, their number."""
    return next((size for size in BATCH_SIZES if size >= tiles), tiles)


def smaller_size(tiles: int) -> int | None:
    """Give the largest of the fixed sizes below a number of tiles, ``None`` below one tile."""
    return max((size for size in BATCH_SIZES if size < tiles), default=None)


def size_for_memory(free: int, per_tile: int) -> int:
    """Give the largest fixed size that fits into `SHARE` of the free bytes, at least 1."""
    return max((s for s in BATCH_SIZES if s * per_tile <= SHARE * free), default=BATCH_SIZES[0])
