"""Between the messages of the protocol and the domain: checks what came, writes what goes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cellwire.errors import (
    AxesUnknownError,
    InvalidParameterError,
    ModelUnknownError,
)
from cellwire.images.spec import Calibration
from cellwire.jobs.job import ChannelInput, SegmentationJob
from cellwire.jobs.priority import Priority
from cellwire.serving.convert_parameters import read_diameter, read_parameters
from cellwire.serving.convert_stack import read_stack
from cellwire.serving.uploads import PixelSpec, digest_of
from cellwire_api.v1 import array_pb2, segmentation_service_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cellwire.jobs.stack import StackWishes
    from cellwire.segmentation.arrays import AnyArray
    from cellwire_api.v1.segmentation_service_pb2 import SegmentRequest

_API = segmentation_service_pb2
_AXES = {
    array_pb2.AXIS_TIME: "T",
    array_pb2.AXIS_Z: "Z",
    array_pb2.AXIS_CHANNEL: "C",
    array_pb2.AXIS_Y: "Y",
    array_pb2.AXIS_X: "X",
}
_TYPES = {
    array_pb2.DATA_TYPE_UINT8: "uint8",
    array_pb2.DATA_TYPE_UINT16: "uint16",
    array_pb2.DATA_TYPE_UINT32: "uint32",
    array_pb2.DATA_TYPE_FLOAT32: "float32",
}
_ROLES = {
    _API.CHANNEL_ROLE_UNSPECIFIED: False,
    _API.CHANNEL_ROLE_SEGMENTED: False,
    _API.CHANNEL_ROLE_NUCLEUS: True,
}
_PRIORITIES = {
    _API.PRIORITY_UNSPECIFIED: Priority.INTERACTIVE,
    _API.PRIORITY_INTERACTIVE: Priority.INTERACTIVE,
    _API.PRIORITY_BATCH: Priority.BATCH,
}
_MAX_TEXT = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that was read; the pixels are still named, not held.

    Attributes
    ----------
    request
        The message.
    model
        Bare name of the model.
    channels
        Digest, channel and whether it shows nuclei, for each channel.
    mask
        Digest of the mask, empty if none.
    outputs
        Kinds of output, in order, each once.
    zstd
        Whether the client can unpack Zstandard.
    job
        The rest, with no channels yet.
    """

    request: SegmentRequest
    model: str
    channels: tuple[tuple[str, int, bool], ...]
    mask: str
    outputs: tuple[Any, ...]
    zstd: bool
    job: SegmentationJob

    @property
    def digests(self) -> tuple[str, ...]:
        """Digests of all images, each once."""
        found = [digest for digest, _, _ in self.channels] + [self.mask] * bool(self.mask)
        return tuple(dict.fromkeys(found))

    def output_keys(self) -> list[str]:
        """Name each output so that equal names are equal bytes, given the same work."""
        packed = "zstd" if self.zstd else "raw"
        return [f"{kind}:{packed}:{self.job.title}" for kind in self.outputs]

    def with_pixels(self, images: Mapping[str, AnyArray]) -> SegmentationJob:
        """Give the job with the pixels in it."""
        from dataclasses import replace

        channels = tuple(
            ChannelInput(images[digest], channel, nucleus, digest)
            for digest, channel, nucleus in self.channels
        )
        mask = images[self.mask] if self.mask else None
        return replace(self.job, channels=channels, mask=mask, mask_content=self.mask)


def read_spec(spec: array_pb2.ArraySpec) -> PixelSpec:
    """Read type and shape; an unknown type becomes an empty one, refused by `PixelSpec.check`."""
    return PixelSpec(_TYPES.get(spec.data_type, ""), tuple(int(n) for n in spec.shape))


def write_spec(spec: PixelSpec) -> array_pb2.ArraySpec:
    """Write type and shape."""
    kind = next(value for value, name in _TYPES.items() if name == spec.dtype)
    return array_pb2.ArraySpec(data_type=kind, shape=spec.shape)


def read_model_name(name: str) -> str:
    """Take ``models/`` off a model's name.

    Raises
    ------
    ModelUnknownError
        It cannot be a name.
    """
    bare = name.removeprefix("models/")
    if not bare or len(bare) > _MAX_TEXT or "/" in bare or not bare.isprintable():
        raise ModelUnknownError(
            f"{name[:80]!r} is no name of a model.", "See the names with: cellwire models list."
        )
    return bare


