"""Requests that cannot be answered: each its own reason, none of them INTERNAL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire import API, AXES, connect, detail_of, request_for

from cellwire.jobs.settings import EngineSettings
from cellwire.serving.server import SERVICES
from cellwire_api.v1 import (
    array_pb2,
    engine_service_pb2,
    image_service_pb2,
    model_service_pb2,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wire import Wire


@pytest.fixture(scope="module")
def wire(server) -> Iterator[Wire]:
    with connect(server.address) as wire:
        yield wire


@pytest.fixture(scope="module")
def name(wire) -> str:
    return wire.send(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64))


def refused(wire: Wire, request: Any) -> tuple[grpc.StatusCode, Any]:
    with pytest.raises(grpc.RpcError) as caught:
        wire.run(request)
    detail = detail_of(caught.value)
    assert detail.message
    assert detail.message in caught.value.details()
    return caught.value.code(), detail


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda r: r.cellpose.diameter.__setattr__("pixels", 0), "INVALID_PARAMETER"),
        (lambda r: r.cellpose.diameter.__setattr__("pixels", -3), "INVALID_PARAMETER"),
        (lambda r: r.cellpose.diameter.__setattr__("pixels", 1e6), "INVALID_PARAMETER"),
        (lambda r: r.cellpose.diameter.__setattr__("pixels", float("nan")), "INVALID_PARAMETER"),
        (lambda r: r.cellpose.diameter.__setattr__("micrometres", 8), "INVALID_PARAMETER"),
        (lambda r: r.cellpose.diameter.automatic.SetInParent(), "SIZE_MODEL_MISSING"),
        (lambda r: setattr(r.cellpose, "flow_threshold", -1), "INVALID_PARAMETER"),
        (lambda r: setattr(r.cellpose, "cellprob_threshold", float("inf")), "INVALID_PARAMETER"),
        (lambda r: setattr(r.cellpose, "compat", "cellpose9"), "INVALID_PARAMETER"),
        (lambda r: r.ClearField("channels"), "INVALID_PARAMETER"),
        (lambda r: setattr(r.channels[0], "channel", 2), "INVALID_PARAMETER"),
        (lambda r: setattr(r.channels[0], "role", 2), "INVALID_PARAMETER"),
        (lambda r: setattr(r.channels[0], "image", "images/" + "0" * 64), "IMAGE_UNKNOWN"),
        (lambda r: setattr(r, "mask_image", "images/" + "0" * 64), "IMAGE_UNKNOWN"),
        (lambda r: r.ClearField("axes"), "AXES_UNKNOWN"),
        (lambda r: r.axes.append(AXES["Z"]), "SHAPE_MISMATCH"),
        (lambda r: r.axes.extend([AXES["X"]]), "SHAPE_MISMATCH"),
        (lambda r: r.outputs.append(0), "INVALID_PARAMETER"),
        (lambda r: r.outputs.append(99), "INVALID_PARAMETER"),
        (lambda r: r.region.add(axis=AXES["Y"], start=60, stop=65), "INVALID_PARAMETER"),
        (lambda r: r.region.add(axis=AXES["Z"], start=0, stop=1), "INVALID_PARAMETER"),
        (lambda r: setattr(r, "model", "nucleus"), "MODEL_UNKNOWN"),
        (lambda r: setattr(r, "model", "../../etc/passwd"), "MODEL_UNKNOWN"),
        (lambda r: setattr(r, "title", "x" * 10_000), "INVALID_PARAMETER"),
        (lambda r: setattr(r.calibration, "y_micrometres", -1), "INVALID_PARAMETER"),
    ],
)
def test_what_is_wrong_is_said(wire, name, change, reason) -> None:
    request = request_for(name)
    change(request)
    status, detail = refused(wire, request)
    assert detail.reason == reason
    assert status is not grpc.StatusCode.INTERNAL
    assert detail.next_step


def test_more_than_one_plane_names_the_axis(wire) -> None:
    stack = np.zeros((3, 64, 64), np.uint8)
    _, detail = refused(wire, request_for(wire.send(stack), axes="ZYX"))
    assert detail.reason == "SHAPE_MISMATCH"
    assert "3 planes along Z" in detail.message
    assert "one plane" in detail.next_step.lower()


def test_not_a_number_is_refused(wire) -> None:
    image = np.zeros((64, 64), np.float32)
    image[3, 4] = np.nan
    _, detail = refused(wire, request_for(wire.send(image)))
    assert detail.reason == "IMAGE_CONTENT"
    assert "1 pixels" in detail.message


def test_a_tiny_diameter_is_refused_before_any_work(wire) -> None:
    image = np.zeros((4096, 4096), np.uint8)
    image[0, 0] = 1
    status, detail = refused(wire, request_for(wire.send(image), diameter=1.0))
    assert status is grpc.StatusCode.INVALID_ARGUMENT
    assert detail.reason == "IMAGE_TOO_LARGE"
    assert "limit" in detail.message


def test_too_many_steps_are_refused_before_any_work(wire) -> None:
    image = np.zeros((4096, 4096), np.uint8)
    image[0, 0] = 1
    request = request_for(wire.send(image))
    request.cellpose.niter = 100_000
    status, detail = refused(wire, request)
    assert status is grpc.StatusCode.INVALID_ARGUMENT
    assert detail.reason == "IMAGE_TOO_LARGE"
    assert "16777216 pixels with up to 100000 steps" in detail.message
    limits = wire.engine.GetEngine(engine_service_pb2.GetEngineRequest(), timeout=20).limits
    assert f"the limit is {limits.max_pixel_steps}." in detail.message
    assert "niter" in detail.next_step


def test_cellposes_own_model_names_say_how_to_add_them(wire, name) -> None:
    _, detail = refused(wire, request_for(name, model="cyto3"))
    assert "cellwire models add cyto3" in detail.next_step


def test_the_engine_describes_itself(wire) -> None:
    found = wire.engine.GetEngine(engine_service_pb2.GetEngineRequest(), timeout=20)
    assert found.state == engine_service_pb2.ENGINE_STATE_SERVING
    assert found.limits.max_message_bytes == 4 * 2**20
    assert found.devices[0].name == "cpu"
    assert found.devices[0].memory_bytes == psutil.virtual_memory().total
    assert found.devices[0].description
    assert found.devices[0].backend in ("torch", "openvino", "ncnn")
    assert found.devices[0].precision == "fp32"
    limits = EngineSettings()
    assert found.limits.max_tiles == limits.max_tiles
    assert found.limits.max_resized_pixels == limits.max_resized_pixels
    assert found.limits.max_pixel_steps == limits.max_pixel_steps
    assert array_pb2.ENCODING_RAW in found.encodings
    assert found.revision >= found.min_client_revision >= 1


def test_models_are_listed_described_and_loaded(wire) -> None:
    listed = wire.models.ListModels(model_service_pb2.ListModelsRequest(), timeout=20).models
    assert "models/random" in {model.name for model in listed}
    request = model_service_pb2.WarmUpModelRequest(name="random")
    model = wire.models.WarmUpModel(request, timeout=60).model
    assert model.state == model_service_pb2.MODEL_STATE_LOADED
    request = model_service_pb2.GetModelRequest(name="models/random")
    assert wire.models.GetModel(request, timeout=20).model == model
    assert model.channels == 2
    assert len(model.digest) == 64
    page = wire.models.ListModels(model_service_pb2.ListModelsRequest(page_size=1), timeout=20)
    assert len(page.models) == 1


def test_health_and_reflection(wire) -> None:
    from grpc_health.v1 import health_pb2, health_pb2_grpc
    from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

    health = health_pb2_grpc.HealthStub(wire.channel)
    for service in ("", *SERVICES):
        answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=20)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    stub = reflection_pb2_grpc.ServerReflectionStub(wire.channel)
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    answer = next(stub.ServerReflectionInfo(iter([ask]), timeout=20))
    assert set(SERVICES) <= {service.name for service in answer.list_services_response.service}


NUMBERS = st.one_of(
    st.sampled_from([0.0, -1.0, 1e-300, 1e300, float("nan"), float("inf"), 30.0]),
    st.floats(allow_nan=True),
)
TEXTS = st.one_of(st.sampled_from(["", "random", "models/random", "cyto3", "\0", "/"]), st.text())


def failure_of(call: Callable[[], object]) -> grpc.RpcError | None:
    try:
        call()
    except grpc.RpcError as error:
        return error
    return None


@st.composite
def requests(draw: st.DrawFn, name: str) -> API.SegmentRequest:
    """Any request that the protocol can write; now and then one that is nearly right."""
    image = st.one_of(st.just(name), st.just(name), TEXTS)
    enum = st.integers(-2, 9)
    request = API.SegmentRequest(model=draw(st.one_of(st.just("random"), TEXTS)))
    for _ in range(draw(st.integers(0, 3))):
        request.channels.add(
            role=draw(enum), image=draw(image), channel=draw(st.sampled_from([0, 1, 2, 2**32 - 1]))
        )
    request.axes.extend(draw(st.one_of(st.just([4, 5]), st.lists(enum, max_size=6))))
    for _ in range(draw(st.integers(0, 2))):
        start, stop = draw(st.integers(0, 2**64 - 1)), draw(st.integers(0, 100))
        request.region.add(axis=draw(enum), start=start, stop=stop)
    request.outputs.extend(draw(st.lists(enum, max_size=4)))
    request.title = draw(TEXTS)
    request.mask_image = draw(st.one_of(st.just(""), image))
    request.priority = draw(enum)
    request.accept_encodings.extend(draw(st.lists(enum, max_size=3)))
    own = request.cellpose
    thresholds = ("flow_threshold", "cellprob_threshold", "max_size_fraction")
    for field in (*thresholds, "tolerance", "tile_overlap"):
        if draw(st.booleans()):
            setattr(own, field, draw(NUMBERS))
    if draw(st.booleans()):
        own.min_size = draw(st.integers(-(2**63), 2**63 - 1))
        own.max_size = draw(st.integers(-(2**63), 2**63 - 1))
    if draw(st.booleans()):
        own.niter = draw(st.sampled_from([0, 1, 200, 2**32 - 1]))
    if draw(st.booleans()):
        own.normalisation.percentiles.low = draw(NUMBERS)
        own.normalisation.percentiles.high = draw(NUMBERS)
    if draw(st.booleans()):
        own.normalisation.fixed.low = draw(NUMBERS)
        own.normalisation.fixed.high = draw(NUMBERS)
    if draw(st.booleans()):
        own.normalisation.tile_blocksize = draw(st.sampled_from([0, 1, 8, 50, 2**32 - 1]))
    setattr(own.diameter, draw(st.sampled_from(["pixels", "micrometres"])), draw(NUMBERS))
    for axis in "yx":
        if draw(st.booleans()):
            setattr(request.calibration, f"{axis}_micrometres", draw(NUMBERS))
    return request


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_request_is_an_internal_error(wire, name, data) -> None:
    request = data.draw(requests(name))
    failure = failure_of(lambda: wire.run(request))
    if failure is not None:
        assert failure.code() not in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
        assert detail_of(failure).reason


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_upload_is_an_internal_error(wire, data) -> None:
    sizes = st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 4, 4096])
    digest = "images/" + "a" * 64
    messages = []
    for _ in range(data.draw(st.integers(0, 3))):
        message = image_service_pb2.UploadImageRequest()
        if data.draw(st.booleans()):
            message.header.name = data.draw(st.one_of(st.just(digest), TEXTS))
            message.header.resume_offset = data.draw(sizes)
            message.header.spec.data_type = data.draw(st.integers(-1, 6))
            message.header.spec.shape.extend(data.draw(st.lists(sizes, max_size=7)))
        else:
            message.chunk.offset = data.draw(sizes)
            message.chunk.length = data.draw(st.integers(0, 2**32 - 1) | st.just(4))
            message.chunk.encoding = data.draw(st.integers(-1, 4))
            message.chunk.data = data.draw(st.binary(max_size=64))
        messages.append(message)
    with pytest.raises(grpc.RpcError) as caught:
        wire.upload(messages)
    assert caught.value.code() not in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
    assert detail_of(caught.value).reason
