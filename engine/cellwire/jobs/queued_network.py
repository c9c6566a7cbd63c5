"""A network as the pipeline sees it: every batch goes through the device's threads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from cellwire.errors import DeviceOutOfMemoryError

if TYPE_CHECKING:
    from cellwire.jobs.cancellation import CancelToken
    from cellwire.jobs.device_thread import DeviceThread
    from cellwire.jobs.priority import Priority
    from cellwire.networks.inference import Network
    from cellwire.segmentation.arrays import FloatArray


class QueuedNetwork:
    """Answers one request's batches of tiles on the device's threads, group by group.

    Parameters
    ----------
    network
        The network itself.
    device
        The thread that owns the device.
    cancel
        Stops the request; a batch that waits is dropped.
    caller, priority
        Whose turn it is.
    """

    def __init__(
        self,
        network: Network,
        device: DeviceThread,
        cancel: CancelToken,
        caller: str,
        priority: Priority,
    ) -> None:
        self._network = network
        self._device = device
        self._cancel = cancel
        self._caller = caller
        self._priority = priority
        self.channels_in = int(network.channels_in)
        self.diam_mean = float(network.diam_mean)
        self.diam_labels = float(getattr(network, "diam_labels", network.diam_mean))

    def __call__(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Answer (N, C, h, w) with (N, 3, h, w) and styles (N, 256)."""
        size = self._network.group
        groups = [tiles[at : at + size] for at in range(0, len(tiles), size)]
        answers = self._device.run_all(
            [partial(self._run, group) for group in groups],
            self._cancel,
            caller=self._caller,
            priority=self._priority,
            cost=float(min(size, len(tiles))),
        )
        return np.concatenate([y for y, _ in answers]), np.concatenate([s for _, s in answers])

    def _run(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        try:
            return self._network.run(tiles)
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
        # A batch that does not fit is halved; the error is left first, as it holds the tensors.
        if len(tiles) == 1:
            raise DeviceOutOfMemoryError(
                "The device has no memory left for a single tile.",
                "Wait until other programs on it are done, or choose another device.",
            )
        half = len(tiles) // 2
        first, second = self._run(tiles[:half]), self._run(tiles[half:])
        return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def _is_out_of_memory(error: Exception) -> bool:
    # By name, since only `networks` may import torch.
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"OutOfMemoryError", "MemoryError"})