def read_request(request: SegmentRequest, caller: str) -> Plan:
    """Read a request for a segmentation.

    Raises
    ------
    CellwireError
        What is wrong with it.
    """
    model = read_model_name(request.model)
    if not request.channels:
        raise InvalidParameterError(
            "The request names no channel.", "Name at least the channel that is to be segmented."
        )
    outputs = tuple(dict.fromkeys(request.outputs)) or (_API.OUTPUT_KIND_LABELS,)
    for kind in outputs:
        if kind == _API.OUTPUT_KIND_UNSPECIFIED or kind not in _API.OutputKind.values():
            raise InvalidParameterError(
                f"Output kind {int(kind)} is not one that this engine makes.",
                "Ask for labels, ROIs, flows, cellprob, style, unedited labels or the table.",
            )
    job = SegmentationJob(
        model=model,
        channels=(),
        axes=_read_axes(request),
        calibration=_read_calibration(request.calibration),
        region=_read_region(request),
        given=read_parameters(request.cellpose),
        diameter=read_diameter(request.cellpose),
        title=_read_text("title", request.title),
        caller=caller,
        priority=_known("priority", request.priority, _PRIORITIES),
        stack=read_stack(request.stack) if request.HasField("stack") else None,
        flows=bool({_API.OUTPUT_KIND_FLOWS, _API.OUTPUT_KIND_CELLPROB} & set(outputs)),
    )
    if job.stack is not None:
        _check_stack(job.stack, outputs)
    _read_text("request_id", request.request_id)
    return Plan(
        request=request,
        model=model,
        channels=tuple(_read_channel(channel) for channel in request.channels),
        mask=digest_of(request.mask_image) if request.mask_image else "",
        outputs=outputs,
        zstd=array_pb2.ENCODING_ZSTD in request.accept_encodings,
        job=job,
    )


def _check_stack(stack: StackWishes, outputs: tuple[Any, ...]) -> None:
    if stack.orthogonal_model:
        read_model_name(stack.orthogonal_model)
    if _API.OUTPUT_KIND_UNEDITED_LABELS in outputs:
        raise InvalidParameterError(
            "Labels before size and edge removal are there for one plane, not for a stack.",
            "Leave that output out, or segment one plane.",
        )


def _read_channel(channel: segmentation_service_pb2.InputChannel) -> tuple[str, int, bool]:
    if channel.WhichOneof("source") != "image":
        raise InvalidParameterError(
            "A channel does not say which image it comes from.", "Name an uploaded image."
        )
    nucleus = _known("role of a channel", channel.role, _ROLES)
    return digest_of(channel.image), int(channel.channel), nucleus


def _read_axes(request: SegmentRequest) -> str:
    if not request.axes:
        raise AxesUnknownError(
            "The request does not say what the image's axes are.", "Name them, such as Y and X."
        )
    axes = "".join(_AXES.get(axis, "?") for axis in request.axes)
    if "?" in axes:
        raise AxesUnknownError(
            "One of the axes is not known to this engine.", "Choose from time, Z, channel, Y, X."
        )
    return axes


def _read_calibration(message: array_pb2.Calibration) -> Calibration:
    sizes = {}
    for axis in "yxz":
        field = f"{axis}_micrometres"
        size = getattr(message, field) if message.HasField(field) else None
        if size is not None and not (math.isfinite(size) and 0 < size < 1e6):
            raise InvalidParameterError(
                f"The size of a pixel along {axis.upper()} is {size:g} µm; it must be above 0 and "
                "below 1e6.",
                "Correct the image's calibration, or leave it out.",
            )
        sizes[axis] = size
    return Calibration(**sizes)


def _read_region(request: SegmentRequest) -> dict[str, tuple[int, int]]:
    region: dict[str, tuple[int, int]] = {}
    for item in request.region:
        axis = _AXES.get(item.axis)
        if axis is None or axis in region:
            raise InvalidParameterError(
                "The region names an axis twice, or one that is not known.",
                "Give one range for each axis at most.",
            )
        region[axis] = (int(item.start), int(item.stop))
    return region


def _read_text(what: str, text: str) -> str:
    if len(text) > _MAX_TEXT or not text.isprintable():
        raise InvalidParameterError(
            f"The {what} has {len(text)} characters; it may have {_MAX_TEXT}, all printable.",
            "Choose a shorter, plain one.",
        )
    return text


def _known(what: str, value: int, known: Mapping[Any, Any]) -> Any:
    if value not in known:
        raise InvalidParameterError(
            f"The {what} is {value}, which this engine does not know.", "Leave it out."
        )
    return known[value]
