"""The shipped model as the works use it, and why this machine may lack something."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cellwire.networks.inference import Network
    from cellwire.segmentation.parameters import CellposeParameters

MODEL = "nuclei"
FOR_TWO_CHANNELS = "cyto"


@cache
def diameter(model: str = MODEL) -> float:
    """Give a model's own diameter in pixels: images are not resized."""
    from cellwire.networks.registry import find_model

    return float(find_model(model).card.diam_mean)


def radii(model: str = MODEL, share: float = 1.0) -> tuple[int, int]:
    """Give the half axes of drawn cells of about that diameter; the second is not reached."""
    own = share * diameter(model)
    return round(0.41 * own), round(0.7 * own)


def network(device: str = "cpu", precision: str = "fp32", model: str = MODEL) -> Network:
    """Load our network."""
    from cellwire.networks.inference import load_network
    from cellwire.networks.registry import find_model

    loaded = load_network(find_model(model), device, precision=precision)
    loaded.warm_up()
    return loaded


def parameters(early_exit: float = 0.0, model: str = MODEL) -> CellposeParameters:
    """Give our parameters, with which both sides do the same."""
    from cellwire.segmentation.parameters import CellposeParameters

    return CellposeParameters(diameter=diameter(model), tolerance=early_exit)


@cache
def no_bf16() -> str:
    """Say why nothing can be timed in bf16 on the processor."""
    from cellwire.networks.precision import has_fast_bf16

    return "" if has_fast_bf16() else "this processor has neither avx512_bf16 nor amx_bf16"


@cache
def no_gpu() -> str:
    """Say why nothing can be timed on a GPU."""
    import torch

    return "" if torch.cuda.is_available() else "torch finds no CUDA device"
