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

    return [entry.name for entry in list_models() if entry.origin == "shipped"]


def describe_devices(chosen: str) -> list[engine_service_pb2.Device]:
    """Describe the devices of this machine, the one in use first."""
    from cellwire.networks.hardware import describe_device
    from cellwire.networks.inference import Network, available_devices, choose_device

    used = choose_device(chosen)
    devices = []
    for name in sorted(available_devices(), key=lambda name: name != used):
        hardware = describe_device(name)
        devices.append(
            engine_service_pb2.Device(
                name=name,
                description=hardware.description,
                memory_bytes=hardware.memory_bytes,
                backend=Network.backend,
                precision=Network.precision,
            )
        )
    return devices
