"""The weights of a network as named arrays, without the module that trains it.

What only runs a network needs no more than this; torch is not imported.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open

from cellwire.errors import CellwireError, ModelBrokenError
from cellwire.networks.architecture import Architecture

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float32]

FORMAT = "cellwire-network-1"
DIAMETERS = ("diam_mean", "diam_labels")
"""Tensors that the oldest Cellpose files lack."""
DEFAULT_DIAMETER = 30.0


@dataclass(frozen=True, eq=False, slots=True)
class NetworkWeights:
    """A network: what it is made of, and its tensors by the names of Cellpose's own.

    Attributes
    ----------
    architecture
        Which network it is.
    tensors
        Name to float32 array; see `tensor_shapes`.
    """

    architecture: Architecture
    tensors: Mapping[str, FloatArray]

    @property
    def diam_mean(self) -> float:
        """Diameter in pixels to which cells are resized."""
        return float(self.tensors["diam_mean"][0])

    @property
    def diam_labels(self) -> float:
        """Diameter in pixels of the cells that the network was trained on."""
        return float(self.tensors["diam_labels"][0])


@contextmanager
def opened(path: Path, framework: str) -> Iterator[tuple[Architecture, dict[str, Any]]]:
    """Give the architecture in a file of `cellwire.networks.weights.save_network`, and its tensors.

    Parameters
    ----------
    path
        The file.
    framework
        Whose tensors: ``numpy`` or ``pt``.

    Raises
    ------
    ModelBrokenError
        If the file is none of ours or is damaged, or what is done with it says so.
    """
    try:
        with safe_open(path, framework=framework) as stream:
            header = stream.metadata() or {}
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
        if header.get("format") != FORMAT:
            raise ValueError("it has no description of a network")
        yield Architecture.from_dict(json.loads(header["architecture"])), tensors
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, CellwireError) as error:
        raise ModelBrokenError(
            f"The weights file {path.name} cannot be used: {error}",
            "Add the model again with `cellwire models add`.",
        ) from error


def read_weights(path: Path) -> NetworkWeights:
    """Read what `cellwire.networks.weights.save_network` wrote, in float32; raises as `opened`."""
    with opened(path, "numpy") as (architecture, tensors):
        return checked_weights(architecture, tensors)


def read_ensemble(paths: Sequence[Path]) -> list[NetworkWeights]:
    """Read the networks of a model, whose answers are averaged.

    Raises
    ------
    ModelBrokenError
        If a file is none of ours or is damaged, or the networks are not built alike.
    """
    networks = [read_weights(path) for path in paths]
    check_alike(networks)
    return networks


def check_alike(networks: Sequence[NetworkWeights]) -> None:
    """Refuse an ensemble of different networks.

    Raises
    ------
    ModelBrokenError
        If they are not built alike.
    """
    if any(each.architecture != networks[0].architecture for each in networks):
        raise ModelBrokenError(
            "The networks of an ensemble must be built alike; these are not.",
            "Add them as models of their own.",
        )


def checked_weights(architecture: Architecture, tensors: Mapping[str, Any]) -> NetworkWeights:
    """Take the tensors of a network out of those given, in float32.

    Additional ones are ignored, as in the peer.

    Raises
    ------
    ModelBrokenError
        If tensors are missing, have another shape or hold what is no number.
    """
    shapes = dict(tensor_shapes(architecture))
    missing = [name for name in shapes if name not in tensors and name not in DIAMETERS]
    if missing:
        raise ModelBrokenError(
            f"{len(missing)} of the {len(shapes) - len(DIAMETERS)} tensors of a Cellpose network "
            f"are missing, {missing[0]} first.",
            "Give a file of Cellpose 1 to 3.",
        )
    kept = {name: np.full(1, DEFAULT_DIAMETER, np.float32) for name in DIAMETERS}
    for name, shape in shapes.items():
        if name not in tensors:
            continue
        given = np.asarray(tensors[name], np.float32)
        if given.shape != shape:
            raise ModelBrokenError(
                f"The tensor {name} has the shape {given.shape}, not {shape}.",
                "Give a file of Cellpose 1 to 3.",
            )
        if not np.isfinite(given).all():
            raise ModelBrokenError(
                f"The tensor {name} holds values that are no numbers.",
                "The training that made the file failed; use an earlier one.",
            )
        kept[name] = given
    return NetworkWeights(architecture, kept)


def tensor_shapes(architecture: Architecture) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Give name and shape of every tensor that decides what a network answers."""
    own = architecture
    down, up = ("res_down", "res_up") if own.residual else ("conv_down", "conv_up")
    convolutions = 4 if own.residual else 2
    widths = (own.channels_in, *own.base)
    for level, width in enumerate(own.base):
        block = f"downsample.down.{down}_{level}"
        for index in range(convolutions):
            inputs = width if index else widths[level]
            yield from _activated(f"{block}.conv.conv_{index}", inputs, width, 3)
        if own.residual:
            yield from _norm(f"{block}.proj.0", widths[level])
            yield from _affine(f"{block}.proj.1", (width, widths[level], 1, 1))
    for level, width in enumerate(own.base):
        block = f"upsample.up.{up}_{level}"
        below = own.base[min(level + 1, len(own.base) - 1)]
        yield from _activated(f"{block}.conv.conv_0", below, width, 3)
        for index in range(1, convolutions):
            inputs = 2 * width if own.concatenate and index == 1 else width
            yield from _activated(f"{block}.conv.conv_{index}.conv", inputs, width, 3)
            yield from _affine(f"{block}.conv.conv_{index}.full", (inputs, own.style_size))
        if own.residual:
            yield from _norm(f"{block}.proj.0", below)
            yield from _affine(f"{block}.proj.1", (width, below, 1, 1))
    yield from _activated("output", own.base[0], own.outputs, 1)
    for name in DIAMETERS:
        yield name, (1,)


def _activated(
    name: str, inputs: int, outputs: int, kernel: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from _norm(f"{name}.0", inputs)
    yield from _affine(f"{name}.2", (outputs, inputs, kernel, kernel))


def _norm(name: str, width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{name}.{part}", (width,)


def _affine(name: str, shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]
