"""Networks in OpenVINO: the graph is built from the weights, nothing is traced or converted."""

from __future__ import annotations

import threading
from collections import OrderedDict
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np
import openvino
from openvino import opset13 as ops

from cellwire.networks.cores import MAX_LANES, usable_cores
from cellwire.networks.folding import StyleShift, fold
from cellwire.networks.forward import forward

if TYPE_CHECKING:
    from cellwire.networks.backend import BackendName, FloatArray, Precision
    from cellwire.networks.folding import Convolution, FoldedNetwork
    from cellwire.networks.weight_arrays import NetworkWeights

USUAL_SHAPE = (224, 224)
MAX_SHAPES = 4
"""Compiled shapes that are kept. Smaller images than a tile have others than the usual one."""

_ELEMENT = {"fp32": openvino.Type.f32, "bf16": openvino.Type.bf16}


class OpenvinoBackend:
    """See `cellwire.networks.backend.Backend`.

    Tiles are computed one by one, each lane on cores of its own: they are independent by
    construction, no core waits for another within a tile, and a cancelled request is left within
    one tile.

    Parameters
    ----------
    weights
        The network.
    precision
        Set explicitly: OpenVINO would choose bf16 by itself on some processors.

    Raises
    ------
    RuntimeError
        OpenVINO cannot build the network, or the processor cannot compute in this precision.
    """

    name: BackendName = "openvino"
    group = 1

    def __init__(self, weights: NetworkWeights, precision: Precision) -> None:
        self.precision: Precision = precision
        self._cores = usable_cores()
        self.lanes = min(self._cores, MAX_LANES)
        self._channels = weights.architecture.channels_in
        self._network = fold(weights)
        self._lock = threading.Lock()
        # Nothing is stored on disk: compiling took 0.17 s of a core, reading what was compiled
        # 0.11 s and 26 MB a model and shape.
        self._shapes: OrderedDict[tuple[int, int], _Requests] = OrderedDict()
        self._compiled(USUAL_SHAPE)

    def run(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Answer (N, C, H, W) with (N, outputs, H, W) and styles (N, S), all float32."""
        requests = self._compiled((int(tiles.shape[2]), int(tiles.shape[3])))
        answers = [requests.run(tile[None]) for tile in np.ascontiguousarray(tiles, np.float32)]
        return tuple(np.concatenate(parts) for parts in zip(*answers, strict=True))  # type: ignore[return-value]

    def fit_to_memory(self, channels: int, side: int) -> None:
        """Leave tiles one by one: they take the machine's memory."""

    def release_memory(self) -> None:
        """Let the compiled shapes go; they come back when they are asked for."""
        with self._lock:
            self._shapes.clear()

    def _compiled(self, shape: tuple[int, int]) -> _Requests:
        with self._lock:
            requests = self._shapes.get(shape)
            if requests is None:
                requests = self._shapes[shape] = _Requests(self._compile(shape))
                while len(self._shapes) > MAX_SHAPES:
                    self._shapes.popitem(last=False)
            self._shapes.move_to_end(shape)
            return requests

    def _compile(self, shape: tuple[int, int]) -> openvino.CompiledModel:
        properties: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": _ELEMENT[self.precision],
            "EXECUTION_MODE_HINT": "PERFORMANCE",
            "NUM_STREAMS": self.lanes,
            "INFERENCE_NUM_THREADS": self._cores,
            # Where the threads run is for the system to say: others' kernels run beside them.
            "ENABLE_CPU_PINNING": False,
        }
        model = graph_of(self._network, (1, self._channels, *shape))
        compiled = openvino.Core().compile_model(model, "CPU", properties)
        used = compiled.get_property("INFERENCE_PRECISION_HINT")
        if used != _ELEMENT[self.precision]:
            raise RuntimeError(f"it computes in {used}, not in {self.precision}")
        return compiled


class _Requests:
    """A compiled network and the memory of its calls, which are lent out, one a thread."""

    def __init__(self, compiled: openvino.CompiledModel) -> None:
        self._compiled = compiled
        self._free: SimpleQueue[openvino.InferRequest] = SimpleQueue()

    def run(self, tile: FloatArray) -> tuple[FloatArray, FloatArray]:
        request = self._compiled.create_infer_request() if self._free.empty() else self._free.get()
        try:
            request.start_async([openvino.Tensor(tile)], share_inputs=True)
            request.wait()
            y, style = (request.get_output_tensor(index).data.copy() for index in (0, 1))
        finally:
            self._free.put(request)
        return y, style


def graph_of(network: FoldedNetwork, shape: tuple[int, int, int, int]) -> openvino.Model:
    """Build the graph of a network for inputs of one shape (N, C, H, W)."""
    x = ops.parameter(shape, np.float32, name="tiles")
    y, style = forward(network, x, _GraphOperations())
    return openvino.Model([ops.result(y), ops.result(style)], [x], "cellwire")


class _GraphOperations:
    """Nodes of a graph; see `cellwire.networks.forward.Operations`."""

    def convolve(self, x: Any, layer: Convolution) -> Any:
        border = [layer.weight.shape[2] // 2] * 2
        weight = ops.constant(layer.weight)
        y = ops.convolution(x, weight, [1, 1], border, border, [1, 1])
        return ops.add(y, _by_channel(layer.bias))

    def convolve_doubled(self, x: Any, layer: Convolution) -> Any:
        border = [layer.weight.shape[2] // 2] * 2
        weight = ops.constant(layer.before_doubling())
        y = ops.convolution_backprop_data(
            x, weight, [2, 2], pads_begin=border, pads_end=border, dilations=[1, 1]
        )
        return ops.add(y, _by_channel(layer.bias))

    def activate(
        self, x: Any, scale: FloatArray | None, shift: FloatArray | StyleShift | None, style: Any
    ) -> Any:
        if scale is not None:
            x = ops.multiply(x, _by_channel(scale))
        if isinstance(shift, StyleShift):
            assert shift.matrix is not None  # noqa: S101  `fold` makes it a plain shift then
            moved = ops.matmul(style, ops.constant(shift.matrix), False, True)
            moved = ops.add(moved, ops.constant(shift.bias[None]))
            x = ops.add(x, ops.unsqueeze(moved, ops.constant(np.array([2, 3], np.int64))))
        elif shift is not None:
            x = ops.add(x, _by_channel(shift))
        return ops.relu(x)

    def add(self, x: Any, y: Any) -> Any:
        return ops.add(x, y)

    def join(self, x: Any, y: Any) -> Any:
        return ops.concat([x, y], 1)

    def halve(self, x: Any) -> Any:
        window = [2, 2]
        return ops.max_pool(x, window, [1, 1], [0, 0], [0, 0], window).output(0)

    def double(self, x: Any) -> Any:
        return ops.interpolate(
            x,
            np.array([2.0, 2.0], np.float32),
            "nearest",
            "scales",
            axes=np.array([2, 3], np.int64),
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def unit_style(self, x: Any) -> Any:
        mean = ops.reduce_mean(x, ops.constant(np.array([2, 3], np.int64)), False)
        axis = ops.constant(np.array([1], np.int64))
        length = ops.sqrt(ops.reduce_sum(ops.multiply(mean, mean), axis, True))
        return ops.divide(mean, length)


def _by_channel(values: FloatArray) -> Any:
    return ops.constant(values[None, :, None, None])
