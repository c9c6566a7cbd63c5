"""The protocol by hand, with plain stubs: what a client in any language does."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
import zstandard

from cellwire_api.v1 import (
    array_pb2,
    engine_service_pb2_grpc,
    error_pb2,
    image_service_pb2,
    image_service_pb2_grpc,
    model_service_pb2_grpc,
    segmentation_service_pb2,
    segmentation_service_pb2_grpc,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MIB = 2**20
API = segmentation_service_pb2
TYPES = {
    "uint8": array_pb2.DATA_TYPE_UINT8,
    "uint16": array_pb2.DATA_TYPE_UINT16,
    "uint32": array_pb2.DATA_TYPE_UINT32,
    "float32": array_pb2.DATA_TYPE_FLOAT32,
}
NAMES = {value: name for name, value in TYPES.items()}
AXES = {
    "T": array_pb2.AXIS_TIME,
    "Z": array_pb2.AXIS_Z,
    "C": array_pb2.AXIS_CHANNEL,
    "Y": array_pb2.AXIS_Y,
    "X": array_pb2.AXIS_X,
}


class Wire:
    """The four services over one channel; `metadata` goes with every call."""

    def __init__(self, channel: grpc.Channel, token: str = "") -> None:
        self.channel = channel
        self.metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self.engine = engine_service_pb2_grpc.EngineServiceStub(channel)
        self.images = image_service_pb2_grpc.ImageServiceStub(channel)
        self.models = model_service_pb2_grpc.ModelServiceStub(channel)
        self.segmentations = segmentation_service_pb2_grpc.SegmentationServiceStub(channel)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()

    def look(self, name: str) -> image_service_pb2.Image:
        request = image_service_pb2.GetImageRequest(name=name)
        return self.images.GetImage(request, timeout=20, metadata=self.metadata).image

    def upload(self, messages: Iterable[image_service_pb2.UploadImageRequest]) -> Any:
        return self.images.UploadImage(iter(messages), timeout=120, metadata=self.metadata).image

    def send(self, array: np.ndarray) -> str:
        """Upload an array whole and give its name."""
        name = name_of(array)
        image = self.upload([header(name, array), *chunks(array)])
        assert image.complete
        return name

    def segment(self, request: API.SegmentRequest, timeout: float = 120) -> Iterator[Any]:
        """Begin a segmentation; gives its events."""
        call = self.segmentations.Segment(request, timeout=timeout, metadata=self.metadata)
        return (response.event for response in call)

    def run(self, request: API.SegmentRequest) -> Outcome:
        """Segment and collect everything."""
        return collect(self.segment(request))


class Outcome:
    """All events of a segmentation, and what they add up to."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.outputs: dict[int, Any] = {}
        self.headers: dict[int, Any] = {}
        self.raw: dict[int, bytes] = {}
        self.finished: Any = None

    @property
    def labels(self) -> np.ndarray:
        return self.outputs[API.OUTPUT_KIND_LABELS]

    @property
    def cached(self) -> bool:
        return self.events[0].accepted.cached


def connect(address: str, token: str = "") -> Wire:
    return Wire(grpc.insecure_channel(address), token)


def header(name: str, array: np.ndarray, offset: int = 0, **changes: Any) -> Any:
    spec = array_pb2.ArraySpec(
        data_type=changes.get("data_type", TYPES[array.dtype.name]),
        shape=changes.get("shape", array.shape),
    )
    return image_service_pb2.UploadImageRequest(
        header=image_service_pb2.UploadHeader(name=name, spec=spec, resume_offset=offset)
    )


def chunks(array: np.ndarray, offset: int = 0, size: int = MIB, **changes: Any) -> Iterator[Any]:
    data = array.tobytes()
    for start in range(offset, len(data), size):
        part = data[start : start + size]
        values = {
            "offset": start,
            "length": len(part),
            "encoding": array_pb2.ENCODING_RAW,
            "crc32": zlib.crc32(part),
            "data": part,
        }
        yield image_service_pb2.UploadImageRequest(
            chunk=array_pb2.ArrayChunk(**{**values, **changes})
        )


def request_for(name: str, axes: str = "YX", **changes: Any) -> API.SegmentRequest:
    """A request that finds something even with random weights."""
    request = API.SegmentRequest(
        model=changes.pop("model", "models/random"),
        channels=[API.InputChannel(role=API.CHANNEL_ROLE_SEGMENTED, image=name, channel=1)],
        axes=[AXES[axis] for axis in axes],
        accept_encodings=[array_pb2.ENCODING_ZSTD, array_pb2.ENCODING_RAW],
    )
    request.cellpose.diameter.pixels = changes.pop("diameter", 30.0)
    request.cellpose.cellprob_threshold = -50
    request.cellpose.flow_threshold = 0
    request.cellpose.min_size = 2
    request.cellpose.max_size_fraction = 1.0
    request.MergeFrom(API.SegmentRequest(**changes))
    return request


def collect(events: Iterable[Any]) -> Outcome:
    """Put the outputs together, checking order, places and CRCs on the way."""
    outcome = Outcome()
    header, data = None, b""
    for event in events:
        outcome.events.append(event)
        kind = event.WhichOneof("event")
        if kind == "output":
            _close(outcome, header, data)
            header, data = event.output, b""
        elif kind == "chunk":
            assert event.chunk.offset == len(data)
            packed = event.chunk.encoding == array_pb2.ENCODING_ZSTD
            part = event.chunk.data
            if packed:
                part = zstandard.ZstdDecompressor().decompress(part, event.chunk.length)
            assert len(part) == event.chunk.length
            assert zlib.crc32(part) == event.chunk.crc32
            data += part
        elif kind == "finished":
            _close(outcome, header, data)
            outcome.finished = event.finished
    return outcome


def _close(outcome: Outcome, header: Any, data: bytes) -> None:
    if header is None:
        return
    array = np.frombuffer(data, NAMES[header.spec.data_type]).reshape(tuple(header.spec.shape))
    outcome.headers[header.kind] = header
    outcome.outputs[header.kind] = array
    outcome.raw[header.kind] = data


def detail_of(error: grpc.RpcError) -> error_pb2.ErrorDetail:
    """Read the detail from the trailer."""
    for key, value in error.trailing_metadata() or ():
        if key == "cellwire-error-bin":
            return error_pb2.ErrorDetail.FromString(value)
    raise AssertionError(f"no detail with {error.code()}: {error.details()}")


def make_cells(height: int, width: int, seed: int = 0) -> np.ndarray:
    """An image (height, width) uint16 of discs on a noisy ground."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    image = random.normal(200, 20, (height, width))
    for _ in range(max(3, height * width // 2000)):
        cy, cx, r = random.uniform(0, height), random.uniform(0, width), random.uniform(7, 12)
        image += 2000 * np.clip(r - np.hypot(y - cy, x - cx), 0, 1)
    return image.clip(0, 65535).astype(np.uint16)


def name_of(array: np.ndarray) -> str:
    """The name of an image, computed from the protocol's own words."""
    prefix = f"{array.dtype.name};{','.join(str(n) for n in array.shape)}\n".encode()
    return f"images/{hashlib.sha256(prefix + array.tobytes()).hexdigest()}"
