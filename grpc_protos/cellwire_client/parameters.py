"""From keyword arguments to the request of a segmentation.

Ranges are the engine's to judge, so that every client hears the same; here only what cannot be
put into the request at all is refused.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from cellwire_api.v1 import array_pb2, segmentation_parameters_pb2, segmentation_service_pb2
from cellwire_client.arrays import AXES
from cellwire_client.decode import OUTPUTS
from cellwire_client.errors import InvalidRequestError

DiameterLike = Union[None, float, str]
ChannelLike = Union[int, str]
Pair = Tuple[float, float]
Triple = Tuple[float, float, float]

DEFAULT_OUTPUTS = ("labels", "rois")
"""What comes back unless something else is asked for."""

PRIORITIES = {
    "interactive": segmentation_service_pb2.PRIORITY_INTERACTIVE,
    "batch": segmentation_service_pb2.PRIORITY_BATCH,
}


def parse_diameter(value: DiameterLike) -> Optional[segmentation_parameters_pb2.Diameter]:
    """Read a diameter.

    Parameters
    ----------
    value
        Pixels as a number, ``"10um"``, ``"auto"``, or ``None`` for the model's own choice.

    Raises
    ------
    InvalidRequestError
        If it is none of these.
    """
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip().lower().replace("μ", "u").replace("µ", "u")
        if text in ("auto", "automatic"):
            automatic = segmentation_parameters_pb2.Diameter.Automatic()
            return segmentation_parameters_pb2.Diameter(automatic=automatic)
        found = re.match(r"([+-]?[0-9.]+(?:e[+-]?\d+)?)\s*(um|px|)\Z", text)
        if found is None:
            raise InvalidRequestError(
                f"The diameter {value!r} is not understood.",
                "Write pixels (30), micrometres (10um) or auto.",
            )
        size = number("diameter", found.group(1))
        if found.group(2) == "um":
            return segmentation_parameters_pb2.Diameter(micrometres=size)
        return segmentation_parameters_pb2.Diameter(pixels=size)
    return segmentation_parameters_pb2.Diameter(pixels=number("diameter", value))


def cellpose_parameters(
    diameter: DiameterLike = None,
    flow_threshold: Optional[float] = None,
    cellprob_threshold: Optional[float] = None,
    min_size: Optional[int] = None,
    max_size: Optional[int] = None,
    max_size_fraction: Optional[float] = None,
    niter: Optional[int] = None,
    tolerance: Optional[float] = None,
    augment: Optional[bool] = None,
    resample: Optional[bool] = None,
    exclude_on_edges: Optional[bool] = None,
    tile_overlap: Optional[float] = None,
    compat: Optional[str] = None,
    normalise: Optional[bool] = None,
    percentiles: Optional[Pair] = None,
    intensity_range: Optional[Pair] = None,
    tile_blocksize: Optional[int] = None,
    invert: Optional[bool] = None,
) -> segmentation_parameters_pb2.CellposeParameters:
    """Make the parameters of a Cellpose model; what is ``None`` stays the model's default.

    The arguments are those of `cellwire_client.Engine.segment`.
    """
    made = segmentation_parameters_pb2.CellposeParameters()
    size = parse_diameter(diameter)
    if size is not None:
        made.diameter.CopyFrom(size)
    real = {
        "flow_threshold": flow_threshold,
        "cellprob_threshold": cellprob_threshold,
        "max_size_fraction": max_size_fraction,
        "tolerance": tolerance,
        "tile_overlap": tile_overlap,
    }
    whole = {"min_size": min_size, "max_size": max_size, "niter": niter}
    flags = {"augment": augment, "resample": resample, "exclude_on_edges": exclude_on_edges}
    _set(made, {name: number(name, value) for name, value in real.items() if value is not None})
    _set(made, {name: integer(name, value) for name, value in whole.items() if value is not None})
    _set(made, {name: bool(value) for name, value in flags.items() if value is not None})
    if compat is not None:
        made.compat = compat
    switches = {"enabled": normalise, "invert": invert}
    _set(made.normalisation, {n: bool(v) for n, v in switches.items() if v is not None})
    if tile_blocksize is not None:
        _set(made.normalisation, {"tile_blocksize": integer("tile_blocksize", tile_blocksize)})
    if percentiles is not None and intensity_range is not None:
        raise InvalidRequestError(
            "percentiles and intensity_range exclude each other.", "Give one of them."
        )
    if percentiles is not None:
        made.normalisation.percentiles.CopyFrom(_range("percentiles", percentiles))
    if intensity_range is not None:
        made.normalisation.fixed.CopyFrom(_range("intensity_range", intensity_range))
    return made


def parameter_options(
    message: segmentation_parameters_pb2.CellposeParameters,
) -> Dict[str, Any]:
    """Turn parameters into the arguments of `cellpose_parameters`; what is unset is left out."""
    own = message.normalisation
    found = {field.name: value for field, value in message.ListFields() if not field.message_type}
    inside = {field.name: value for field, value in own.ListFields() if not field.message_type}
    if "enabled" in inside:
        inside["normalise"] = inside.pop("enabled")
    chosen = own.WhichOneof("range")
    if chosen is not None:
        given = getattr(own, chosen)
        name = "intensity_range" if chosen == "fixed" else "percentiles"
        inside[name] = (given.low, given.high)
    size = message.diameter.WhichOneof("value")
    if size == "automatic":
        found["diameter"] = "auto"
    elif size is not None:
        value = getattr(message.diameter, size)
        found["diameter"] = value if size == "pixels" else f"{value!r}um"
    return {**found, **inside}


def parse_axes(axes: Optional[str], shape: Sequence[int]) -> str:
    """Check axes against a shape; only two dimensions need no axes.

    Raises
    ------
    InvalidRequestError
        If they cannot be told or do not fit.
    """
    if axes is None:
        if len(shape) == 2:
            return "YX"
        raise InvalidRequestError(
            f"The image has {len(shape)} dimensions {tuple(shape)}, and it is not said which is "
            "which.",
            "Give axes= with a letter for each, for example 'CYX' or 'YXC'.",
            "AXES_UNKNOWN",
        )
    letters = axes.strip().upper().replace("S", "C")
    if set(letters) - set(AXES) or len(set(letters)) != len(letters) or len(letters) != len(shape):
        raise InvalidRequestError(
            f"The axes {axes!r} do not fit an image of {len(shape)} dimensions {tuple(shape)}.",
            "Give one letter of T, Z, C, Y, X for each dimension, none twice.",
            "AXES_UNKNOWN",
        )
    return letters


def parse_channels(
    channels: Optional[Sequence[ChannelLike]], names: Sequence[str], count: int
) -> List[int]:
    """Find the channels (segmented, nucleus), from 1; 0 = mean for the first, none for the second.

    Parameters
    ----------
    channels
        Numbers or names, one or two; ``None`` = the only channel, or the mean of a colour image
        (whose `names` are red, green, blue).
    names
        Names of the image's channels, as far as they are known.
    count
        Number of the image's channels.
    """
    if channels is None:
        if count > 1 and tuple(names) != ("red", "green", "blue"):
            listed = f" ({', '.join(names)})" if names else ""
            raise InvalidRequestError(
                f"The image has {count} channels{listed} and none was chosen.",
                "Give channels=(segmented, nucleus), from 1; 0 = mean, or no nucleus.",
                "AXES_UNKNOWN",
            )
        return [0] if count > 1 else [1]
    chosen = [channels] if isinstance(channels, (int, str)) else list(channels)
    if not 1 <= len(chosen) <= 2:
        raise InvalidRequestError(
            f"channels has {len(chosen)} entries; it takes one or two.",
            "Give (segmented, nucleus), from 1.",
        )
    numbers = [_channel(item, names, count) for item in chosen]
    return numbers[:1] if len(numbers) == 2 and numbers[1] == 0 else numbers


def parse_outputs(outputs: Sequence[str]) -> List[segmentation_service_pb2.OutputKind]:
    """Turn names of outputs into the protocol's kinds."""
    names = [outputs] if isinstance(outputs, str) else list(outputs)
    names = ["rois" if name == "roi_zip" else name for name in names]
    for name in names:
        if name not in OUTPUTS:
            raise InvalidRequestError(
                f"There is no output {name!r}.", f"Choose among {', '.join(OUTPUTS)}."
            )
    return [OUTPUTS[name] for name in dict.fromkeys(names)]


