"""A request's tiles go to the device in small groups, and come back whole."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cellwire.errors import CancelledError
from cellwire.jobs.cancellation import CancelToken
from cellwire.jobs.device_thread import DeviceThread
from cellwire.jobs.priority import Priority
from cellwire.jobs.queued_network import QueuedNetwork
from cellwire.networks.architecture import Architecture
from cellwire.networks.inference import Network
from cellwire.networks.unet import CellposeNet

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def device() -> Iterator[DeviceThread]:
    device = DeviceThread()
    yield device
    device.close()


class SlowNetwork(Network):
    """A network on a machine where a tile takes 0.2 s."""

    def run(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        time.sleep(0.2 * len(tiles))
        return super().run(tiles)


def tiles_of(count: int) -> np.ndarray:
    return np.random.default_rng(0).random((count, 2, 32, 32), dtype=np.float32)


@pytest.mark.parametrize("lanes", [1, 3])
def test_groups_come_back_whole(device: DeviceThread, lanes: int) -> None:
    device.widen(lanes)
    network = Network([CellposeNet(Architecture(2, (4, 8)))], "cpu")
    queued = QueuedNetwork(network, device, CancelToken(), "", Priority.INTERACTIVE)
    y, style = network.run(tiles_of(7))
    for size in (1, 3, 8):
        network.group = size
        own_y, own_style = queued(tiles_of(7))
        np.testing.assert_allclose(own_y, y, atol=1e-6)
        np.testing.assert_allclose(own_style, style, atol=1e-6)


def test_a_cancelled_request_leaves_a_slow_device_within_a_second(device: DeviceThread) -> None:
    network = SlowNetwork([CellposeNet(Architecture(2, (4, 8)))], "cpu")
    token = CancelToken()
    queued = QueuedNetwork(network, device, token, "", Priority.INTERACTIVE)
    threading.Timer(0.3, token.cancel).start()
    start = time.monotonic()
    with pytest.raises(CancelledError):
        queued(tiles_of(20))
    assert time.monotonic() - start < 1.3
    assert device.run(lambda: True, CancelToken())
    assert time.monotonic() - start < 1.5
