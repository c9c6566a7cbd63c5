"""The parameters of a segmentation, from the protocol and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cellwire.errors import InvalidParameterError
from cellwire.jobs.job import Diameter
from cellwire_api.v1 import segmentation_parameters_pb2

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from cellwire.segmentation.parameters import CellposeParameters

_SAME = (
    "flow_threshold",
    "cellprob_threshold",
    "max_size_fraction",
    "tolerance",
    "augment",
    "resample",
    "exclude_on_edges",
    "tile_overlap",
)
_NONE = ("max_size", "niter", "compat")
"""Fields of which 0 or an empty text means none."""


def read_parameters(message: segmentation_parameters_pb2.CellposeParameters) -> dict[str, Any]:
    """Read everything that is set but the diameter, as `SegmentationJob.given` has it."""
    values = _given(message, *_SAME, *_NONE, "min_size")
    normalisation = _read_normalisation(message.normalisation)
    return {**values, "normalisation": normalisation} if normalisation else values


def read_diameter(message: segmentation_parameters_pb2.CellposeParameters) -> Diameter:
    """Read how the diameter is given.

    Raises
    ------
    InvalidParameterError
        It is not above zero.
    """
    given = message.diameter.WhichOneof("value")
    if given is None:
        return Diameter()
    if given == "automatic":
        return Diameter(automatic=True)
    value = getattr(message.diameter, given)
    if not 0 < value < float("inf"):
        unit = "pixels" if given == "pixels" else "µm"
        raise InvalidParameterError(
            f"The diameter must be above 0; it is {value:g} {unit}.",
            "Measure a typical cell, or leave the diameter to the model.",
        )
    return Diameter(**{given: value})


def write_parameters(
    parameters: CellposeParameters,
) -> segmentation_parameters_pb2.CellposeParameters:
    """Write parameters, as a model's defaults."""
    message = segmentation_parameters_pb2.CellposeParameters(
        **{name: getattr(parameters, name) for name in _SAME}
    )
    for name in _NONE:
        value = getattr(parameters, name)
        setattr(message, name, type(getattr(message, name))() if value is None else value)
    if parameters.min_size is not None:
        message.min_size = parameters.min_size
    if parameters.diameter is not None:
        message.diameter.pixels = parameters.diameter
    own = parameters.normalisation
    message.normalisation.enabled = own.enabled
    message.normalisation.tile_blocksize = own.tile_blocksize
    message.normalisation.invert = own.invert
    if own.fixed_range is not None:
        message.normalisation.fixed.low, message.normalisation.fixed.high = own.fixed_range
    else:
        low, high = own.percentiles
        message.normalisation.percentiles.low = low
        message.normalisation.percentiles.high = high
    return message


def _read_normalisation(message: segmentation_parameters_pb2.Normalisation) -> dict[str, Any]:
    values = _given(message, "enabled", "tile_blocksize", "invert")
    given = message.WhichOneof("range")
    if given == "percentiles":
        values["percentiles"] = (message.percentiles.low, message.percentiles.high)
    elif given == "fixed":
        values["fixed_range"] = (message.fixed.low, message.fixed.high)
    return values


def _given(message: Message, *names: str) -> dict[str, Any]:
    return {name: getattr(message, name) for name in names if message.HasField(name)}
