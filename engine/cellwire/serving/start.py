"""What a starting engine loads and says of its devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire_api.v1 import engine_service_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.jobs.engine import Engine


def choose_models(names: Sequence[str] | None) -> Sequence[str]:
    """Give the models to load at the start: those named, else the shipped ones."""
    if names is not None:
        return names
    from cellwire.networks.registry import list_models

    return [entry.name for entry in list_models() if entry.origin == "shipped"]


def describe_devices(engine: Engine, models: Sequence[str]) -> list[engine_service_pb2.Device]:
    """Describe the devices of this machine, the one in use first.

    Parameters
    ----------
    engine
        The engine.
    models
        Names of the models whose networks tell what computes.
    """
    from cellwire.networks.backend_choice import choose_backend
    from cellwire.networks.devices import available_devices, choose_device
    from cellwire.networks.hardware import describe_device

    used = choose_device(engine.settings.device)
    computing = [engine.computing(engine.entry(name)) for name in models]
    devices = []
    for name in sorted(available_devices(), key=lambda name: name != used):
        hardware = describe_device(name)
        own = computing if name == used else []
        backends = {each.backend for each in own} or {choose_backend(name, "fp32")}
        precisions = {each.precision for each in own} or {"fp32"}
        devices.append(
            engine_service_pb2.Device(
                name=name,
                description=hardware.description,
                memory_bytes=hardware.memory_bytes,
                backend=", ".join(sorted(backends)),
                precision=", ".join(sorted(precisions)),
            )
        )
    return devices
