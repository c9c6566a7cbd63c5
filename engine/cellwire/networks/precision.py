"""In which numbers a network is computed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cellwire.errors import InvalidParameterError

if TYPE_CHECKING:
    from cellwire.networks.backend import Precision
    from cellwire.networks.card import ModelCard

WISHES = ("auto", "fp32", "bf16")
MAX_AP_DIFFERENCE = 0.002
"""Change of the average precision that bf16 may make for ``auto`` to choose it."""

_FAST = {"avx512_bf16", "amx_bf16"}
_TENSOR_CORES_WITH_BF16 = (8, 0)


def choose_precision(wish: str, device: str, card: ModelCard) -> Precision:
    """Give the precision of a model's network.

    Parameters
    ----------
    wish
        ``fp32``, ``bf16``, or ``auto``: fp32, unless the device has fast bf16 and the card records
        that it keeps the model's average precision.
    device
        Name of the device.
    card
        The model's.

    Raises
    ------
    InvalidParameterError
        If the wish is none of these.
    """
    check_precision(wish)
    if wish != "auto":
        return "bf16" if wish == "bf16" else "fp32"
    change = card.bf16_ap_difference
    kept = change is not None and abs(change) <= MAX_AP_DIFFERENCE
    return "bf16" if kept and has_fast_bf16(device) else "fp32"


def check_precision(wish: str) -> None:
    """Refuse what is no precision.

    Raises
    ------
    InvalidParameterError
        If the wish is neither ``auto`` nor a precision.
    """
    if wish not in WISHES:
        raise InvalidParameterError(
            f"The precision is auto, fp32 or bf16; it is {wish!r}.", "Choose one of these."
        )


@lru_cache
def has_fast_bf16(device: str = "cpu") -> bool:
    """Whether a device multiplies bf16 by itself; on CUDA from compute capability 8.0 (Ampere)."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.get_device_capability(device) >= _TENSOR_CORES_WITH_BF16
    if device != "cpu":
        return False
    flags = processor_flags()
    if flags:
        return bool(_FAST & flags)
    try:
        import openvino
    except ImportError:
        return False
    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def processor_flags() -> frozenset[str]:
    """Give what Linux says that the processor can do; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    found = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return frozenset(found.partition(":")[2].split())
