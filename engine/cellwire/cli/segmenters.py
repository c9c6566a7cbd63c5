"""The two who can segment: an engine inside this process, and one behind an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from cellwire.errors import SizeModelMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cellwire.cli.wishes import Wishes
    from cellwire.images.spec import Calibration
    from cellwire.jobs.job import Diameter, Report, SegmentationJob
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.result import Segmentation

GIB = 2**30

_FOR_KIND = {
    "labels": ("labels",),
    "rois": ("rois",),
    "flows": ("flows",),
    "cellprob": ("cellprob",),
    "style": ("style",),
    "unedited": ("unedited_labels",),
    "table": ("table",),
    "overlay": ("labels", "flows", "cellprob"),
    "seg": ("labels", "flows", "cellprob"),
}
"""What an engine must send for each kind of file."""

_NORMALISATION = {
    "enabled": "normalise",
    "percentiles": "percentiles",
    "fixed_range": "intensity_range",
    "tile_blocksize": "tile_blocksize",
    "invert": "invert",
}
"""What the client calls the parameters of the normalisation."""


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
    notices
        Things that the person should know.
    ready
        Bytes of files that the engine made already, by kind.
    """

    segmentation: Segmentation
    provenance: Provenance
    calibration: Calibration
    cells: int
    notices: tuple[str, ...] = ()
    ready: Mapping[str, bytes] = field(default_factory=dict)


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
        self, device: str = "auto", max_image_bytes: int = 2 * GIB, precision: str = "auto"
    ) -> None:
        from cellwire.jobs.engine import Engine
        from cellwire.jobs.settings import EngineSettings

        self.max_image_bytes = max_image_bytes
        self._device, self._precision = device, precision
        settings = EngineSettings(
            device=device, precision=precision, threads=1, max_image_bytes=max_image_bytes
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
        complete(wishes.given, defaults_of(entry))
        choose_device(self._device)
        check_precision(self._precision)
        _check_diameter(wishes.diameter, entry.name, has_size=entry.size is not None)

    def segment(
        self, job: SegmentationJob, wishes: Wishes, kinds: Sequence[str], report: Report
    ) -> Found:
        """Segment one image in the calling thread."""
        done = self._engine.segment(job, report)
        return Found(
            segmentation=done.segmentation,
            provenance=done.provenance,
            calibration=done.calibration,
            cells=done.segmentation.count,
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
        defaults = complete(_as_given(model.defaults), CellposeParameters())
        complete(wishes.given, defaults)
        _check_diameter(wishes.diameter, model.name, has_size=model.has_size_model)

    def segment(
        self, job: SegmentationJob, wishes: Wishes, kinds: Sequence[str], report: Report
    ) -> Found:
        """Send one image, if the engine does not have it, and fetch what the files need."""
        from cellwire.outputs.provenance import Provenance

        outputs = dict.fromkeys(("labels", *(o for kind in kinds for o in _FOR_KIND[kind])))
        result = self._engine.segment(
            job.channels[0].array,
            model=job.model,
            axes=job.axes,
            channels=[channel.channel for channel in job.channels],
            region=job.region,
            mask=job.mask,
            pixel_size=_pixel_size(job.calibration),
            outputs=list(outputs),
            title=job.title,
            progress=lambda step: report(step.stage, step.done, step.total),
            **_as_options(wishes),
        )
        ready = {}
        if "rois" in kinds:
            ready["rois"] = result.roi_zip
        if "table" in kinds:
            ready["table"] = result.table.encode()
        made_by = dict(result.provenance)
        made_by.pop("program", None)
        return Found(
            segmentation=_as_segmentation(result),
            provenance=Provenance(**made_by),
            calibration=job.calibration,
            cells=result.count,
            notices=result.notices,
            ready=ready,
        )


def _check_diameter(diameter: Diameter, model: str, *, has_size: bool) -> None:
    if diameter.automatic and not has_size:
        raise SizeModelMissingError(
            f"The model {model} cannot find the diameter by itself: it has no size model.",
            "Give it (--diameter 30 or 10um), or leave --diameter out for the model's own.",
        )


def _pixel_size(calibration: Calibration) -> tuple[float, float] | None:
    if calibration.y is None or calibration.x is None:
        return None
    return calibration.y, calibration.x


def _as_options(wishes: Wishes) -> dict[str, Any]:
    """Name the parameters as the client does; what was not given stays unset."""
    options = dict(wishes.given)
    normalisation = options.pop("normalisation", {})
    options |= {_NORMALISATION[name]: value for name, value in normalisation.items()}
    diameter = wishes.diameter
    if diameter.automatic:
        options["diameter"] = "auto"
    elif diameter.micrometres is not None:
        options["diameter"] = f"{diameter.micrometres!r}um"
    elif diameter.pixels is not None:
        options["diameter"] = diameter.pixels
    return options


def _as_given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the client's names of parameters into the engine's; the diameter is left out."""
    given = {name: value for name, value in options.items() if name != "diameter"}
    own = {ours: given.pop(name) for ours, name in _NORMALISATION.items() if name in given}
    return {**given, "normalisation": own}


def _as_segmentation(result: Any) -> Segmentation:
    import numpy as np

    from cellwire.segmentation.result import Removal, Segmentation

    none = np.zeros((0, 0), np.float32)
    outputs = result.outputs
    return Segmentation(
        labels=np.asarray(result.labels, np.uint32),
        unedited_labels=np.asarray(outputs.get("unedited_labels", result.labels), np.uint32),
        removed={label: Removal(why) for label, why in result.removed.items()},
        flows=outputs.get("flows", none),
        cellprob=outputs.get("cellprob", none),
        style=outputs.get("style", np.zeros(0, np.float32)),
        diameter=result.diameter,
        median_diameter=result.median_diameter,
        seconds=dict(result.seconds),
    )