def parse_region(
    region: Optional[Mapping[str, Tuple[int, int]]],
) -> List[array_pb2.AxisRange]:
    """Turn ``{"Y": (start, stop), "X": (start, stop)}`` into the protocol's ranges."""
    ranges = []
    for axis, (start, stop) in (region or {}).items():
        if axis.upper() not in AXES or not 0 <= start < stop:
            raise InvalidRequestError(
                f"The region {axis}: {start} to {stop} is none.",
                "Give rising indices from 0, for example {'Y': (0, 512), 'X': (0, 512)}.",
            )
        ranges.append(array_pb2.AxisRange(axis=AXES[axis.upper()], start=start, stop=stop))
    return ranges


def parse_pixel_size(value: Union[float, Pair, Triple, None]) -> Optional[array_pb2.Calibration]:
    """Turn micrometres a pixel into the protocol's calibration.

    Parameters
    ----------
    value
        One number for both sides, (y, x), or (z, y, x) with the distance of planes.

    Raises
    ------
    InvalidRequestError
        If it is none of these, or not positive.
    """
    if value is None:
        return None
    sizes = [value] if np.ndim(value) == 0 else list(value)  # type: ignore[arg-type]
    sizes = [number("pixel_size", size) for size in sizes]
    if not 1 <= len(sizes) <= 3:
        raise InvalidRequestError(
            f"pixel_size has {len(sizes)} entries; it takes up to three.",
            "Give micrometres as one number, (y, x) or (z, y, x).",
        )
    if not all(0 < size < float("inf") for size in sizes):
        raise InvalidRequestError(
            f"The pixel size must be positive; it is {value}.", "Give micrometres a pixel."
        )
    made = array_pb2.Calibration(y_micrometres=sizes[-2:][0], x_micrometres=sizes[-1])
    if len(sizes) == 3:
        made.z_micrometres = sizes[0]
    return made


