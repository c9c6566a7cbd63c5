"""What a job means for a certain model: its parameters and the key of its result."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from cellwire.errors import InvalidParameterError, ModelBrokenError, SizeModelMissingError
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.version import ALGORITHM_REVISION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cellwire.jobs.job import SegmentationJob
    from cellwire.jobs.models import ResidentModel
    from cellwire.networks.registry import ModelEntry

_NONE = ("max_size", "niter", "compat")
"""Parameters of which 0 or an empty text means none."""


def complete(given: Mapping[str, Any], defaults: CellposeParameters) -> CellposeParameters:
    """Put what was given over a model's defaults.

    Parameters
    ----------
    given
        See `SegmentationJob.given`.
    defaults
        Used for what is not in ``given``; see `defaults_of`.

    Raises
    ------
    InvalidParameterError
        A value out of its range.
    """
    values: dict[str, Any] = {
        name: (value or None) if name in _NONE else value for name, value in given.items()
    }
    own = dict(values.pop("normalisation", {}))
    if "percentiles" in own:  # percentiles and a fixed range are two answers to one question
        own = {"fixed_range": None, **own}
    return replace(defaults, normalisation=replace(defaults.normalisation, **own), **values)


def defaults_of(entry: ModelEntry) -> CellposeParameters:
    """Give the parameters of a model where nothing is given: its card's, else the built-in ones.

    Raises
    ------
    ModelBrokenError
        The card sets what is no parameter, or a value out of its range.
    """
    try:
        return _plain(complete(_tuples(entry.card.defaults), CellposeParameters()))
    except (InvalidParameterError, TypeError, ValueError, AttributeError) as error:
        raise ModelBrokenError(
            f"The card of the model {entry.name} sets defaults that cannot be used: {error}",
            "Correct `defaults` in its card.json, or add the model again.",
        ) from error


def asked_parameters(job: SegmentationJob, entry: ModelEntry) -> CellposeParameters:
    """Give all parameters of a job, with the diameter in pixels where it is known beforehand.

    It is ``None`` if the size model is to find it or, where there is none, the network knows it.

    Raises
    ------
    InvalidParameterError
        A value out of its range, or micrometres without a calibration.
    SizeModelMissingError
        Automatic, and the model cannot.
    ModelBrokenError
        The model's card sets defaults that cannot be used.
    """
    parameters = complete(job.given, defaults_of(entry))
    if job.diameter.automatic:
        if entry.size is None:
            raise SizeModelMissingError(
                f"The model {entry.name} cannot find the diameter by itself.",
                "Give the diameter of the cells in pixels or micrometres.",
            )
        parameters = replace(parameters, diameter=None)
    elif job.diameter.micrometres is not None:
        parameters = replace(parameters, diameter=_in_pixels(job, job.diameter.micrometres))
    elif job.diameter.pixels is not None:
        parameters = replace(parameters, diameter=job.diameter.pixels)
    return _plain(parameters)


def effective_parameters(job: SegmentationJob, model: ResidentModel) -> CellposeParameters:
    """Give the parameters that the work is done with; raises as `asked_parameters` does.

    The diameter is ``None`` if the size model is to find it.
    """
    parameters = asked_parameters(job, model.entry)
    if parameters.diameter is None and model.size is None:
        own = float(getattr(model.network, "diam_labels", model.network.diam_mean))
        parameters = replace(parameters, diameter=own)
    return parameters


def result_key(
    job: SegmentationJob, entry: ModelEntry, backend: str, orthogonal: ModelEntry | None = None
) -> str:
    """Give a key that is the same for requests with the same result, of the same caller.

    Parameters
    ----------
    job
        What is asked; its ``content`` names stand for the pixels.
    entry
        The model.
    backend
        Device, library and precision that run the network.
    orthogonal
        The model for the ZX and ZY planes of a volume.

    Raises
    ------
    CellwireError
        As `asked_parameters` does.
    """
    parts = {
        "revision": ALGORITHM_REVISION,
        "caller": job.caller,
        "model": (entry.name, entry.digest, entry.size_digest),
        "backend": backend,
        "channels": [(c.content, c.channel, c.nucleus) for c in job.channels],
        "axes": job.axes,
        "calibration": asdict(job.calibration),
        "region": sorted(job.region.items()),
        "mask": job.mask_content,
        "parameters": asked_parameters(job, entry).to_dict(),
        "stack": None if job.stack is None else job.stack.to_dict(),
        "orthogonal": None if orthogonal is None else orthogonal.digest,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _in_pixels(job: SegmentationJob, micrometres: float) -> float:
    pixel = job.calibration.pixel
    if pixel is None:
        raise InvalidParameterError(
            f"A diameter of {micrometres:g} µm was asked for, but the image does not say how "
            "large a pixel is.",
            "Set the image's calibration, or give the diameter in pixels.",
        )
    if not pixel > 0:
        raise InvalidParameterError(
            f"The calibration says that a pixel is {pixel:g} µm wide.",
            "Correct the image's calibration, or give the diameter in pixels.",
        )
    return micrometres / pixel


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the lists of JSON into tuples, in mappings within it too."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, list):
            found[name] = tuple(value)
        else:
            found[name] = _tuples(value) if isinstance(value, dict) else value
    return found


def _plain(parameters: CellposeParameters) -> CellposeParameters:
    """Make every number the type of its field: 0 and 0.0 are written differently in provenance."""
    kinds: dict[str, type] = {
        "flow_threshold": float,
        "cellprob_threshold": float,
        "max_size_fraction": float,
        "tolerance": float,
        "tile_overlap": float,
        "batch_size": int,
    }
    values = {name: kind(getattr(parameters, name)) for name, kind in kinds.items()}
    if parameters.diameter is not None:
        values["diameter"] = float(parameters.diameter)
    if parameters.min_size is not None:
        values["min_size"] = int(parameters.min_size)
    own = parameters.normalisation
    low, high = own.percentiles
    percentiles, fixed = (float(low), float(high)), own.fixed_range
    if fixed is not None:
        fixed = (float(fixed[0]), float(fixed[1]))
    values["normalisation"] = replace(own, percentiles=percentiles, fixed_range=fixed)
    return replace(parameters, **values)
