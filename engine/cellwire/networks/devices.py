"""The devices of this machine, by torch's names; torch is only asked where there may be several."""

from __future__ import annotations

import sys
from pathlib import Path

from cellwire.errors import DeviceUnknownError

_DRIVERS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg", "/proc/driver/nvidia")
"""What NVIDIA's, AMD's and WSL's drivers leave on Linux, in containers too."""


def available_devices() -> list[str]:
    """Give the names of this machine's devices, the fastest first."""
    if sys.platform == "linux" and not any(Path(each).exists() for each in _DRIVERS):
        return ["cpu"]  # importing torch takes longer than a small image
    import torch

    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def choose_device(name: str) -> str:
    """Give the device for a name: ``auto`` = the fastest, ``cuda`` = the first of its kind.

    Raises
    ------
    DeviceUnknownError
        If this machine has no such device.
    """
    if name == "cpu":
        return name
    devices = available_devices()
    if name == "auto":
        return devices[0]
    for device in devices:
        if name in (device, device.split(":")[0]):
            return device
    raise DeviceUnknownError(
        f"This machine has no device {name!r}; it has {', '.join(devices)}.",
        "Choose one of these, or auto.",
    )
