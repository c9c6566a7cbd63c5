"""A network as the pipeline sees it: every batch goes through the device's threads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from cellwire.jobs.memory_ladder import MemoryLadder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cellwire.jobs.cancellation import CancelToken
    from cellwire.jobs.device_thread import DeviceThread
    from cellwire.jobs.priority import Priority
    from cellwire.networks.device_plane import DevicePlane
    from cellwire.networks.inference import Network
    from cellwire.networks.plane_layout import PlaneLayout
    from cellwire.segmentation.arrays import FloatArray

T = TypeVar("T")


class QueuedNetwork:
    """Answers one request's tiles on the device's threads, batch by batch.

    Parameters
    ----------
    network
        The network itself.
    device
        The threads that own its device.
    cancel
        Stops the request; a batch that waits is dropped.
    caller, priority
        Whose turn it is.
    elsewhere
        Gives the same network on a device that has the memory which this one lacks; ``None`` =
        there is none.

    Attributes
    ----------
    network
        What computes now: after `retreat`, the one elsewhere.
    """

    def __init__(
        self,
        network: Network,
        device: DeviceThread,
        cancel: CancelToken,
        caller: str,
        priority: Priority,
        elsewhere: Callable[[], tuple[Network, DeviceThread]] | None = None,
    ) -> None:
        self._use(network, device)
        self._cancel = cancel
        self._caller = caller
        self._priority = priority
        self._elsewhere = elsewhere
        self.channels_in = int(network.channels_in)
        self.diam_mean = float(network.diam_mean)
        self.diam_labels = float(getattr(network, "diam_labels", network.diam_mean))

    def __call__(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Answer (N, C, h, w) with (N, 3, h, w) and styles (N, 256)."""
        size = self.network.group
        groups = [tiles[at : at + size] for at in range(0, len(tiles), size)]
        works = [partial(self._answer, group) for group in groups]
        answers = self.run_all(works, float(min(size, len(tiles))))
        return np.concatenate([y for y, _ in answers]), np.concatenate([s for _, s in answers])

    @property
    def keeps_planes(self) -> bool:
        """Whether whole planes stay on the device."""
        return self.network.keeps_planes

    def plane_pass(self, image: FloatArray, layout: PlaneLayout) -> QueuedPlane | None:
        """Take a whole plane to the device; see `Network.plane_pass`."""
        plane = self.network.plane_pass(image, layout)
        return None if plane is None else QueuedPlane(plane, self, self._ladder)

    def retreat(self) -> bool:
        """Compute elsewhere from now on."""
        if self._elsewhere is None:
            return False
        self._use(*self._elsewhere())
        self._elsewhere = None
        return True

    def run_all(self, works: Sequence[Callable[[], T]], cost: float = 1.0) -> list[T]:
        """Run work on the device's threads when it is this request's turn."""
        return self._device.run_all(
            works, self._cancel, caller=self._caller, priority=self._priority, cost=cost
        )

    def _use(self, network: Network, device: DeviceThread) -> None:
        self.network, self._device = network, device
        self._ladder = MemoryLadder(network)

    def _answer(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        answers: list[tuple[FloatArray, FloatArray]] = []

        def batch(most: int) -> tuple[FloatArray, FloatArray]:
            return self.network.run(tiles[done : done + most])

        done = 0
        while done < len(tiles):
            answers.append(self._ladder.climb(batch))
            done += len(answers[-1][0])
        return np.concatenate([y for y, _ in answers]), np.concatenate([s for _, s in answers])


class QueuedPlane:
    """A plane on the device, each step of it when it is its request's turn."""

    def __init__(self, plane: DevicePlane, queue: QueuedNetwork, ladder: MemoryLadder) -> None:
        self._plane = plane
        self._queue = queue
        self._ladder = ladder

    def start(self) -> None:
        """See `DevicePlane.start`."""
        self._queue.run_all([partial(self._ladder.step, self._plane.start)])

    def advance(self) -> int:
        """See `DevicePlane.advance`."""
        work = partial(self._ladder.climb, self._plane.advance)
        return self._queue.run_all([work], float(self._ladder.tiles))[0]

    def launch_answer(self) -> None:
        """See `DevicePlane.launch_answer`."""
        self._queue.run_all([partial(self._ladder.step, self._plane.launch_answer)])

    def answer(self) -> tuple[FloatArray, FloatArray]:
        """See `DevicePlane.answer`; waited for beside the device's threads."""
        return self._plane.answer()

    def close(self) -> None:
        """See `DevicePlane.close`."""
        self._plane.close()
