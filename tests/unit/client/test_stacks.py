from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellwire_api.v1 import array_pb2, segmentation_service_pb2, stack_parameters_pb2
from cellwire_client import IncompatibleEngineError, InvalidRequestError
from cellwire_client.ordering import make_order
from cellwire_client.progress import Progress
from cellwire_client.result import make_progress
from cellwire_client.stacks import INTENSITY_SCOPES, MODES, check_revision

PLANES = np.zeros((3, 8, 9), np.uint16)
SERIES = np.zeros((2, 3, 8, 9), np.uint16)
VOLUME: dict[str, Any] = {"axes": "ZYX", "stack": "volume", "anisotropy": 2}


def request(array: Any = PLANES, **options: Any) -> segmentation_service_pb2.SegmentRequest:
    return make_order(array, "nuclei", options).request  # type: ignore[arg-type]


def test_every_wish_reaches_its_field() -> None:
    made = request(
        SERIES,
        axes="TZYX",
        stack="volume",
        link_frames=True,
        anisotropy=2.5,
        stitch_threshold=0.4,
        link_threshold=0.1,
        flow_smoothing=1,
        intensity_scope="whole",
        half_precision=True,
        orthogonal_model="sides",
    ).stack
    assert {field.name for field, _ in made.ListFields()} == {
        field.name for field in made.DESCRIPTOR.fields
    }
    assert made.mode == stack_parameters_pb2.STACK_MODE_VOLUME
    assert made.intensity_scope == stack_parameters_pb2.INTENSITY_SCOPE_WHOLE


def test_what_is_left_out_stays_the_engines_default_and_zero_is_a_value() -> None:
    made = request(axes="ZYX", stack="stitched", link_frames=None).stack
    assert [field.name for field, _ in made.ListFields()] == ["mode"]
    made = request(axes="ZYX", stack="stitched", stitch_threshold=0, flow_smoothing=0).stack
    assert made.HasField("stitch_threshold")
    assert not made.HasField("link_threshold")
    assert made.HasField("flow_smoothing")
    assert not request(PLANES[0]).HasField("stack")


def test_every_mode_and_scope_of_the_protocol_has_a_name() -> None:
    for names, kind in (
        (MODES, stack_parameters_pb2.StackMode),
        (INTENSITY_SCOPES, stack_parameters_pb2.IntensityScope),
    ):
        assert sorted(names.values()) == sorted(value for value in kind.values() if value)


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        (0.5, (None, 0.5, 0.5)),
        (np.float32(0.5), (None, 0.5, 0.5)),
        ((0.5, 0.25), (None, 0.5, 0.25)),
        ((2, 0.5, 0.25), (2, 0.5, 0.25)),
        (np.array([2, 0.5, 0.25]), (2, 0.5, 0.25)),
    ],
)
def test_the_size_of_a_pixel_may_hold_the_distance_of_planes(given: Any, sizes: Any) -> None:
    made = request(PLANES[0], pixel_size=given).calibration
    names = ("z_micrometres", "y_micrometres", "x_micrometres")
    found = tuple(getattr(made, name) if made.HasField(name) else None for name in names)
    assert found == sizes


def test_a_volume_takes_its_anisotropy_from_the_size_of_a_pixel() -> None:
    made = request(axes="ZYX", stack="volume", pixel_size=(2, 0.5, 0.5))
    assert not made.stack.HasField("anisotropy")
    assert made.calibration.z_micrometres == 2


@pytest.mark.parametrize(
    ("array", "options", "says", "step"),
    [
        (PLANES, {"axes": "ZYX"}, "3 planes along Z, and it was not said", "stack='planes'"),
        (SERIES, {"axes": "TZYX", "region": {"Z": (1, 2)}}, "2 frames along T", "'T': "),
        (PLANES, {"stack": "volume"}, "not said which is which", "axes="),
        (PLANES, {"axes": "ZYX", "stack": "3d"}, "no way '3d'", "planes, stitched, volume"),
        (PLANES, {"axes": "ZYX", "stack": True}, "no way True", "volume"),
        (PLANES[0], {"stack": "planes"}, "is no stack: its axes are YX", "axes="),
        (PLANES[0], {"link_frames": True}, "link_frames is about stacks", "stack="),
        (PLANES[0], {"anisotropy": 2.0}, "anisotropy is about stacks", "stack="),
        (PLANES, {"axes": "ZYX", "stack": "volume"}, "distance of its planes", "anisotropy="),
        (
            PLANES,
            {"axes": "ZYX", "stack": "volume", "pixel_size": 0.5},
            "distance of its planes",
            r"pixel_size=(z, y, x)",
        ),
        (PLANES, {**VOLUME, "axes": "TYX"}, "stack='volume' needs planes along Z", "link_frames"),
        (PLANES, {"axes": "TYX", "stack": "stitched"}, "is a time series without", "axis Z"),
        (PLANES[:1], VOLUME, "at least 2 planes along Z; there is 1", "stack='planes'"),
        (PLANES, {**VOLUME, "region": {"z": (0, 1)}}, "at least 2 planes along Z", "whole stack"),
        (PLANES, {**VOLUME, "anisotropy": "much"}, "anisotropy must be a number", "number"),
        (PLANES, {**VOLUME, "link_frames": True}, "link_frames is about frames", "axes="),
        (PLANES, {**VOLUME, "link_threshold": 0.1}, "about linked frames", "link_frames=True"),
        (PLANES, {**VOLUME, "intensity_scope": "all"}, "no intensity_scope 'all'", "whole"),
        (PLANES, {**VOLUME, "outputs": ("unedited_labels",)}, "for one plane", "outputs="),
        (PLANES[0], {"pixel_size": (1, 1, 1, 1)}, "has 4 entries", "(z, y, x)"),
        (PLANES[0], {"pixel_size": (0, 1, 1)}, "must be positive", "micrometres"),
    ],
)
def test_what_cannot_be_a_stack_is_refused_with_the_way_out(
    array: Any, options: dict[str, Any], says: str, step: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        request(array, **options)
    assert says in caught.value.message
    assert step in caught.value.next_step


def test_an_older_engine_is_not_sent_a_stack() -> None:
    stack = request(**VOLUME)
    with pytest.raises(IncompatibleEngineError, match="box:1 does not know stacks") as caught:
        check_revision(stack, 1, "box:1")
    assert "Update the engine" in caught.value.next_step
    check_revision(stack, 2, "box:1")
    check_revision(request(PLANES[0]), 1, "box:1")


def test_progress_tells_the_part() -> None:
    event = segmentation_service_pb2.SegmentationProgress(
        stage=segmentation_service_pb2.STAGE_STITCHING, done=1, total=4, part=2, parts=7
    )
    assert make_progress(event) == Progress("stitching", 1, 4, 0, 2, 7)
    assert str(make_progress(event)) == "stitching, step 1 of 4 of part 2 of 7"
    assert str(Progress("loading_model", 0, 1)) == "loading model, step 0 of 1"


def test_axes_of_the_request() -> None:
    made = request(SERIES, axes="TZYX", stack="planes")
    assert list(made.axes) == [
        array_pb2.AXIS_TIME,
        array_pb2.AXIS_Z,
        array_pb2.AXIS_Y,
        array_pb2.AXIS_X,
    ]
