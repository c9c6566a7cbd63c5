from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellwire_api.v1 import array_pb2, segmentation_service_pb2
from cellwire_client import InvalidRequestError
from cellwire_client.arrays import to_wire
from cellwire_client.ordering import make_order
from cellwire_client.parameters import parse_diameter

IMAGE = np.zeros((8, 9), np.uint16)
STACK = np.zeros((3, 8, 9), np.uint16)


def request(array: Any = IMAGE, **options: Any) -> segmentation_service_pb2.SegmentRequest:
    return make_order(array, "nuclei", options).request  # type: ignore[arg-type]


def test_what_is_left_out_stays_the_models_default() -> None:
    made = request()
    assert made.model == "nuclei"
    assert made.cellpose.ListFields() == []
    assert list(made.axes) == [array_pb2.AXIS_Y, array_pb2.AXIS_X]
    assert len(made.request_id) == 36
    assert request(min_size=None, diameter=None).cellpose.ListFields() == []
    assert request(request_id="mine").request_id == "mine"


def test_zero_and_false_are_values() -> None:
    made = request(
        min_size=0, flow_threshold=0, resample=False, normalise=False, tile_blocksize=0
    ).cellpose
    for name in ("min_size", "flow_threshold", "resample"):
        assert made.HasField(name)
    assert made.normalisation.HasField("enabled")
    assert made.normalisation.HasField("tile_blocksize")


def test_every_parameter_reaches_its_field() -> None:
    made = request(
        diameter=30,
        flow_threshold=0.5,
        cellprob_threshold=-1,
        min_size=-1,
        max_size=900,
        max_size_fraction=0.3,
        niter=200,
        tolerance=1e-3,
        augment=True,
        resample=True,
        exclude_on_edges=True,
        tile_overlap=0.2,
        compat="cellpose3",
        percentiles=(2, 98),
        tile_blocksize=64,
        invert=True,
    ).cellpose
    assert {field.name for field, _ in made.ListFields()} == {
        field.name for field in made.DESCRIPTOR.fields
    }
    assert made.normalisation.percentiles.high == 98
    assert request(intensity_range=(10, 4000)).cellpose.normalisation.fixed.low == 10


@pytest.mark.parametrize(
    ("value", "field", "size"),
    [
        (30, "pixels", 30.0),
        (0, "pixels", 0.0),
        ("12.5", "pixels", 12.5),
        ("30 px", "pixels", 30.0),
        ("10um", "micrometres", 10.0),
        ("10 µm", "micrometres", 10.0),
        ("1e6", "pixels", 1e6),
        ("-3", "pixels", -3.0),
    ],
)
def test_diameters_are_read(value: Any, field: str, size: float) -> None:
    made = parse_diameter(value)
    assert made is not None
    assert made.WhichOneof("value") == field
    assert getattr(made, field) == size


def test_an_automatic_diameter_is_asked_for_and_none_is_not_said() -> None:
    automatic = parse_diameter("Auto")
    assert automatic is not None
    assert automatic.WhichOneof("value") == "automatic"
    assert parse_diameter(None) is None


@pytest.mark.parametrize(
    ("array", "options", "says"),
    [
        (STACK, {}, "not said which is which"),
        (STACK, {"axes": "YX"}, "do not fit"),
        (STACK, {"axes": "CYY"}, "do not fit"),
        (STACK, {"axes": "QYX"}, "do not fit"),
        (STACK, {"axes": "CYX"}, "3 channels and none was chosen"),
        (STACK, {"axes": "CYX", "channels": (4,)}, "Channel 4 was asked for; the image has 3"),
        (STACK, {"axes": "CYX", "channels": ("DAPI",)}, "no channel 'DAPI'"),
        (STACK, {"axes": "CYX", "channels": (1, 2, 3)}, "has 3 entries"),
        (IMAGE, {"diameter": "big"}, "'big' is not understood"),
        (IMAGE, {"diameter": "10um"}, "the size of a pixel is not known"),
        (IMAGE, {"flow_threshold": "much"}, "flow_threshold must be a number"),
        (IMAGE, {"niter": 1.5}, "niter must be a whole number"),
        (IMAGE, {"niter": -1}, "niter is out of its range"),
        (IMAGE, {"percentiles": 99}, "takes two numbers"),
        (IMAGE, {"percentiles": (1, 99), "intensity_range": (0, 9)}, "exclude each other"),
        (IMAGE, {"outputs": ("labels", "mask")}, "no output 'mask'"),
        (IMAGE, {"priority": "urgent"}, "no priority 'urgent'"),
        (IMAGE, {"pixel_size": 0}, "must be positive"),
        (IMAGE, {"region": {"Y": (5, 5)}}, "region Y: 5 to 5"),
        (IMAGE, {"nucleus": np.zeros((4, 4), np.uint16)}, "nuclei.*4, 4"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(
    array: Any, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidRequestError, match=says) as caught:
        request(array, **options)
    assert caught.value.next_step


def test_an_option_that_is_not_there_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="no argument 'diametre'"):
        request(diametre=30)


def test_channels_by_number_and_name() -> None:
    names = ("Actin", "DAPI", "GFP")
    for channels in ((3, 2), ("gfp", "DAPI"), ("3", 2)):
        made = request(STACK, axes="CYX", channels=channels, channel_names=names)
        assert [c.channel for c in made.channels] == [3, 2]
        assert [c.role for c in made.channels] == [
            segmentation_service_pb2.CHANNEL_ROLE_SEGMENTED,
            segmentation_service_pb2.CHANNEL_ROLE_NUCLEUS,
        ]
    for channels in ((0, 0), (0,), ("mean", "none"), None):
        made = request(STACK, axes="CYX", channels=channels, channel_names=("red", "green", "blue"))
        assert [c.channel for c in made.channels] == [0]


def test_a_second_image_and_a_mask_travel_as_images_of_their_own() -> None:
    nuclei = np.ones((8, 9), np.uint8)
    mask = np.zeros((8, 9), bool)
    order = make_order(IMAGE, "cyto", {"nucleus": nuclei, "mask": mask})
    assert [c.image for c in order.request.channels] == [
        to_wire(IMAGE).name,
        to_wire(nuclei).name,
    ]
    assert order.request.mask_image == to_wire(mask).name
    assert [packed for _, packed in order.images] == [False, False, True]


def test_roi_sets_are_left_out_where_imagej_could_not_hold_them() -> None:
    wide = make_order(np.zeros((1, 40_000), np.uint8), "nuclei", {})
    assert list(wide.request.outputs) == [segmentation_service_pb2.OUTPUT_KIND_LABELS]
    assert "32,767" in wide.notices[0]
    assert len(request().outputs) == 2
