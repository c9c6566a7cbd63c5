"""Stacks from the Python client on a real engine."""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cellwire_client import (
    Engine,
    InvalidRequestError,
    Progress,
    SegmentationCancelledError,
    connect,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def client(engine: Any) -> Iterator[Engine]:
    with connect(engine.address) as connected:
        yield connected


def new_stack(*lengths: int, side: int = 70) -> np.ndarray[Any, Any]:
    """Different in every test, so that no result is ready from before."""
    noise = np.random.default_rng(uuid.uuid4().int)
    return noise.integers(0, 999, (*lengths, side, side)).astype(np.uint16)


def test_planes_are_what_they_are_alone(client: Engine, model: str) -> None:
    stack = new_stack(3)
    together = client.segment(stack, model, axes="ZYX", stack="planes", outputs=("labels", "flows"))
    assert together.axes == "ZYX"
    assert together.labels.shape == stack.shape
    assert together.flows.shape == (2, *stack.shape)
    assert len(together.diameters) == len(together.median_diameters) == 3
    total = 0
    for index, plane in enumerate(stack):
        alone = client.segment(plane, model, outputs=("labels", "flows"))
        assert alone.axes == "YX"
        assert np.array_equal(alone.labels, together.labels[index])
        assert np.array_equal(alone.flows, together.flows[:, index])
        assert alone.median_diameter == together.median_diameters[index]
        total += alone.count
    assert together.count == total


def test_frames_and_planes_in_any_order_of_axes(client: Engine, model: str) -> None:
    stack = new_stack(2, 3)
    options: dict[str, Any] = {"stack": "stitched", "link_frames": True, "stitch_threshold": 0.1}
    plain = client.segment(stack, model, axes="TZYX", **options)
    moved = client.segment(np.moveaxis(stack, 0, 2), model, axes="ZYTX", **options)
    assert plain.axes == moved.axes == "TZYX"
    assert plain.labels.shape == stack.shape
    assert np.array_equal(plain.labels, moved.labels)
    part = client.segment(stack, model, axes="TZYX", region={"T": (1, 2)}, stack="planes")
    assert part.labels.shape == (1, 3, 70, 70)


def test_a_volume_with_all_its_outputs(client: Engine, model: str) -> None:
    stack = new_stack(8, side=30)
    seen: list[Progress] = []
    result = client.segment(
        stack,
        model,
        axes="ZYX",
        stack="volume",
        pixel_size=(1.0, 0.5, 0.5),
        flow_smoothing=1,
        outputs=("labels", "rois", "flows", "cellprob", "style", "table"),
        progress=seen.append,
    )
    assert result.flows.shape == (3, *stack.shape)
    assert result.cellprob.shape == result.labels.shape == stack.shape
    assert result.style.shape[-1] == 256
    assert len(result.diameters) == 1
    assert result.provenance["parameters"]["stack"]["anisotropy"] == 2.0
    assert {"network", "dynamics", "masks"} <= {step.stage for step in seen}
    given = client.segment(stack, model, axes="ZYX", stack="volume", anisotropy=2, flow_smoothing=1)
    assert np.array_equal(given.labels, result.labels)
    with pytest.raises(InvalidRequestError, match="anisotropy must be above 0") as caught:
        client.segment(stack, model, axes="ZYX", stack="volume", anisotropy=0)
    assert caught.value.reason == "INVALID_PARAMETER"


def test_progress_goes_part_by_part_and_can_be_cancelled_between(
    client: Engine, model: str
) -> None:
    seen: list[Progress] = []
    stack = new_stack(4)
    client.segment(stack, model, axes="ZYX", stack="stitched", progress=seen.append)
    assert {step.parts for step in seen if step.part} == {4}
    assert all(1 <= step.part <= step.parts for step in seen if step.part)
    parts = [step.part for step in seen if step.stage == "network"]
    assert parts == sorted(parts)
    cancel, long = threading.Event(), new_stack(60, side=90)

    def on(step: Progress) -> None:
        if step.part:
            cancel.set()

    began = time.monotonic()
    with pytest.raises(SegmentationCancelledError):
        client.segment(
            long, model, axes="ZYX", stack="planes", diameter=6, progress=on, cancel=cancel
        )
    while client.info().active_segmentations:
        assert time.monotonic() - began < 60
        time.sleep(0.05)


def test_work_that_was_started_is_watched(client: Engine, model: str) -> None:
    stack = new_stack(2)
    name = client.start(stack, model, axes="TYX", stack="planes", link_frames=True)
    result = client.watch(name)
    assert result.axes == "TYX"
    assert result.labels.shape == stack.shape
