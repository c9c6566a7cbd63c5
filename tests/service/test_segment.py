"""A segmentation over the wire: what comes, in which order, and that it is what Python gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from wire import API, collect, connect, request_for

from cellwire.jobs.engine import Engine
from cellwire.jobs.job import ChannelInput, Diameter, SegmentationJob
from cellwire.jobs.settings import EngineSettings
from cellwire_api.v1 import array_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire import Wire

ALL_OUTPUTS = [kind for kind in API.OutputKind.values() if kind]


@pytest.fixture
def wire(server) -> Iterator[Wire]:
    with connect(server.address) as wire:
        yield wire


def in_process(array: np.ndarray, **changes: object) -> object:
    engine = Engine(EngineSettings(device="cpu"))
    given = {
        "cellprob_threshold": -50,
        "flow_threshold": 0,
        "min_size": 2,
        "max_size_fraction": 1.0,
    }
    values = {
        "model": "random",
        "channels": (ChannelInput(array, 1),),
        "given": given,
        "diameter": Diameter(pixels=30.0),
    }
    try:
        return engine.segment(SegmentationJob(**{**values, **changes}))
    finally:
        engine.close()


def test_all_outputs_are_the_in_process_ones_byte_for_byte(wire, cells) -> None:
    from cellwire.outputs.rois import roi_set
    from cellwire.outputs.table import table_csv

    outcome = wire.run(request_for(wire.send(cells), outputs=ALL_OUTPUTS))
    alone = in_process(cells)
    found = alone.segmentation
    assert outcome.finished.objects == found.count > 0
    assert np.array_equal(outcome.labels, found.labels)
    raw = outcome.raw
    assert raw[API.OUTPUT_KIND_LABELS] == found.labels.astype("<u2").tobytes()
    assert raw[API.OUTPUT_KIND_UNEDITED_LABELS] == found.unedited_labels.astype("<u2").tobytes()
    assert raw[API.OUTPUT_KIND_FLOWS] == found.flows.tobytes()
    assert raw[API.OUTPUT_KIND_CELLPROB] == found.cellprob.tobytes()
    assert raw[API.OUTPUT_KIND_STYLE] == found.style.tobytes()
    assert raw[API.OUTPUT_KIND_ROI_ZIP] == roi_set(found.labels, alone.provenance)
    table = table_csv(found, alone.calibration, alone.provenance)
    assert raw[API.OUTPUT_KIND_TABLE].decode() == table
    assert outcome.finished.provenance == alone.provenance.to_json()
    removed = outcome.headers[API.OUTPUT_KIND_UNEDITED_LABELS].removed
    assert {item.label for item in removed} == set(found.removed)


def test_events_come_in_order_and_numbered(wire, cells) -> None:
    outcome = wire.run(request_for(wire.send(cells), diameter=29.0))
    kinds = [event.WhichOneof("event") for event in outcome.events]
    assert kinds[0] == "accepted"
    assert kinds[-1] == "finished"
    assert kinds.index("progress") < kinds.index("output") < kinds.index("chunk")
    assert [event.sequence for event in outcome.events] == list(range(1, len(kinds) + 1))
    stages = [e.progress.stage for e in outcome.events if e.WhichOneof("event") == "progress"]
    assert stages == sorted(stages)
    assert {API.STAGE_NETWORK, API.STAGE_OUTPUTS} <= set(stages)


def test_labels_are_packed_only_where_accepted(wire, cells) -> None:
    name = wire.send(cells)
    packed = wire.run(request_for(name))
    plain = request_for(name)
    plain.ClearField("accept_encodings")
    raw = wire.run(plain)
    kind = API.OUTPUT_KIND_LABELS
    assert packed.headers[kind].encoding == array_pb2.ENCODING_ZSTD
    assert raw.headers[kind].encoding == array_pb2.ENCODING_RAW
    assert raw.raw[kind] == packed.raw[kind]


def test_a_result_is_given_again_without_work(wire, cells) -> None:
    request = request_for(wire.send(cells), diameter=31.0)
    first, second = wire.run(request), wire.run(request)
    assert not first.cached
    assert second.cached
    assert second.raw == first.raw
    request.cellpose.min_size = 5
    assert not wire.run(request).cached


def test_separate_images_are_the_stacked_one(wire, cells) -> None:
    nuclei = cells[::-1].copy()
    stacked = np.stack([cells, nuclei])
    role = API.CHANNEL_ROLE_NUCLEUS
    apart = request_for(
        wire.send(cells),
        channels=[API.InputChannel(role=role, image=wire.send(nuclei), channel=1)],
    )
    name = wire.send(stacked)
    together = request_for(
        name, axes="CYX", channels=[API.InputChannel(role=role, image=name, channel=2)]
    )
    first, second = wire.run(apart), wire.run(together)
    assert first.finished.objects > 0
    assert np.array_equal(first.labels, second.labels)
    alone = in_process(
        stacked,
        axes="CYX",
        channels=(ChannelInput(stacked, 1), ChannelInput(stacked, 2, nucleus=True)),
    )
    assert np.array_equal(first.labels, alone.segmentation.labels)


def test_a_region_is_the_cut_image(wire, cells) -> None:
    ranges = [
        array_pb2.AxisRange(axis=array_pb2.AXIS_Y, start=10, stop=80),
        array_pb2.AxisRange(axis=array_pb2.AXIS_X, start=20, stop=100),
    ]
    region = wire.run(request_for(wire.send(cells), region=ranges))
    cut = wire.run(request_for(wire.send(np.ascontiguousarray(cells[10:80, 20:100]))))
    assert region.labels.shape == (70, 80)
    assert np.array_equal(region.labels, cut.labels)


def test_nothing_is_found_outside_the_mask(wire, cells) -> None:
    mask = np.zeros(cells.shape, np.uint8)
    mask[20:70, 30:90] = 1
    outcome = wire.run(request_for(wire.send(cells), mask_image=wire.send(mask)))
    assert outcome.labels.any()
    assert not outcome.labels[mask == 0].any()


def test_micrometres_go_through_the_calibration(wire, cells) -> None:
    name = wire.send(cells)
    request = request_for(
        name, calibration=array_pb2.Calibration(y_micrometres=0.5, x_micrometres=0.5)
    )
    request.cellpose.diameter.micrometres = 15.0
    outcome = wire.run(request)
    assert outcome.finished.diameters == [30.0]
    assert np.array_equal(outcome.labels, wire.run(request_for(name)).labels)


def test_one_plane_of_a_stack_can_be_chosen(wire, cells) -> None:
    stack = np.stack([cells, cells[:, ::-1]])
    plane = [array_pb2.AxisRange(axis=array_pb2.AXIS_Z, start=0, stop=1)]
    outcome = wire.run(request_for(wire.send(stack), axes="ZYX", region=plane))
    assert np.array_equal(outcome.labels, wire.run(request_for(wire.send(cells))).labels)


def test_a_constant_image_is_noted(wire) -> None:
    flat = np.full((64, 64), 7, np.uint8)
    outcome = wire.run(request_for(wire.send(flat)))
    assert "constant" in outcome.finished.notices[0]


def test_watching_replays_all_or_the_rest(wire, cells) -> None:
    outcome = wire.run(request_for(wire.send(cells), diameter=33.0))
    name = outcome.events[0].accepted.name

    def watch(after: int) -> object:
        request = API.WatchSegmentationRequest(name=name, after_sequence=after)
        return collect(r.event for r in wire.segmentations.WatchSegmentation(request, timeout=20))

    again = watch(0)
    assert again.events == outcome.events
    rest = watch(3)
    assert rest.events == outcome.events[3:]
