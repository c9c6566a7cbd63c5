"""Weights on disk: safetensors, never anything that can run code.

Convolutions and linear layers may be stored in half precision; everything is computed in float32.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from safetensors.torch import save_file

from cellwire.errors import ModelBrokenError
from cellwire.networks.architecture import Architecture
from cellwire.networks.unet import CellposeNet
from cellwire.networks.weight_arrays import FORMAT, NetworkWeights, checked_weights, opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor


def save_network(path: Path, network: CellposeNet, half: bool = False) -> None:
    """Write a network to a safetensors file, whole or not at all.

    Parameters
    ----------
    path
        File to write.
    network
        The network.
    half
        Store weights of two and more axes as float16; biases, batch-norm statistics and diameters
        stay float32.
    """
    tensors = {
        name: (value.half() if half and value.ndim > 1 else value).cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    header = {"format": FORMAT, "architecture": json.dumps(network.architecture.to_dict())}
    unfinished = path.with_name(f".{path.name}.unfinished")
    save_file(tensors, unfinished, metadata=header)
    os.replace(unfinished, path)


def load_network_file(path: Path) -> CellposeNet:
    """Read a network that `save_network` wrote, for inference, in float32 on the CPU.

    Raises
    ------
    ModelBrokenError
        If the file is none of ours or is damaged.
    """
    with opened(path, "pt") as (architecture, tensors):
        network = CellposeNet(architecture)
        fill(network, tensors)
    return network.eval()


def fill(network: CellposeNet, tensors: Mapping[str, Tensor]) -> None:
    """Copy tensors into a network; raises as `checked_weights` does."""
    arrays = {name: value.detach().float().numpy() for name, value in tensors.items()}
    checked_weights(network.architecture, arrays)
    for name, value in network.state_dict().items():
        if name in tensors and tensors[name].shape == value.shape:
            value.copy_(tensors[name])


def arrays_of(network: CellposeNet) -> NetworkWeights:
    """Give the weights of a network as they are now, as arrays of their own."""
    state = network.state_dict()
    arrays = {name: value.detach().float().cpu().numpy().copy() for name, value in state.items()}
    return checked_weights(network.architecture, arrays)


def infer_architecture(tensors: Mapping[str, Tensor], file_name: str = "") -> Architecture:
    """Tell which network a state dictionary of Cellpose belongs to.

    Parameters
    ----------
    tensors
        Name to tensor.
    file_name
        Cellpose 2 writes into the name what the tensors do not tell: ``style_off``.

    Raises
    ------
    ModelBrokenError
        If it is no network of Cellpose 1 to 3.
    """
    if any(name.split(".")[0] in ("W2", "encoder") for name in tensors):
        raise ModelBrokenError(
            "This is a Cellpose 4 (Cellpose-SAM) model, which Cellwire does not run yet.",
            "Give a model of Cellpose 1, 2 or 3, such as cyto3.",
        )
    residual = "downsample.down.res_down_0.conv.conv_0.2.weight" in tensors
    down, up = ("res_down", "res_up") if residual else ("conv_down", "conv_up")
    firsts: list[Tensor] = []
    while (name := f"downsample.down.{down}_{len(firsts)}.conv.conv_0.2.weight") in tensors:
        firsts.append(tensors[name])
    full = tensors.get(f"upsample.up.{up}_0.conv.conv_1.full.weight")
    output = tensors.get("output.2.weight")
    if not firsts or full is None or output is None or any(each.ndim != 4 for each in firsts):
        raise ModelBrokenError(
            f"Its {len(tensors)} tensors are not those of a Cellpose network.",
            "Give a file of Cellpose 1 to 3, as Cellpose saves it.",
        )
    if output.shape[0] < 3:
        raise ModelBrokenError(
            f"The network gives {output.shape[0]} outputs; flows and cell probability are 3.",
            "Give a segmentation model, not one for restoration.",
        )
    return Architecture(
        channels_in=int(firsts[0].shape[1]),
        base=tuple(int(each.shape[0]) for each in firsts),
        outputs=int(output.shape[0]),
        residual=residual,
        style="style_off" not in file_name,
        concatenate=int(full.shape[0]) == 2 * int(firsts[0].shape[0]),
    )
