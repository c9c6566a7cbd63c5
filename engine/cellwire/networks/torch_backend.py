"""Networks in torch, eagerly: on every device, with nothing to compile."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from cellwire.networks.batch_sizes import BATCH_SIZES, fixed_size, size_for_memory
from cellwire.networks.cores import usable_cores
from cellwire.networks.cuda_graphs import Graphs
from cellwire.networks.folding import StyleShift, fold
from cellwire.networks.forward import forward
from cellwire.networks.torch_device import (
    computing_on,
    give_back_memory,
    memory_taken,
    staged,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.networks.backend import BackendName, FloatArray, Precision
    from cellwire.networks.folding import Convolution, FoldedNetwork
    from cellwire.networks.weight_arrays import NetworkWeights

DEVICE_GROUP = 8
"""Tiles that an accelerator gets at once, where its memory is not known."""
MEASURED_TILES = BATCH_SIZES[1]

_TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


class TorchBackend:
    """See `cellwire.networks.backend.Backend`.

    Parameters
    ----------
    weights
        The network.
    precision
        Numbers of the convolutions.
    device
        Name of a torch device.
    """

    name: BackendName = "torch"
    lanes = 1

    def __init__(self, weights: NetworkWeights, precision: Precision, device: str = "cpu") -> None:
        self.precision: Precision = precision
        # One by one on a processor: a batch is no faster, and a cancelled request is left sooner.
        self.group = 1 if device == "cpu" else DEVICE_GROUP
        self._device = torch.device(device)
        self._threads = usable_cores()
        # No method: its graphs would hold this object, and their memory would outlive the model.
        self._compute = partial(
            _computed, fold(weights), _TensorOperations(device, _TYPES[precision])
        )
        self._graphs = Graphs(self._compute) if self._device.type == "cuda" else None

    def run(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Answer (N, C, H, W) with (N, outputs, H, W) and styles (N, S), all float32."""
        # Each thread has a number of its own, which numba sets too; with another, torch rounds
        # otherwise.
        if self._device.type == "cpu" and torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)
        with computing_on(self._device):
            x = staged(tiles, self._device).to(self._device, non_blocking=True)
            y, style = self.answer(x)
            return y.contiguous().cpu().numpy(), style.cpu().numpy()

    def answer(self, tiles: Tensor) -> tuple[Tensor, Tensor]:
        """Answer tiles on the device, float32, as `run` does; inside of `computing_on`.

        The next call may overwrite what this one gave. Batches are filled up to one of a few
        sizes, so that the algorithms, and with them the rounding, are those of few sizes too.
        """
        count = len(tiles)
        missing = fixed_size(count) - count
        if missing:
            tiles = torch.cat((tiles, tiles.new_zeros((missing, *tiles.shape[1:]))))
        y, style = (self._graphs or self._compute)(tiles)
        return y[:count], style[:count]

    def fit_to_memory(self, channels: int, side: int) -> None:
        """Set ``group`` by the device's free memory and what tiles of a side take of it."""
        if self._device.type != "cuda":
            return
        with computing_on(self._device):
            tiles = torch.zeros((MEASURED_TILES, channels, side, side), device=self._device)
            self._compute(tiles)  # weights and libraries stay, and count for no tile
            taken, free = memory_taken(self._device, lambda: self._compute(tiles))
        self.group = size_for_memory(free, taken // MEASURED_TILES)

    def release_memory(self) -> None:
        """Give back all memory of the device but that of the weights."""
        if self._graphs is not None:
            self._graphs.clear()
        give_back_memory(self._device)


def _computed(
    network: FoldedNetwork, do: _TensorOperations, tiles: Tensor
) -> tuple[Tensor, Tensor]:
    x = tiles.to(do.type, memory_format=torch.channels_last)
    y, style = forward(network, x, do)
    return y.float(), style.float()


class _TensorOperations:
    """Tensors on a device; see `cellwire.networks.forward.Operations`.

    Weights are moved there once, when they are first used.
    """

    def __init__(self, device: str, kind: torch.dtype) -> None:
        self.type = kind
        self._device = device
        self._layers: dict[Convolution, tuple[Tensor, Tensor]] = {}
        self._kept: dict[tuple[int, torch.dtype], Tensor] = {}

    def convolve(self, x: Tensor, layer: Convolution) -> Tensor:
        weight, bias = self._weights(layer, lambda: layer.weight)
        return functional.conv2d(x, weight, bias, padding=layer.weight.shape[2] // 2)

    def convolve_doubled(self, x: Tensor, layer: Convolution) -> Tensor:
        if self._device != "cpu":  # which way is faster there has not been measured
            return self.convolve(self.double(x), layer)
        weight, bias = self._weights(layer, layer.before_doubling)
        border = layer.weight.shape[2] // 2
        return functional.conv_transpose2d(x, weight, bias, stride=2, padding=border)

    def activate(
        self,
        x: Tensor,
        scale: FloatArray | None,
        shift: FloatArray | StyleShift | None,
        style: Tensor,
    ) -> Tensor:
        moved = self._shift(shift, style)
        if moved is None:
            return x.relu_()  # nothing but this step uses what a folded convolution gave
        if scale is None:
            return x.add_(moved).relu_()
        return torch.addcmul(moved, x, self._by_channel(scale)).relu_()

    def add(self, x: Tensor, y: Tensor) -> Tensor:
        return x.add_(y)

    def join(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.cat((x, y), dim=1)

    def halve(self, x: Tensor) -> Tensor:
        return functional.max_pool2d(x, 2, stride=2)

    def double(self, x: Tensor) -> Tensor:
        return functional.interpolate(x, scale_factor=2.0, mode="nearest")

    def unit_style(self, x: Tensor) -> Tensor:
        mean = x.float().mean(dim=(2, 3))
        return mean / torch.sum(mean**2, dim=1, keepdim=True) ** 0.5

    def _weights(
        self, layer: Convolution, kernels: Callable[[], FloatArray]
    ) -> tuple[Tensor, Tensor]:
        if layer not in self._layers:
            weight = self._moved(kernels(), self.type)
            weight = weight.contiguous(memory_format=torch.channels_last)
            self._layers[layer] = weight, self._moved(layer.bias, self.type)
        return self._layers[layer]

    def _shift(self, shift: FloatArray | StyleShift | None, style: Tensor) -> Tensor | None:
        if isinstance(shift, StyleShift):
            assert shift.matrix is not None  # noqa: S101  `fold` makes it a plain shift then
            matrix = self._once(shift.matrix, torch.float32)
            bias = self._once(shift.bias, torch.float32)
            return functional.linear(style, matrix, bias).to(self.type)[:, :, None, None]
        return None if shift is None else self._by_channel(shift)

    def _by_channel(self, values: FloatArray) -> Tensor:
        return self._once(values, self.type)[None, :, None, None]

    def _once(self, values: FloatArray, kind: torch.dtype) -> Tensor:
        key = id(values), kind
        if key not in self._kept:
            self._kept[key] = self._moved(values, kind)
        return self._kept[key]

    def _moved(self, values: FloatArray, kind: torch.dtype) -> Tensor:
        return torch.from_numpy(values).to(self._device, kind)
