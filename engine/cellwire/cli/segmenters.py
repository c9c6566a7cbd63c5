"""The two who can segment: an engine inside this process, and one behind an address."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from cellwire.cli.conversion import (
    as_given,
    as_options,
    as_segmentation,
    as_stack,
    outputs_for,
    pixel_size,
)
from cellwire.errors import SizeModelMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cellwire.cli.wishes import Wishes
    from cellwire.images.spec import Calibration
    from cellwire.jobs.job import Diameter, Report, SegmentationJob
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.result import Segmentation
    from cellwire.segmentation.volume.stack import StackSegmentation

GIB = 2**30


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one image.

    Attributes
    ----------
    segmentation
        Labels and, where the files need them, the rest.
    provenance
        What made it.
    calibration
        Size of a pixel.
    cells
        Number of cells.
    image
        (Y, X, C) as it was segmented, of a stack (*axes, C); empty where no file needs it.
    notices
        Things that the person should know.
    ready
        Bytes of files that the engine made already, by kind.
    """

    segmentation: Segmentation | StackSegmentation
    provenance: Provenance
    calibration: Calibration
    cells: int
    image: AnyArray
    notices: tuple[str, ...] = ()
    ready: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def plane(self) -> Segmentation:
        """The segmentation of a plane, where one was asked for."""
        from cellwire.segmentation.result import Segmentation

        assert isinstance(self.segmentation, Segmentation)  # noqa: S101  as the job had it
        return self.segmentation


class Segmenter(Protocol):
    """Whoever segments."""

    max_image_bytes: int

    def __enter__(self) -> Segmenter: ...

    def __exit__(self, *_: object) -> None: ...

    def check(self, wishes: Wishes) -> None:
        """Refuse, before any image is read, what would fail for all of them."""

    def segment(
        self, job: SegmentationJob, wishes: Wishes, kinds: Sequence[str], report: Report
    ) -> Found:
        """Segment one image."""


class InProcess:
    """The engine, inside this process."""

    def __init__(
        self,
        device: str = "auto",
        max_image_bytes: int = 2 * GIB,
        precision: str = "auto",
        memory_bytes: int | None = None,
        scratch: Path | None = None,
    ) -> None:
        from cellwire.jobs.engine import Engine
        from cellwire.jobs.settings import EngineSettings

        self.max_image_bytes = max_image_bytes
        self._device, self._precision = device, precision
        settings = EngineSettings(
            device=device,
            precision=precision,
            threads=1,
            max_image_bytes=max_image_bytes,
            memory_bytes=memory_bytes,
            scratch=Path(tempfile.gettempdir()) if scratch is None else scratch,
        )
        self._engine = Engine(settings)

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *why: object) -> None:
        if KeyboardInterrupt not in why[:1]:  # whoever pressed Ctrl-C does not wait for a batch
            self._engine.close()

    def check(self, wishes: Wishes) -> None:
        """Find the model and the device; check the parameters and the precision."""
        from cellwire.jobs.resolve import complete, defaults_of
        from cellwire.networks.devices import choose_device
        from cellwire.networks.precision import check_precision
        from cellwire.networks.registry import find_model

        entry = find_model(wishes.model)
        if wishes.stack is not None and wishes.stack.orthogonal_model:
            find_model(wishes.stack.orthogonal_model)
        complete(wishes.given, defaults_of(entry))
        choose_device(self._device)
        check_precision(self._precision)
        _check_diameter(wishes.diameter, entry.name, has_size=entry.size is not None)

    def segment(
        self, job: SegmentationJob, wishes: Wishes, kinds: Sequence[str], report: Report
    ) -> Found:
        """Segment one image in the calling thread."""
        needed = outputs_for(kinds, is_stack=job.stack is not None)
        with_flows = bool({"flows", "cellprob"} & set(needed))
        done = self._engine.segment(replace(job, flows=with_flows), report)
        return Found(
            segmentation=done.segmentation,
            provenance=done.provenance,
            calibration=done.calibration,
            cells=done.segmentation.count,
            image=done.image,
            notices=done.notices,
        )


class Remote:
    """An engine behind an address; this process loads no network."""

    def __init__(self, address: str, ca_file: Any = None, token_file: Any = None) -> None:
        from cellwire_client import connect

        self._engine = connect(address, ca_file=ca_file, token_file=token_file)
        self.max_image_bytes = self._engine.info().max_image_bytes or 2 * GIB

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def check(self, wishes: Wishes) -> None:
        """Ask for the model; check the parameters."""
        from cellwire.jobs.resolve import complete
        from cellwire.segmentation.parameters import CellposeParameters

        model = self._engine.model(wishes.model)
        if wishes.stack is not None and wishes.stack.orthogonal_model:
            self._engine.model(wishes.stack.orthogonal_model)
        defaults = complete(as_given(model.defaults), CellposeParameters())
        complete(wishes.given, defaults)
        _check_diameter(wishes.diameter, model.name, has_size=model.has_size_model)

    def segment(
        self, job: SegmentationJob, wishes: Wishes, kinds: Sequence[str], report: Report
    ) -> Found:
        """Send one image, if the engine does not have it, and fetch what the files need."""
        from cellwire.outputs.provenance import Provenance

        stack = job.stack
        result = self._engine.segment(
            job.channels[0].array,
            model=job.model,
            axes=job.axes,
            channels=[channel.channel for channel in job.channels],
            region=job.region,
            mask=job.mask,
            pixel_size=pixel_size(job.calibration),
            outputs=outputs_for(kinds, is_stack=stack is not None),
            title=job.title,
            progress=lambda step: report(*step[:3], step.part, step.parts),
            **as_options(wishes),
        )
        ready = {}
        if "rois" in kinds:
            ready["rois"] = result.roi_zip
        if "table" in kinds:
            ready["table"] = result.table.encode()
        made_by = dict(result.provenance)
        made_by.pop("program", None)
        return Found(
            segmentation=as_segmentation(result)
            if stack is None
            else as_stack(result, stack, job.calibration),
            provenance=Provenance(**made_by),
            calibration=job.calibration,
            cells=result.count,
            image=_image(job) if "overlay" in kinds else np.zeros((0, 0, 1), np.uint8),
            notices=result.notices,
            ready=ready,
        )


def _image(job: SegmentationJob) -> AnyArray:
    from cellwire.jobs.planes import assemble_plane

    if job.stack is None:
        return assemble_plane(job)
    from cellwire.jobs.stack_image import assemble_stack, cut_stack
    from cellwire.segmentation.volume.workspace import Workspace

    cut = cut_stack(job)
    image = assemble_stack(cut, Workspace(), lambda *_: None)
    lengths = [n for axis, n in zip("TZYX", cut.shape, strict=True) if axis in cut.axes]
    return image.reshape(*lengths, image.shape[-1])


def _check_diameter(diameter: Diameter, model: str, *, has_size: bool) -> None:
    if diameter.automatic and not has_size:
        raise SizeModelMissingError(
            f"The model {model} cannot find the diameter by itself: it has no size model.",
            "Give it (--diameter 30 or 10um), or leave --diameter out for the model's own.",
        )
