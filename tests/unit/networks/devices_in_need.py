"""Devices that run out of memory when a test says so; they compute on the processor."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from cellwire.networks.architecture import Architecture
from cellwire.networks.device_plane import DevicePlane
from cellwire.networks.inference import Network
from cellwire.networks.torch_backend import TorchBackend
from cellwire.networks.unet import CellposeNet

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from cellwire.networks.plane_layout import PlaneLayout
    from cellwire.networks.weight_arrays import NetworkWeights


class ScriptedBackend(TorchBackend):
    """Has room for so many tiles at once, and no rounding that depends on their number."""

    room = 32

    def __init__(self, weights: NetworkWeights) -> None:
        super().__init__(weights, "fp32", "cpu")
        self.tried: list[int] = []
        self.held: list[weakref.ref[Tensor]] = []

    def answer(self, tiles: Tensor) -> tuple[Tensor, Tensor]:
        self.tried.append(len(tiles))
        taken = torch.empty_like(tiles)
        self.held += [weakref.ref(tiles), weakref.ref(taken)]
        if len(tiles) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1.00 GiB.")
        answers = [super(ScriptedBackend, self).answer(tile[None]) for tile in tiles]
        return torch.cat([y for y, _ in answers]), torch.cat([style for _, style in answers])


class ScriptedNetwork(Network):
    """A network on such a device, which calls itself as one likes."""

    def __init__(
        self, weights: NetworkWeights, group: int = 8, room: int = 32, name: str = "cpu"
    ) -> None:
        super().__init__([weights], "cpu")
        self.script = ScriptedBackend(weights)
        self.script.room = room
        self._backends = [self.script]
        self.device, self.group, self.keeps_planes = name, group, True

    def plane_pass(self, image: np.ndarray, layout: PlaneLayout) -> DevicePlane:
        return DevicePlane(self._backends, "cpu", image, layout, self.style_size, self.group)

    @property
    def held(self) -> Sequence[Tensor]:
        """What is left of the tensors that it was given or took."""
        return [each for ref in self.script.held if (each := ref()) is not None]


def small_weights(channels: int = 2) -> NetworkWeights:
    """Weights of a small network."""
    from cellwire.networks.weights import arrays_of

    torch.manual_seed(0)
    return arrays_of(CellposeNet(Architecture(channels, (4, 8, 16))).eval())
