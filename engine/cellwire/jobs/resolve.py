"""What a job means for a certain model: diameter in pixels, limits, key of its result."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from cellwire.errors import ImageTooLargeError, InvalidParameterError, SizeModelMissingError
from cellwire.segmentation.work import work_of
from cellwire.version import ALGORITHM_REVISION

if TYPE_CHECKING:
    from cellwire.jobs.job import SegmentationJob
    from cellwire.jobs.models import ResidentModel
    from cellwire.jobs.settings import EngineSettings
    from cellwire.segmentation.parameters import CellposeParameters


def effective_parameters(job: SegmentationJob, model: ResidentModel) -> CellposeParameters:
    """Put the diameter in pixels into the parameters, ``None`` if the size model is to find it.

    Raises
    ------
    InvalidParameterError
        Micrometres without a calibration, or a diameter out of range.
    SizeModelMissingError
        Automatic, and the model cannot.
    """
    pixels = job.diameter.pixels
    if job.diameter.micrometres is not None:
        pixel = job.calibration.pixel
        if pixel is None:
            raise InvalidParameterError(
                f"A diameter of {job.diameter.micrometres:g} µm was asked for, but the image does "
                "not say how large a pixel is.",
                "Set the image's calibration, or give the diameter in pixels.",
            )
        if not pixel > 0:
            raise InvalidParameterError(
                f"The calibration says that a pixel is {pixel:g} µm wide.",
                "Correct the image's calibration, or give the diameter in pixels.",
            )
        pixels = job.diameter.micrometres / pixel
    if pixels is None and model.size is None:
        if job.diameter.automatic:
            raise SizeModelMissingError(
                f"The model {model.entry.name} cannot find the diameter by itself.",
                "Give the diameter of the cells in pixels or micrometres.",
            )
        pixels = float(getattr(model.network, "diam_labels", model.network.diam_mean))
    return _plain(replace(job.parameters, diameter=pixels))


def _plain(parameters: CellposeParameters) -> CellposeParameters:
    """Make every number the type of its field: 0 and 0.0 are written differently in provenance."""
    kinds: dict[str, type] = {
        "flow_threshold": float,
        "cellprob_threshold": float,
        "min_size": int,
        "max_size_fraction": float,
        "tile_overlap": float,
        "batch_size": int,
    }
    values = {name: kind(getattr(parameters, name)) for name, kind in kinds.items()}
    if parameters.diameter is not None:
        values["diameter"] = float(parameters.diameter)
    own = parameters.normalisation
    low, high = own.percentiles
    percentiles, fixed = (float(low), float(high)), own.fixed_range
    if fixed is not None:
        fixed = (float(fixed[0]), float(fixed[1]))
    values["normalisation"] = replace(own, percentiles=percentiles, fixed_range=fixed)
    return replace(parameters, **values)


def check_work(
    shape: tuple[int, int],
    parameters: CellposeParameters,
    diam_mean: float,
    settings: EngineSettings,
) -> None:
    """Refuse work above the engine's limits, before anything is allocated for it.

    Raises
    ------
    ImageTooLargeError
        Too many tiles, or too many pixels after resizing.
    """
    work = work_of(shape, parameters, diam_mean)
    y, x = work.scaled_shape
    size = f"{shape[0]} x {shape[1]} pixels at this diameter become {y} x {x}"
    step = "Give a larger diameter, or segment a region of the image."
    if y * x > settings.max_resized_pixels:
        raise ImageTooLargeError(
            f"{size}: {y * x} in all; the limit is {settings.max_resized_pixels}.", step
        )
    if work.tiles > settings.max_tiles:
        raise ImageTooLargeError(
            f"{size}, {work.tiles} tiles; the limit is {settings.max_tiles}.", step
        )


def result_key(job: SegmentationJob, digest: str, backend: str) -> str:
    """Give a key that is the same for requests with the same labels, of the same caller.

    Parameters
    ----------
    job
        What is asked; its ``content`` names stand for the pixels.
    digest
        Digest of the model.
    backend
        Device, library and precision that run the network.
    """
    parts = {
        "revision": ALGORITHM_REVISION,
        "caller": job.caller,
        "digest": digest,
        "backend": backend,
        "channels": [(c.content, c.channel, c.nucleus) for c in job.channels],
        "axes": job.axes,
        "calibration": asdict(job.calibration),
        "region": sorted(job.region.items()),
        "mask": job.mask_content,
        "parameters": job.parameters.to_dict(),
        "diameter": asdict(job.diameter),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
