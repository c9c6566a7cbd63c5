"""What a training starts from: a fresh network, or the weights of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from cellwire.errors import InvalidParameterError, ModelBrokenError
from cellwire.networks.registry import find_model
from cellwire.networks.unet import CellposeNet
from cellwire.networks.weights import load_network_file

if TYPE_CHECKING:
    from cellwire.networks.architecture import Architecture

SCRATCH = "scratch"


def starting_network(
    source: str,
    diam_mean: float | None = None,
    seed: int = 0,
    architecture: Architecture | None = None,
) -> CellposeNet:
    """Give a network to train.

    Parameters
    ----------
    source
        ``"scratch"``, the name of a model, or a safetensors file.
    diam_mean
        Diameter in pixels to which cells are resized; ``None`` = 30, or the model's own.
    seed
        Number that fresh weights follow from.
    architecture
        Network to build from scratch; a model has its own.

    Raises
    ------
    ModelUnknownError, ModelBrokenError
        If there is no such model, or it has several networks.
    InvalidParameterError
        If an architecture is asked of a model that has another.
    """
    if source == SCRATCH:
        torch.manual_seed(seed)
        return CellposeNet(architecture, diam_mean or 30.0)
    network = load_network_file(_weights_of(source))
    if architecture is not None and architecture != network.architecture:
        raise InvalidParameterError(
            f"The network of {source} is built otherwise: {network.architecture}.",
            "Train other architectures from scratch, or leave the options out.",
        )
    if diam_mean is not None:
        network.diam_mean.data.fill_(diam_mean)
    return network


def _weights_of(source: str) -> Path:
    if source.endswith(".safetensors"):
        return Path(source)
    files = find_model(source).files
    if len(files) > 1:
        raise ModelBrokenError(
            f"The model {source} is an ensemble of {len(files)} networks; training starts from "
            "one.",
            "Give one of its .safetensors files.",
        )
    return files[0]
