"""From an array and options to the request, and the images that it needs."""

from __future__ import annotations

import uuid
from typing import Any, List, Optional, Tuple

import numpy as np

from cellwire_api.v1 import segmentation_service_pb2
from cellwire_client.arrays import AXES, WireImage, to_wire
from cellwire_client.encodings import accepted
from cellwire_client.errors import InvalidRequestError
from cellwire_client.options import ParameterOptions, SegmentOptions
from cellwire_client.parameters import (
    DEFAULT_OUTPUTS,
    PRIORITIES,
    cellpose_parameters,
    parse_axes,
    parse_channels,
    parse_outputs,
    parse_pixel_size,
    parse_region,
)
from cellwire_client.segmentation import Order
from cellwire_client.stacks import stack_parameters

_ROI_LIMIT = 32_767
"""ImageJ's ROI format holds no larger coordinate."""


def make_order(array: Any, model: str, options: SegmentOptions) -> Order:
    """Put a request together.

    Parameters
    ----------
    array
        The image.
    model
        Name of the model.
    options
        See `SegmentOptions`.

    Returns
    -------
    Order

    Raises
    ------
    InvalidRequestError, UnsupportedArrayError
        If something cannot be put into a request.
    TypeError
        If there is no such option.
    """
    for name in options:
        if name not in SegmentOptions.__annotations__:
            raise TypeError(f"segment() has no argument {name!r}")
    image = to_wire(array)
    notices = list(image.notices)
    axes = parse_axes(options.get("axes"), image.pixels.shape)
    calibration = parse_pixel_size(options.get("pixel_size"))
    request = segmentation_service_pb2.SegmentRequest(
        request_id=options.get("request_id") or str(uuid.uuid4()),
        model=model,
        axes=[AXES[letter] for letter in axes],
        region=parse_region(options.get("region")),
        outputs=_outputs(options, image, axes, notices),
        priority=_priority(options),
        detached=bool(options.get("detached")),
        accept_encodings=accepted(),
        title=options.get("title") or "",
    )
    images: List[Tuple[WireImage, bool]] = [(image, False)]
    _add_channels(request, images, axes, options, notices)
    mask = options.get("mask")
    if mask is not None:
        packed = to_wire(np.asarray(mask) != 0)
        request.mask_image = packed.name
        images.append((packed, True))
    if calibration is not None:
        request.calibration.CopyFrom(calibration)
    stack = stack_parameters(options, axes, image.pixels.shape, calibration)
    if stack is not None:
        request.stack.CopyFrom(stack)
    parameters = {k: v for k, v in options.items() if k in ParameterOptions.__annotations__}
    request.cellpose.CopyFrom(cellpose_parameters(**parameters))  # type: ignore[arg-type]
    if request.cellpose.diameter.HasField("micrometres") and calibration is None:
        raise InvalidRequestError(
            f"The diameter is {options.get('diameter')}, and the size of a pixel is not known.",
            "Give pixel_size= in micrometres, or the diameter in pixels.",
        )
    return Order(request, tuple(images), tuple(notices))


def _add_channels(
    request: segmentation_service_pb2.SegmentRequest,
    images: List[Tuple[WireImage, bool]],
    axes: str,
    options: SegmentOptions,
    notices: List[str],
) -> None:
    image = images[0][0]
    count = image.pixels.shape[axes.index("C")] if "C" in axes else 1
    chosen = parse_channels(options.get("channels"), options.get("channel_names") or (), count)
    request.channels.add(
        role=segmentation_service_pb2.CHANNEL_ROLE_SEGMENTED, image=image.name, channel=chosen[0]
    )
    source: Optional[WireImage] = image if len(chosen) == 2 else None
    channel = chosen[-1]
    other = options.get("nucleus")
    if other is not None:
        source, channel = to_wire(other), chosen[1] if len(chosen) == 2 else 1
        notices.extend(note for note in source.notices if note not in notices)
        if source.pixels.shape != image.pixels.shape:
            raise InvalidRequestError(
                f"The image has the shape {image.pixels.shape}, that of the nuclei "
                f"{source.pixels.shape}.",
                "Give two images of the same field.",
                "SHAPE_MISMATCH",
            )
        if source.name != image.name:
            images.append((source, False))
    if source is not None:
        request.channels.add(
            role=segmentation_service_pb2.CHANNEL_ROLE_NUCLEUS, image=source.name, channel=channel
        )


def _outputs(
    options: SegmentOptions, image: WireImage, axes: str, notices: List[str]
) -> List[segmentation_service_pb2.OutputKind]:
    wanted = options.get("outputs")
    if wanted is not None:
        return parse_outputs(wanted)
    sides = [n for axis, n in zip(axes, image.pixels.shape) if axis in "YX"]
    if max(sides, default=0) > _ROI_LIMIT:
        notices.append(f"No ROIs were made: ImageJ's format ends at pixel {_ROI_LIMIT:,}.")
        return parse_outputs(("labels",))
    return parse_outputs(DEFAULT_OUTPUTS)


def _priority(options: SegmentOptions) -> segmentation_service_pb2.Priority:
    name = options.get("priority") or "interactive"
    if name not in PRIORITIES:
        raise InvalidRequestError(
            f"There is no priority {name!r}.", f"Choose among {', '.join(PRIORITIES)}."
        )
    return PRIORITIES[name]
