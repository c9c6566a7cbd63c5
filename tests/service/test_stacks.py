"""Stacks and time series over the wire: three modes, linking, progress, cancelling, refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
import pytest
from wire import API, connect, detail_of, make_cells, request_for

from cellwire.images.spec import Calibration
from cellwire.jobs.engine import Engine
from cellwire.jobs.job import ChannelInput, Diameter, SegmentationJob
from cellwire.jobs.settings import EngineSettings
from cellwire.jobs.stack import IntensityScope, StackMode, StackWishes
from cellwire.outputs.rois import roi_set
from cellwire.outputs.stack_table import stack_table_csv
from cellwire_api.v1 import array_pb2, stack_parameters_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire import Wire

STACK = stack_parameters_pb2
OUTPUTS = [
    API.OUTPUT_KIND_LABELS,
    API.OUTPUT_KIND_FLOWS,
    API.OUTPUT_KIND_CELLPROB,
    API.OUTPUT_KIND_STYLE,
    API.OUTPUT_KIND_ROI_ZIP,
    API.OUTPUT_KIND_TABLE,
]
GIVEN = {
    "cellprob_threshold": -50,
    "flow_threshold": 0,
    "min_size": 2,
    "max_size_fraction": 1.0,
}
SERIES = np.stack([[make_cells(32, 40, seed) for seed in (t, t, t + 1)] for t in (0, 1)])
"""(T, Z, Y, X) = (2, 3, 32, 40)."""

CALIBRATION = array_pb2.Calibration(y_micrometres=0.5, x_micrometres=0.5, z_micrometres=1.0)


@pytest.fixture(scope="module")
def wire(server) -> Iterator[Wire]:
    with connect(server.address) as wire:
        yield wire


@pytest.fixture(scope="module")
def engine(server) -> Iterator[Engine]:
    engine = Engine(EngineSettings(device="cpu"))
    yield engine
    engine.close()


def asked(wire: Wire, array: np.ndarray, axes: str, **wishes: Any) -> API.SegmentRequest:
    request = request_for(wire.send(array), axes, outputs=OUTPUTS, calibration=CALIBRATION)
    request.stack.CopyFrom(STACK.StackParameters(**wishes))
    return request


def refused(wire: Wire, request: API.SegmentRequest) -> str:
    with pytest.raises(grpc.RpcError) as failed:
        wire.run(request)
    assert failed.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    detail = detail_of(failed.value)
    assert detail.next_step
    return detail.message


@pytest.mark.parametrize(
    ("array", "axes", "wishes", "same"),
    [
        (SERIES[0], "ZYX", {"mode": STACK.STACK_MODE_PLANES}, StackWishes()),
        (
            SERIES[:, 0],
            "TYX",
            {"link_frames": True, "link_threshold": 0.6},
            StackWishes(link_frames=True, link_threshold=0.6),
        ),
        (
            SERIES,
            "TZYX",
            {
                "mode": STACK.STACK_MODE_STITCHED,
                "link_frames": True,
                "stitch_threshold": 0.1,
                "intensity_scope": STACK.INTENSITY_SCOPE_WHOLE,
            },
            StackWishes(
                StackMode.STITCHED,
                link_frames=True,
                stitch_threshold=0.1,
                intensity_scope=IntensityScope.WHOLE,
            ),
        ),
        (
            SERIES,
            "TZYX",
            {"mode": STACK.STACK_MODE_VOLUME, "half_precision": True, "flow_smoothing": 1.0},
            StackWishes(StackMode.VOLUME, half_precision=True, flow_smoothing=1.0),
        ),
    ],
    ids=["planes", "linked", "stitched", "volumes"],
)
def test_all_outputs_are_the_in_process_ones(
    wire: Wire, engine: Engine, array: np.ndarray, axes: str, wishes: Any, same: StackWishes
) -> None:
    outcome = wire.run(asked(wire, array, axes, **wishes))
    done = engine.segment(
        SegmentationJob(
            "random",
            (ChannelInput(array, 1),),
            axes,
            Calibration(0.5, 0.5, 1.0),
            given=GIVEN,
            diameter=Diameter(pixels=30.0),
            stack=same,
        )
    )
    found = done.stack
    assert found.count > 0
    for kind, expected in (
        (API.OUTPUT_KIND_LABELS, found.labels),
        (API.OUTPUT_KIND_FLOWS, found.flows),
        (API.OUTPUT_KIND_CELLPROB, found.cellprob),
    ):
        assert np.array_equal(outcome.outputs[kind], expected)
    assert np.array_equal(outcome.outputs[API.OUTPUT_KIND_STYLE].reshape(-1, 256), found.styles)
    assert outcome.raw[API.OUTPUT_KIND_ROI_ZIP] == roi_set(
        found.labels, done.provenance, axes=found.axes, restarts=found.restarts
    )
    assert outcome.raw[API.OUTPUT_KIND_TABLE].decode() == stack_table_csv(
        found, done.calibration, done.provenance
    )
    finished = outcome.finished
    assert finished.objects == found.count
    assert list(finished.diameters) == list(found.diameters)
    assert list(finished.median_diameters) == list(found.median_diameters)
    assert json.loads(finished.provenance)["parameters"]["stack"]["mode"] == same.mode
    assert all(time.stage for time in finished.times)


def test_progress_counts_parts(wire: Wire) -> None:
    request = asked(wire, SERIES, "TZYX", mode=STACK.STACK_MODE_STITCHED, link_frames=True)
    request.cellpose.diameter.pixels = 28
    outcome = wire.run(request)
    steps = [e.progress for e in outcome.events if e.WhichOneof("event") == "progress"]
    network = [step for step in steps if step.stage == API.STAGE_NETWORK]
    assert network[0].part == 1
    assert {step.parts for step in network} == {6}
    stages = [step.stage for step in steps]
    assert API.STAGE_STITCHING in stages
    assert all(step.parts == 0 for step in steps if step.stage == API.STAGE_STITCHING)
    assert API.STAGE_UNSPECIFIED not in stages


def test_a_result_is_given_again_for_the_same_wishes_only(wire: Wire) -> None:
    stack = SERIES[0, :, 1:]
    wishes = {"mode": STACK.STACK_MODE_STITCHED}
    request = asked(wire, stack, "ZYX", **wishes)
    first, again = wire.run(request), wire.run(request)
    assert (first.cached, again.cached) == (False, True)
    assert again.raw == first.raw
    assert again.finished == first.finished
    for changes in ({"stitch_threshold": 0.5}, {"mode": STACK.STACK_MODE_PLANES}):
        assert not wire.run(asked(wire, stack, "ZYX", **{**wishes, **changes})).cached


def test_an_axis_of_one_stays_and_a_region_is_cut(wire: Wire) -> None:
    request = asked(wire, SERIES, "TZYX", mode=STACK.STACK_MODE_VOLUME)
    request.region.add(axis=array_pb2.AXIS_TIME, start=1, stop=2)
    request.region.add(axis=array_pb2.AXIS_Z, start=1, stop=3)
    request.region.add(axis=array_pb2.AXIS_X, start=4, stop=36)
    outcome = wire.run(request)
    assert outcome.labels.shape == (1, 2, 32, 32)
    header = outcome.headers[API.OUTPUT_KIND_LABELS]
    names = [array_pb2.AXIS_TIME, array_pb2.AXIS_Z, array_pb2.AXIS_Y, array_pb2.AXIS_X]
    assert list(header.axes) == names
    assert list(outcome.headers[API.OUTPUT_KIND_FLOWS].axes) == [array_pb2.AXIS_CHANNEL, *names]
    assert outcome.outputs[API.OUTPUT_KIND_FLOWS].shape == (3, 1, 2, 32, 32)


VOLUME = STACK.STACK_MODE_VOLUME


@pytest.mark.parametrize(
    ("array", "axes", "wishes", "word"),
    [
        (SERIES[0, :1], "ZYX", {"mode": VOLUME}, "at least 2 planes along Z"),
        (SERIES[0, 0], "YX", {"mode": VOLUME}, "the image is one plane"),
        (SERIES[:, 0], "TYX", {"mode": VOLUME}, "time series of 2 frames"),
        (SERIES[0], "ZYX", {"mode": VOLUME, "anisotropy": 0.0}, "must be above 0; it is 0"),
        (SERIES[0], "ZYX", {"mode": VOLUME, "anisotropy": -1.0}, "it is -1"),
        (SERIES[0], "ZYX", {"mode": VOLUME, "anisotropy": 1e9}, "at most 100"),
        (SERIES[0], "ZYX", {"mode": VOLUME, "flow_smoothing": -1.0}, "smoothing of the flows"),
        (SERIES[0], "ZYX", {"stitch_threshold": 2.0}, "least overlap"),
        (SERIES[0], "ZYX", {"link_frames": True}, "no time axis"),
        (SERIES[0], "ZYX", {"mode": 17}, "mode of the stack is 17"),
        (SERIES[0], "ZYX", {"intensity_scope": 9}, "scope of intensities is 9"),
        (SERIES[0], "ZYX", {"orthogonal_model": "models/random"}, "is for volumes"),
    ],
    ids=lambda value: str(value) if isinstance(value, (str, dict)) else "",
)
def test_what_cannot_be_is_refused_with_what_to_do(
    wire: Wire, array: np.ndarray, axes: str, wishes: Any, word: str
) -> None:
    assert word in refused(wire, asked(wire, array, axes, **wishes))


def test_unknown_distances_masks_and_unedited_labels_are_refused(wire: Wire) -> None:
    request = asked(wire, SERIES[0], "ZYX", mode=VOLUME)
    request.mask_image = wire.send(np.ones((32, 40), np.uint8))
    assert "volume is segmented without one" in refused(wire, request)
    request = asked(wire, SERIES[0], "ZYX", mode=VOLUME)
    request.calibration.ClearField("z_micrometres")
    assert "how far its planes are apart" in refused(wire, request)
    request = asked(wire, SERIES[0], "ZYX")
    request.outputs.append(API.OUTPUT_KIND_UNEDITED_LABELS)
    assert "not for a stack" in refused(wire, request)
    plane = asked(wire, SERIES[0], "ZYX")
    plane.ClearField("stack")
    assert "unless it is asked for as a stack" in refused(wire, plane)


def test_an_unknown_orthogonal_model_is_not_found(wire: Wire) -> None:
    request = asked(wire, SERIES[0], "ZYX", mode=VOLUME, orthogonal_model="models/nobody")
    with pytest.raises(grpc.RpcError) as failed:
        wire.run(request)
    assert detail_of(failed.value).reason == "MODEL_UNKNOWN"


def test_files_take_what_is_larger_than_the_memory(start_server, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("cellwire.serving.encode.SPOOLED_BYTES", 1000)
    settings = EngineSettings(device="cpu", memory_bytes=2_900_000, scratch=tmp_path)
    server = start_server(engine=settings)
    image = np.stack([make_cells(64, 64, seed) for seed in range(4)])
    with connect(server.address) as wire:
        message = refused(wire, asked(wire, np.tile(image, (1, 4, 4)), "ZYX", mode=VOLUME))
        assert "A stack of 4 × 256 × 256 voxels takes up to" in message
        assert "the limit is 2.9 MB" in message
        request = asked(wire, image, "ZYX", mode=VOLUME)
        outcome, again = wire.run(request), wire.run(request)
    assert outcome.labels.shape == image.shape
    assert outcome.finished.objects > 0
    assert again.cached
    assert again.raw == outcome.raw
    assert outcome.outputs[API.OUTPUT_KIND_FLOWS].any()


@pytest.mark.parametrize("mode", [STACK.STACK_MODE_STITCHED, VOLUME])
def test_a_lost_call_ends_the_work_within_a_batch(server, wire: Wire, mode: int) -> None:
    image = np.stack([make_cells(200, 200, seed) for seed in range(24)])
    request = asked(wire, image, "ZYX", mode=mode)
    call = wire.segmentations.Segment(request)
    for response in call:
        step = response.event.progress
        if step.stage == API.STAGE_NETWORK and (step.part > 1 or step.done > 1):
            break
    call.cancel()
    server.wait_until(lambda s: not s.segmentations.active and not s.engine.active, 30)
