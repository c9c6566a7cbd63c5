"""What is tried when a device has no memory: fewer tiles at once, more again later."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from cellwire.errors import DeviceOutOfMemoryError
from cellwire.networks.batch_sizes import fixed_size, smaller_size
from cellwire.networks.out_of_memory import is_out_of_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.networks.inference import Network

T = TypeVar("T")

PATIENCE = 16
"""Batches that must fit before the next larger size is tried again."""


class MemoryLadder:
    """Runs a request's steps on a device, with as many tiles as its memory allows.

    The tiles stay what they are, only fewer are computed at once. What a step took is let go
    before it is tried again.

    Parameters
    ----------
    network
        Its ``group`` is the usual number of tiles.

    Attributes
    ----------
    tiles
        Tiles that the next batch may have.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self.tiles = network.group
        self._fitted = 0

    def climb(self, batch: Callable[[int], T]) -> T:
        """Run a batch of at most so many tiles as it is told, until one fits.

        Raises
        ------
        DeviceOutOfMemoryError
            Not even one tile does.
        """
        while True:
            tiles = self.tiles
            fits, answer = self._tried(partial(batch, tiles))
            if fits:
                self._fitted += 1
                if self._fitted >= PATIENCE:
                    larger = min(fixed_size(tiles + 1), self._network.group)
                    self._fitted, self.tiles = 0, max(larger, tiles)
                return answer  # type: ignore[return-value]
            smaller = smaller_size(tiles)
            if smaller is None:
                raise self._refusal("a single tile")
            self._fitted, self.tiles = 0, smaller

    def step(self, work: Callable[[], T]) -> T:
        """Run what takes the memory that it takes; again once all that can be spared is free.

        Raises
        ------
        DeviceOutOfMemoryError
            It does not fit.
        """
        for _ in range(2):
            fits, answer = self._tried(work)
            if fits:
                return answer  # type: ignore[return-value]
        raise self._refusal("this image")

    def _tried(self, work: Callable[[], T]) -> tuple[bool, T | None]:
        try:
            return True, work()
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        # Only now, as the error holds on to the tensors.
        self._network.release_memory()
        return False, None

    def _refusal(self, what: str) -> DeviceOutOfMemoryError:
        return DeviceOutOfMemoryError(
            f"The device {self._network.device} has no memory left for {what}.",
            "Wait until other programs on it are done, or choose another device.",
        )
