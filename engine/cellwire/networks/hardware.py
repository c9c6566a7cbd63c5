"""What the devices are: their names and their memory."""

from __future__ import annotations

import platform
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Hardware:
    """A device as it describes itself.

    Attributes
    ----------
    description
        What it calls itself.
    memory_bytes
        Its memory in all; of a device that shares the machine's, what it may take of it.
    """

    description: str
    memory_bytes: int


def describe_device(name: str) -> Hardware:
    """Describe a device by its name in `cellwire.networks.inference.available_devices`."""
    if name != "cpu":
        import torch
    if name.startswith("cuda"):
        found = torch.cuda.get_device_properties(name)
        return Hardware(found.name, found.total_memory)
    processor = platform.processor() or platform.machine()
    if name == "mps":
        return Hardware(f"{processor} graphics", torch.mps.recommended_max_memory())
    return Hardware(processor, psutil.virtual_memory().total)
