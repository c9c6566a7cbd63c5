"""Networks in ncnn: its fast 3×3 convolutions (Winograd) multiply less than others."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import ncnn
import numpy as np

from cellwire.networks.cores import MAX_LANES, usable_cores
from cellwire.networks.folding import Convolution, StyleShift, fold
from cellwire.networks.forward import forward
from cellwire.networks.freed_memory import return_freed_memory
from cellwire.networks.ncnn_memory import TileMemories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.networks.backend import BackendName, FloatArray, Precision
    from cellwire.networks.folding import FoldedNetwork
    from cellwire.networks.ncnn_memory import TileMemory
    from cellwire.networks.weight_arrays import NetworkWeights

MAGIC = 7767517
"""First line of ncnn's description of a network."""
PLAIN = np.zeros(1, np.float32)
"""Stands before weights that are neither compressed nor float16."""
MOST_WEIGHTS = 2**17
"""Of a layer that is convolved before doubling: it has four times as many then. Those of the usual
network's layer above would take 14 MiB and save no time."""


class NcnnBackend:
    """See `cellwire.networks.backend.Backend`.

    A 3×3 convolution takes 36 multiplications for 4×4 answers instead of 144 (Lavin and Gray 2016,
    "Fast algorithms for convolutional neural networks"); 6×6 answers at once would be less exact.

    Parameters
    ----------
    weights
        The network.
    precision
        fp32 only.

    Raises
    ------
    RuntimeError
        Another precision, or ncnn cannot build the network.
    """

    name: BackendName = "ncnn"
    group = 1

    def __init__(self, weights: NetworkWeights, precision: Precision) -> None:
        if precision != "fp32":
            raise RuntimeError(f"it computes in fp32 here, not in {precision}")
        self.precision: Precision = precision
        self.lanes = min(usable_cores(), MAX_LANES)
        self._net = _loaded(fold(weights))
        self._memories = TileMemories(weights.architecture)

    def run(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Answer (N, C, H, W) with (N, outputs, H, W) and styles (N, S), all float32."""
        answers = [self._one(tile) for tile in np.ascontiguousarray(tiles, np.float32)]
        return tuple(np.stack(parts) for parts in zip(*answers, strict=True))  # type: ignore[return-value]

    def fit_to_memory(self, channels: int, side: int) -> None:
        """Leave tiles one by one: they take the machine's memory."""

    def release_memory(self) -> None:
        """Let the memory of tiles go; it comes back with the next ones."""
        self._memories.release()
        return_freed_memory()

    def _one(self, tile: FloatArray) -> tuple[FloatArray, FloatArray]:
        memory = self._memories.take()
        try:
            return self._computed(tile, memory)
        finally:
            self._memories.put_back(memory)

    def _computed(self, tile: FloatArray, memory: TileMemory) -> tuple[FloatArray, FloatArray]:
        # All that lies in this memory goes with the names here.
        extractor = self._net.create_extractor()
        extractor.set_blob_allocator(memory.answers)
        extractor.set_workspace_allocator(memory.workspace)
        extractor.input("tiles", ncnn.Mat(tile).clone())
        style, y = (extractor.extract(name)[1] for name in ("style", "flows"))
        return np.array(y), np.array(style)


def _quarters(layer: Convolution) -> Convolution:
    """Give the 3×3 convolution whose channels 4i to 4i + 3 are 2×2 pixels of ``layer``'s i."""
    kernels = layer.before_doubling()
    inputs, outputs = kernels.shape[:2]
    weight = np.zeros((outputs, 2, 2, inputs, 3, 3), np.float32)
    for row, column in itertools.product((0, 1), repeat=2):
        met = kernels[:, :, 3 - row :: -2, 3 - column :: -2].swapaxes(0, 1)
        weight[:, row, column, :, row : row + 2, column : column + 2] = met
    return Convolution(weight.reshape(-1, inputs, 3, 3), np.repeat(layer.bias, 4))


def _loaded(network: FoldedNetwork) -> ncnn.Net:
    graph = _Graph()
    y, style = forward(network, graph.layer("Input", "", answer="tiles"), _GraphOperations(graph))
    graph.layer("Noop", "", y, answer="flows")
    graph.layer("Noop", "", style, answer="style")
    net = ncnn.Net()
    for name in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_packed", "bf16_storage"):
        setattr(net.opt, f"use_{name}", False)
    net.opt.use_winograd63_convolution = False
    net.opt.num_threads = 1
    try:
        with tempfile.TemporaryDirectory() as folder:
            values = Path(folder, "values")
            with values.open("wb") as file:
                file.writelines(graph.values)
            graph.values.clear()
            if net.load_param_mem(graph.description()) or net.load_model(str(values)):
                raise RuntimeError("it does not take the network")
    except OSError as error:
        raise RuntimeError(
            f"it reads weights from a file, for which there is no room: {error}"
        ) from error
    return net


class _Layer(NamedTuple):
    kind: str
    options: str
    sources: tuple[str, ...]
    answer: str

    def line(self, sources: Sequence[str], answers: Sequence[str]) -> str:
        """Write it as ncnn's text has it; a layer is called as its answer is."""
        counts = f"{len(sources)} {len(answers)}"
        parts = [self.kind, self.answer, counts, *sources, *answers, self.options]
        return " ".join(filter(None, parts))


class _Graph:
    """Layers in order, and the values of their weights."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self._layers: list[_Layer] = []

    def layer(self, kind: str, options: str, *sources: str, answer: str = "") -> str:
        """Add a layer; return the name of its answer."""
        answer = answer or f"{kind}{len(self._layers)}"
        self._layers.append(_Layer(kind, options, sources, answer))
        return answer

    def hold(self, *arrays: FloatArray) -> None:
        """Add values of the last layer."""
        self.values += [np.ascontiguousarray(array, "<f4").tobytes() for array in arrays]

    def description(self) -> str:
        """Write the layers; an answer that several take is split, as ncnn demands."""
        uses = Counter(source for layer in self._layers for source in layer.sources)
        free = {name: [f"{name}_{i}" for i in range(n)] for name, n in uses.items() if n > 1}
        splits = {
            name: _Layer("Split", "", (name,), f"Split_{name}").line([name], copies)
            for name, copies in free.items()
        }
        lines: list[str] = []
        for layer in self._layers:
            sources = [free[each].pop() if each in free else each for each in layer.sources]
            lines.append(layer.line(sources, [layer.answer]))
            if layer.answer in splits:
                lines.append(splits[layer.answer])
        blobs = len(self._layers) + sum(n for n in uses.values() if n > 1)
        return "\n".join([str(MAGIC), f"{len(lines)} {blobs}", *lines, ""])


class _GraphOperations:
    """Layers of a graph; see `cellwire.networks.forward.Operations`."""

    def __init__(self, graph: _Graph) -> None:
        self._graph = graph

    def convolve(self, x: str, layer: Convolution) -> str:
        outputs, _, side, _ = layer.weight.shape
        options = f"0={outputs} 1={side} 4={side // 2} 5=1 6={layer.weight.size}"
        return self._held("Convolution", options, x, PLAIN, layer.weight, layer.bias)

    def convolve_doubled(self, x: str, layer: Convolution) -> str:
        if layer.weight.size > MOST_WEIGHTS:
            return self.convolve(self.double(x), layer)
        return self._graph.layer("PixelShuffle", "0=2", self.convolve(x, _quarters(layer)))

    def activate(
        self, x: str, scale: FloatArray | None, shift: FloatArray | StyleShift | None, style: str
    ) -> str:
        if isinstance(shift, StyleShift):
            if scale is not None:
                x = self._held("Scale", f"0={len(scale)}", x, scale)
            x = self.add(x, self._moved(shift, style))
        elif scale is not None and shift is not None:
            x = self._held("Scale", f"0={len(scale)} 1=1", x, scale, shift)
        elif shift is not None:
            x = self._held("Bias", f"0={len(shift)}", x, shift)
        return self._graph.layer("ReLU", "", x)

    def add(self, x: str, y: str) -> str:
        return self._graph.layer("BinaryOp", "0=0", x, y)

    def join(self, x: str, y: str) -> str:
        return self._graph.layer("Concat", "0=0", x, y)

    def halve(self, x: str) -> str:
        return self._graph.layer("Pooling", "0=0 1=2 2=2", x)

    def double(self, x: str) -> str:
        return self._graph.layer("Interp", "0=1 1=2.0 2=2.0", x)

    def unit_style(self, x: str) -> str:
        mean = self._graph.layer("Pooling", "0=1 4=1", x)
        length = self._graph.layer("Reduction", "0=8 1=1", mean)
        return self._graph.layer("BinaryOp", "0=3", mean, length)

    def _moved(self, shift: StyleShift, style: str) -> str:
        assert shift.matrix is not None  # noqa: S101  `fold` makes it a plain shift then
        options = f"0={len(shift.bias)} 1=1 2={shift.matrix.size}"
        moved = self._held("InnerProduct", options, style, PLAIN, shift.matrix, shift.bias)
        return self._graph.layer("Reshape", f"0=1 1=1 2={len(shift.bias)}", moved)

    def _held(self, kind: str, options: str, x: str, *values: FloatArray) -> str:
        answer = self._graph.layer(kind, options, x)
        self._graph.hold(*values)
        return answer
