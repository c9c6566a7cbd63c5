"""Running networks: loaded, on a device, ready for batches of tiles."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cellwire.networks.backend_choice import choose_backend, make_backend
from cellwire.networks.devices import available_devices, choose_device
from cellwire.networks.digest import digest_of
from cellwire.networks.freed_memory import return_freed_memory
from cellwire.networks.hardware import describe_device
from cellwire.networks.precision import choose_precision
from cellwire.networks.weight_arrays import NetworkWeights, check_alike, read_ensemble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.networks.backend import BackendName, FloatArray, Precision
    from cellwire.networks.device_plane import DevicePlane
    from cellwire.networks.plane_layout import PlaneLayout
    from cellwire.networks.registry import ModelEntry
    from cellwire.networks.unet import CellposeNet

__all__ = ["Computing", "Network", "available_devices", "choose_device", "load_network"]

LOG = logging.getLogger(__name__)

WARM_UP_SIDE = 224
PLANE_SHARE = 1 / 8
"""Of an accelerator's memory that one plane may take, so that those of several requests fit beside
each other; of larger ones only tiles go there. By all memory, not what is free: always alike."""
OUTPUTS = 3
"""dY, dX and the logit of being in a cell; some of Cellpose's networks have more."""


@dataclass(frozen=True, slots=True)
class Computing:
    """What computes a model's network: everything beside the weights that decides its answer."""

    device: str
    backend: BackendName
    precision: Precision

    def __str__(self) -> str:
        return f"{self.device} {self.backend} {self.precision}"


class Network:
    """One network or an ensemble, on a device.

    A tile's answer does not depend on the other tiles of its batch, nor on how many there are.

    Parameters
    ----------
    networks
        The networks whose answers are averaged, as in the paper.
    device
        Name of a device, see `choose_device`.
    digest
        SHA-256 of the weights.
    backend, precision
        What computes, and in which numbers.

    Attributes
    ----------
    digest, device, backend, precision
        As given.
    lanes, group
        See `cellwire.networks.backend.Backend`.
    diam_mean
        Diameter in pixels to which cells are resized.
    diam_labels
        Diameter in pixels of the cells that the network was trained on.
    channels_in
        Channels of a tile.
    keeps_planes
        Whether whole planes stay on the device: it is an accelerator.
    """

    def __init__(
        self,
        networks: Sequence[NetworkWeights | CellposeNet],
        device: str = "auto",
        digest: str = "",
        backend: BackendName = "torch",
        precision: Precision = "fp32",
    ) -> None:
        weights = [_weights_of(each) for each in networks]
        check_alike(weights)
        first = weights[0]
        self.digest = digest
        self.device = choose_device(device)
        self.channels_in = first.architecture.channels_in
        self.style_size = first.architecture.style_size
        self.diam_mean = first.diam_mean
        self.diam_labels = first.diam_labels
        self._backends = [make_backend(backend, each, precision, self.device) for each in weights]
        self.backend: BackendName = backend
        self.precision: Precision = precision
        self.lanes = self._backends[0].lanes
        self.group = self._backends[0].group
        self.keeps_planes = self.device != "cpu"
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def run(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Answer a batch of tiles.

        Parameters
        ----------
        tiles
            (N, channels_in, H, W) float32, H and W multiples of 8.

        Returns
        -------
        y, style
            (N, 3, H, W): dY, dX and the logit of being in a cell; and (N, 256); float32.
        """
        groups = [tiles[at : at + self.group] for at in range(0, len(tiles), self.group)]
        if len(groups) == 1:
            return self._answer(tiles)
        if self.lanes == 1:
            answers = [self._answer(group) for group in groups]
        else:
            answers = list(self._threads().map(self._answer, groups))
        return np.concatenate([y for y, _ in answers]), np.concatenate([s for _, s in answers])

    __call__ = run

    def plane_pass(self, image: FloatArray, layout: PlaneLayout) -> DevicePlane | None:
        """Take a whole plane (Y, X, C), normalised, to the device.

        ``None`` where the device's memory is too small for it: then tiles are cut from it here.
        """
        room = PLANE_SHARE * describe_device(self.device).memory_bytes
        if layout.nbytes(self.channels_in) > room:
            return None
        from cellwire.networks.device_plane import DevicePlane
        from cellwire.networks.torch_backend import TorchBackend

        own = [each for each in self._backends if isinstance(each, TorchBackend)]
        return DevicePlane(own, self.device, image, layout, self.style_size, self.group)

    def release_memory(self) -> None:
        """Give back what the device's memory holds beside the weights."""
        for backend in self._backends:
            backend.release_memory()

    def warm_up(self) -> None:
        """Run one tile, so that the first request finds everything allocated and chosen.

        An accelerator's memory then tells how many tiles it is given at once.
        """
        for backend in self._backends:
            backend.fit_to_memory(self.channels_in, WARM_UP_SIDE)
        self.group = min(backend.group for backend in self._backends)
        self.run(np.zeros((1, self.channels_in, WARM_UP_SIDE, WARM_UP_SIDE), np.float32))

    def _answer(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        y, style = self._backends[0].run(tiles)
        for backend in self._backends[1:]:
            more_y, more_style = backend.run(tiles)
            y += more_y
            style += more_style
        if len(self._backends) > 1:
            y /= len(self._backends)
            style /= len(self._backends)
        return np.ascontiguousarray(y[:, :OUTPUTS]), style

    def _threads(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self.lanes, "cellwire-lane")
            return self._pool


def computing_of(entry: ModelEntry, device: str = "auto", precision: str = "auto") -> Computing:
    """Say what computes a model's network, without loading it.

    Raises
    ------
    DeviceUnknownError
        If this machine has no such device.
    InvalidParameterError
        If there is no such precision.
    """
    chosen = choose_device(device)
    numbers = choose_precision(precision, chosen, entry.card)
    return Computing(chosen, choose_backend(chosen, numbers), numbers)


def load_network(entry: ModelEntry, device: str = "auto", precision: str = "auto") -> Network:
    """Load a model's network into the library that is the fastest here.

    Parameters
    ----------
    entry
        The model.
    device
        See `choose_device`.
    precision
        See `cellwire.networks.precision.choose_precision`.

    Raises
    ------
    ModelBrokenError
        If a file of it is missing or damaged.
    DeviceUnknownError
        If this machine has no such device.
    InvalidParameterError
        If there is no such precision.
    """
    network = _loaded(entry, computing_of(entry, device, precision))
    return_freed_memory()
    return network


def _loaded(entry: ModelEntry, own: Computing) -> Network:
    weights = read_ensemble(entry.files)
    digest = digest_of(entry.files)
    if own.backend != "torch":
        try:
            return Network(weights, own.device, digest, own.backend, own.precision)
        except (ImportError, RuntimeError) as error:
            LOG.warning("%s cannot run the model %s: %s", own.backend, entry.name, error)
    return Network(weights, own.device, digest, "torch", own.precision)


def _weights_of(network: NetworkWeights | CellposeNet) -> NetworkWeights:
    if isinstance(network, NetworkWeights):
        return network
    from cellwire.networks.weights import arrays_of

    return arrays_of(network)
