"""A stack in slabs of whole planes, so that long work on it can be stopped between two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLAB = 2**24
"""Voxels of a slab: a kernel takes well below a second for them."""

Pulse: TypeAlias = "Callable[[], None]"
"""Called between pieces of work; may raise to stop it."""


def slabs(shape: tuple[int, ...], pulse: Pulse | None = None) -> Iterator[slice]:
    """Give the planes of each slab of a stack (Z, Y, X); ``pulse`` is called before each."""
    thickness = max(1, SLAB // max(1, shape[1] * shape[2]))
    for first in range(0, shape[0], thickness):
        if pulse is not None:
            pulse()
        yield slice(first, min(shape[0], first + thickness))
