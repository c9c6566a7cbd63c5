"""What a starting engine loads and says of its devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire_api.v1 import engine_service_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence


def choose_models(names: Sequence[str] | None) -> Sequence[str]:
    """Give the models to load at the start: those named, else the shipped ones."""
    if names is not None:
        return names
    from cellwire.networks.registry import list_models

    return [entry.name for entry in list_models() if entry.origin == "shipped"][:1]


def describe_devices(chosen: str) -> list[engine_service_pb2.Device]:
    """Describe the devices of this machine, the one in use first."""
    from cellwire.networks.inference import available_devices, choose_device

    used = choose_device(chosen)
    devices = sorted(available_devices(), key=lambda device: device.name != used)
    return [
        engine_service_pb2.Device(
            name=device.name,
            description=device.description,
            memory_bytes=device.memory_bytes,
            backend="torch",
            precision="fp32",
        )
        for device in devices
    ]
