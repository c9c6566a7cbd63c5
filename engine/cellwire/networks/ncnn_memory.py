"""Memory in which ncnn computes a tile, kept from tile to tile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ncnn

if TYPE_CHECKING:
    from cellwire.networks.architecture import Architecture

SIDE = 224
"""Of the usual tile; there are no larger ones."""
NUMBER = 4
"""Bytes of a float32."""
ADDED = 4096
"""Bytes that ncnn asks for beyond the numbers, at most: a counter, room to read on, alignment."""
SMALL = 2**14
"""Bytes of a block for a style and what is made from it."""


class TileMemory:
    """The memory of one tile at work.

    ncnn's pool gives the first free block that is large enough, and never joins or cuts blocks.
    Left alone it grows to twice what is used at one time, since its blocks come in the order of
    the first tile's layers. So it begins with blocks into which all layers fit, found by playing
    the layers of the usual network through: 75 MiB, of which 52 are used at one time. Blocks take
    real memory when they are first written to, so that small tiles take little.

    Attributes
    ----------
    answers, workspace
        For what goes from layer to layer, and for what a layer needs while it computes.
    """

    def __init__(self, architecture: Architecture) -> None:
        finest = architecture.base[0] * SIDE**2 * NUMBER
        half, joined = finest // 2, finest * (2 if architecture.concatenate else 1)
        answers = [SMALL, finest, half, SMALL, finest, SMALL, joined, joined, half, half, SMALL]
        # Winograd's way turns each 4×4 pixels of an input into 6×6 numbers.
        workspace = [each * 9 // 4 for each in (finest, joined, finest)]
        self.answers, self.workspace = ncnn.PoolAllocator(), ncnn.PoolAllocator()
        self._blocks = [(self.answers, answers), (self.workspace, workspace)]
        for pool, _ in self._blocks:
            pool.set_size_compare_ratio(0.0)

    def put_in_order(self) -> None:
        """Put the blocks in the order that they had at first.

        So a tile takes them as the one before did, and other sizes of tiles make none grow.
        """
        for pool, sizes in self._blocks:
            for block in [pool.fastMalloc(size + ADDED) for size in sizes]:
                pool.fastFree(block)


class TileMemories:
    """Lends memory to one tile at a time; there is as much as tiles were at work at once."""

    def __init__(self, architecture: Architecture) -> None:
        self._architecture = architecture
        self._free: list[TileMemory] = []

    def take(self) -> TileMemory:
        """Give memory that no other tile has."""
        try:
            memory = self._free.pop()
        except IndexError:
            memory = TileMemory(self._architecture)
        memory.put_in_order()
        return memory

    def put_back(self, memory: TileMemory) -> None:
        """Take it back for the next tile; none of its arrays may be in use any more."""
        self._free.append(memory)

    def release(self) -> None:
        """Give the system what is lent to nobody."""
        self._free.clear()