def number(name: str, value: Any) -> float:
    """Take a real number, or refuse with the parameter's name."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InvalidRequestError(
            f"{name} must be a number; it is {value!r}.", "Give a number."
        ) from None


def integer(name: str, value: Any) -> int:
    """Take a whole number, or refuse with the parameter's name."""
    if number(name, value) != int(value):
        raise InvalidRequestError(
            f"{name} must be a whole number; it is {value!r}.", "Give a whole number."
        )
    return int(value)


def _channel(item: ChannelLike, names: Sequence[str], count: int) -> int:
    wanted = str(item).strip().lower()
    if wanted in ("mean", "none"):
        return 0
    if not wanted.lstrip("-").isdigit():
        found = [i for i, name in enumerate(names, 1) if name.strip().lower() == wanted]
        if not found:
            known = ", ".join(names) or "none that are named"
            raise InvalidRequestError(
                f"The image has no channel {item!r}; it has {known}.", "Give its number, from 1."
            )
        return found[0]
    chosen = integer("channel", item)
    if not 0 <= chosen <= count:
        raise InvalidRequestError(
            f"Channel {chosen} was asked for; the image has {count}.",
            "Channels count from 1; 0 = mean for the first, none for the second.",
            "SHAPE_MISMATCH",
        )
    return chosen


def _range(name: str, pair: Pair) -> segmentation_parameters_pb2.Normalisation.Range:
    try:
        low, high = pair
    except (TypeError, ValueError):
        raise InvalidRequestError(
            f"{name} takes two numbers; it is {pair!r}.", "Give (low, high)."
        ) from None
    return segmentation_parameters_pb2.Normalisation.Range(
        low=number(name, low), high=number(name, high)
    )


def _set(message: Any, values: Dict[str, Any]) -> None:
    for name, value in values.items():
        try:
            setattr(message, name, value)
        except ValueError:  # noqa: PERF203
            raise InvalidRequestError(
                f"{name} is out of its range; it is {value!r}.", "Choose another value."
            ) from None
