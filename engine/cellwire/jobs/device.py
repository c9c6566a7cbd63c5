"""A device of this machine: its threads, and the models that are loaded on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.errors import DeviceOutOfMemoryError
from cellwire.jobs.cancellation import CancelToken
from cellwire.jobs.device_thread import DeviceThread
from cellwire.jobs.models import ResidentModel, ResidentModels
from cellwire.networks.out_of_memory import is_out_of_memory

if TYPE_CHECKING:
    from cellwire.jobs.settings import EngineSettings
    from cellwire.networks.registry import ModelEntry


class Device:
    """Loads models on a device, and owns the threads that compute on it.

    Parameters
    ----------
    name
        See `cellwire.networks.devices.choose_device`.
    settings
        ``precision`` and ``model_bytes`` are used.
    """

    def __init__(self, name: str, settings: EngineSettings) -> None:
        self.thread = DeviceThread()
        self._name = name
        self._precision = settings.precision
        self.models = ResidentModels(self._load, settings.model_bytes)

    def close(self) -> None:
        """Finish the batch that runs, let the models go."""
        self.thread.close()
        self.models.clear()

    def _load(self, entry: ModelEntry) -> ResidentModel:
        try:
            return self.thread.run(lambda: self._loaded(entry), CancelToken())
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        raise DeviceOutOfMemoryError(
            f"The device {self._name} has no memory left for the model {entry.name}.",
            "Wait until other programs on it are done, or choose another device.",
        )

    def _loaded(self, entry: ModelEntry) -> ResidentModel:
        from cellwire.networks.inference import load_network
        from cellwire.networks.size_weights import load_size_weights

        network = load_network(entry, self._name, self._precision)
        network.warm_up()
        self.thread.widen(network.lanes)
        size = load_size_weights(entry.size) if entry.size else None
        nbytes = sum(path.stat().st_size for path in entry.files)
        return ResidentModel(entry, network, size, nbytes)
