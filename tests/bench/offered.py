"""What this Cellwire and this machine offer, as far as works depend on it."""

from __future__ import annotations

import inspect
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellwire.networks.inference import Network
    from cellwire.segmentation.parameters import CellposeParameters

MODEL = "nuclei"
DIAMETER = 17.0
"""Pixels, the model's own: images are not resized."""
EARLY_EXIT = "tolerance"
"""Parameter of a segmentation: pixels move on while a step is longer."""


def network(device: str = "cpu", precision: str = "fp32") -> Network:
    """Load our network."""
    from cellwire.networks.inference import load_network
    from cellwire.networks.registry import find_model

    options: dict[str, Any] = {"precision": precision} if takes_precision() else {}
    loaded = load_network(find_model(MODEL), device, **options)
    loaded.warm_up()
    return loaded


def parameters(early_exit: float = 0.0) -> CellposeParameters:
    """Give our parameters, with which both sides do the same."""
    from cellwire.segmentation.parameters import CellposeParameters

    options: dict[str, Any] = {EARLY_EXIT: early_exit} if early_exit else {}
    return CellposeParameters(diameter=DIAMETER, **options)


@cache
def takes_precision() -> bool:
    """Whether `load_network` can be told the precision."""
    from cellwire.networks.inference import load_network

    return "precision" in inspect.signature(load_network).parameters


def no_bf16() -> str:
    """Say why nothing can be timed in bf16 on the processor."""
    flags = Path("/proc/cpuinfo")
    if not flags.exists() or not {"avx512_bf16", "amx_bf16"} & set(flags.read_text().split()):
        return "this processor has neither avx512_bf16 nor amx_bf16"
    return "" if takes_precision() else "load_network takes no precision"


def no_early_exit() -> str:
    """Say why the dynamics cannot end early."""
    from cellwire.segmentation.parameters import CellposeParameters

    if EARLY_EXIT in {each.name for each in fields(CellposeParameters)}:
        return ""
    return f"CellposeParameters has no {EARLY_EXIT}"


@cache
def no_gpu() -> str:
    """Say why nothing can be timed on a GPU."""
    import torch

    return "" if torch.cuda.is_available() else "torch finds no CUDA device"
