"""The engine: what the server and the in-process command line both segment with."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from cellwire.errors import DeviceOutOfMemoryError
from cellwire.images.checks import check_content, check_size
from cellwire.jobs.cancellation import CancelToken
from cellwire.jobs.device import Device
from cellwire.jobs.job import (
    ChannelInput,
    CompletedSegmentation,
    Diameter,
    SegmentationJob,
)
from cellwire.jobs.memory_share import MemoryShare
from cellwire.jobs.planes import assemble_mask, assemble_plane
from cellwire.jobs.queued_network import QueuedNetwork
from cellwire.jobs.resolve import effective_parameters
from cellwire.jobs.settings import EngineSettings
from cellwire.jobs.stack import StackMode
from cellwire.jobs.work_queue import WorkQueue
from cellwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from cellwire.jobs.device_thread import DeviceThread
    from cellwire.jobs.job import Report
    from cellwire.jobs.models import ResidentModel
    from cellwire.jobs.stack import StackWishes
    from cellwire.networks.inference import Computing, Network
    from cellwire.networks.registry import ModelEntry
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.result import Segmentation
    from cellwire.segmentation.volume.stack import StackSegmentation

T = TypeVar("T")

WARM_UP_SIDE = 448
"""Side in pixels of the image that an engine segments before it takes work."""


class Engine:
    """Holds the models and one device, and segments planes and stacks.

    What an accelerator has no memory for, the processor does.

    Parameters
    ----------
    settings
        What it may use.
    """

    def __init__(self, settings: EngineSettings | None = None) -> None:
        self.settings = settings or EngineSettings()
        self._device = Device(self.settings.device, self.settings)
        self._processor: Device | None = None
        self._lock = threading.Lock()
        self._volumes_warm = False
        self._share = MemoryShare()
        self._queue = WorkQueue(self.settings.threads, self.settings.max_waiting)

    @property
    def active(self) -> int:
        """Number of submitted jobs that wait or run."""
        return self._queue.active

    def warm_up(self, *models: str) -> None:
        """Compile the kernels and load models, so that the first request is as fast as others."""
        from cellwire.segmentation.warm_up import warm_up

        warm_up()
        loaded = [self.model(name) for name in models]
        # Nine tiles: a full batch and one more. What the first of a size costs, all models share.
        y, x = np.mgrid[:WARM_UP_SIDE, :WARM_UP_SIDE] % 64
        image = (np.hypot(y - 32, x - 32) < 15).astype(np.float32)
        for first in loaded[:1]:
            own = Diameter(first.network.diam_mean)
            self.segment(SegmentationJob(models[0], (ChannelInput(image),), diameter=own))

    def model(self, name: str) -> ResidentModel:
        """Load a model, or find it loaded.

        Raises
        ------
        ModelUnknownError, ModelBrokenError
            There is none of that name, or its files are broken.
        """
        return self._device.models.get(self.entry(name))

    def entry(self, name: str) -> ModelEntry:
        """Find a model without loading it; raises as `model` does."""
        from cellwire.networks.registry import find_model

        return find_model(name)

    def holds(self, entry: ModelEntry) -> bool:
        """Whether a model is in memory."""
        return self._device.models.holds(entry)

    def computing(self, entry: ModelEntry) -> Computing:
        """Say what computes a model's network; takes seconds the first time on a machine."""
        from cellwire.networks.inference import computing_of

        return computing_of(entry, self.settings.device, self.settings.precision)

    def segment(
        self,
        job: SegmentationJob,
        report: Report | None = None,
        cancel: CancelToken | None = None,
    ) -> CompletedSegmentation:
        """Segment a plane or a stack in the calling thread; only batches go through the device's.

        Parameters
        ----------
        job
            What is asked.
        report
            Told how far the work is.
        cancel
            Stops the work, within one batch.
        """
        token = cancel or CancelToken()

        def tell(stage: str, done: int, total: int, part: int = 0, parts: int = 0) -> None:
            token.check()
            if report is not None:
                report(stage, done, total, part, parts)

        if job.stack is None:
            return self._segment_plane(job, tell, token)
        return self._segment_stack(job, job.stack, tell, token)

    def _segment_plane(
        self, job: SegmentationJob, tell: Report, token: CancelToken
    ) -> CompletedSegmentation:
        from cellwire.segmentation.pipeline import segment_plane

        image = assemble_plane(job)
        mask = assemble_mask(job, image.shape[:2])
        check_size(image.nbytes, self.settings.max_image_bytes)
        check_content(image)
        tell("loading model", 0, 1)
        model, network = self._network(job, self.entry(job.model), token)
        parameters = effective_parameters(job, model)
        segmentation = segment_plane(
            image, parameters, network, model.size, mask, tell, self.settings
        )
        token.check()
        effective = parameters.to_dict()
        effective["diameter"] = segmentation.diameter
        effective["automatic_diameter"] = parameters.diameter is None
        return self._completed(job, segmentation, image, effective, model, (network,))

    def _segment_stack(
        self, job: SegmentationJob, wishes: StackWishes, tell: Report, token: CancelToken
    ) -> CompletedSegmentation:
        from cellwire.jobs.stack_memory import memory_of
        from cellwire.jobs.stack_segmentation import StackTools, segment_stack

        tell("loading model", 0, 1)
        model, network = self._network(job, self.entry(job.model), token)
        networks: tuple[QueuedNetwork, ...] = (network,)
        orthogonal = None
        if wishes.orthogonal_model:
            _, orthogonal = self._network(job, self.entry(wishes.orthogonal_model), token)
            networks = (network, orthogonal)
        if wishes.mode is not StackMode.PLANES:
            self._warm_up_volumes()
        parameters = effective_parameters(job, model)
        tools = StackTools(
            network,
            orthogonal,
            model.size,
            self.settings,
            memory_of(self.settings),
            self._share,
            tell,
            max(each.network.group for each in networks),
        )
        done = segment_stack(job, wishes, parameters, tools)
        token.check()
        effective = done.parameters.to_dict()
        effective["automatic_diameter"] = parameters.diameter is None
        effective |= done.facts
        return self._completed(job, done.segmentation, done.image, effective, model, networks)

    def _completed(
        self,
        job: SegmentationJob,
        segmentation: Segmentation | StackSegmentation,
        image: AnyArray,
        effective: Mapping[str, Any],
        model: ResidentModel,
        networks: tuple[QueuedNetwork, ...],
    ) -> CompletedSegmentation:
        from cellwire.networks.devices import choose_device

        usual = choose_device(self.settings.device)
        moved = [each.network for each in networks if each.network.device != usual]
        used = moved[0] if moved else networks[0].network
        return CompletedSegmentation(
            segmentation=segmentation,
            image=image,
            calibration=job.calibration,
            provenance=_provenance(model, used, effective),
            notices=(*_notices(job, image), *_moved(used, usual)),
            hyperstack=job.has_channels or None,
            usual=used.device == usual,
        )

    def submit(
        self,
        work: Callable[[], T],
        job: SegmentationJob,
        cancel: CancelToken,
        moved: Callable[[int], None],
    ) -> Future[T]:
        """Queue ``work``, which calls `segment` for ``job``; see `WorkQueue.submit`."""
        return self._queue.submit(work, cancel, moved, caller=job.caller, priority=job.priority)

    def close(self) -> None:
        """Drop what waits, finish the batch that runs, let the models go."""
        self._device.close()
        if self._processor is not None:
            self._processor.close()
        self._queue.close()

    def _warm_up_volumes(self) -> None:
        """Compile the kernels for volumes, when the first one comes."""
        from cellwire.segmentation.volume.warm_up import warm_up

        with self._lock:
            if not self._volumes_warm:
                warm_up()
                self._volumes_warm = True

    def _network(
        self, job: SegmentationJob, entry: ModelEntry, cancel: CancelToken
    ) -> tuple[ResidentModel, QueuedNetwork]:
        """Give a model where there is memory for it, and its network, which may move if need be."""
        from cellwire.networks.devices import choose_device

        def elsewhere() -> tuple[Network, DeviceThread]:
            device = self._beside()
            return device.models.get(entry).network, device.thread

        name, device = choose_device(self.settings.device), self._device
        try:
            model = device.models.get(entry)
        except DeviceOutOfMemoryError:
            if name == "cpu":
                raise
            device = self._beside()
            model = device.models.get(entry)
        movable = name != "cpu" and device is self._device
        network = QueuedNetwork(
            model.network,
            device.thread,
            cancel,
            job.caller,
            job.priority,
            elsewhere if movable else None,
        )
        return model, network

    def _beside(self) -> Device:
        """Give the processor, for what an accelerator has no memory for."""
        with self._lock:
            if self._processor is None:
                self._processor = Device("cpu", self.settings)
            return self._processor


def _moved(used: Network, usual: str) -> tuple[str, ...]:
    if used.device == usual:
        return ()
    return (
        f"The device {usual} had no memory left for this image: its network ran on the "
        f"processor ({used.backend}, {used.precision}), which takes longer.",
    )


def _notices(job: SegmentationJob, image: AnyArray) -> tuple[str, ...]:
    roles = [c.nucleus for c in job.channels]
    found = []
    for index, nucleus in enumerate(sorted(roles)):
        plane = image[..., index]
        if plane.min() == plane.max():
            role = "of nuclei" if nucleus else "to be segmented"
            found.append(f"The channel {role} is constant: every pixel is {plane.flat[0]:g}.")
    return tuple(found)


def _provenance(model: ResidentModel, used: Network, effective: Mapping[str, Any]) -> Provenance:
    from cellwire.outputs.provenance import Provenance

    return Provenance(
        engine_version=__version__,
        model=model.entry.name,
        digest=model.entry.digest,
        parameters=effective,
        backend=used.backend if used.device == "cpu" else f"{used.backend} on {used.device}",
        precision=used.precision,
    )
