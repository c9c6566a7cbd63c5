"""The client against a real engine: the three lines, the outputs, the second use, the events."""

from __future__ import annotations

import io
import threading
import time
import uuid
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cellwire_client import (
    Engine,
    InvalidRequestError,
    ModelUnknownError,
    NotInEngineError,
    Progress,
    SegmentationCancelledError,
    SegmentationTimeoutError,
    connect,
)
from cellwire_client.errors import NotRequestedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERYTHING = ("labels", "rois", "flows", "cellprob", "style", "unedited_labels", "table")


@pytest.fixture(scope="module")
def client(engine: Any) -> Iterator[Engine]:
    with connect(engine.address) as connected:
        yield connected


def new_image(side: int = 150) -> np.ndarray[Any, Any]:
    """Different in every test, so that no result is ready from before."""
    return np.random.default_rng(uuid.uuid4().int).integers(0, 999, (side, side)).astype(np.uint16)


def slow_image() -> np.ndarray[Any, Any]:
    """Some hundred tiles at diameter 8: more than any test waits for."""
    return new_image(600)


def wait_until(condition: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_three_lines(engine: Any, model: str, cells: np.ndarray) -> None:
    with connect(engine.address) as connected:
        result = connected.segment(cells, model=model)
    assert result.labels.shape == cells.shape
    assert result.labels.dtype == np.uint32
    assert result.labels.max() == result.count
    assert result.diameter == pytest.approx(30)
    assert result.roi_zip[:2] == b"PK"
    assert set(result.outputs) == {"labels", "rois"}
    assert result.model == model
    assert result.provenance["digest"] == result.model_digest
    with pytest.raises(NotRequestedError, match="flows were not asked for"):
        _ = result.flows


def test_everything_that_can_be_asked_for(client: Engine, model: str, cells: np.ndarray) -> None:
    result = client.segment(cells, model, diameter=25, min_size=30, outputs=EVERYTHING)
    assert result.flows.shape == (2, *cells.shape)
    assert result.cellprob.shape == cells.shape
    assert result.flows.dtype == result.cellprob.dtype == np.float32
    assert result.style.shape == (256,)
    assert np.linalg.norm(result.style) == pytest.approx(1, abs=1e-4)
    kept = result.unedited_labels <= result.count
    assert np.array_equal(result.unedited_labels[kept], result.labels[kept])
    extra = set(np.unique(result.unedited_labels)) - set(range(result.count + 1))
    assert set(result.removed) == extra
    assert set(result.removed.values()) <= {"small", "large", "edge"}
    with zipfile.ZipFile(io.BytesIO(result.roi_zip)) as rois:
        assert len(rois.namelist()) == result.count
    rows = [line for line in result.table.splitlines() if line and not line.startswith("#")]
    assert len(rows) == result.count + 1
    assert result.diameter == pytest.approx(25)
    assert result.seconds["network"] > 0


def test_the_second_use_of_an_image_sends_nothing(client: Engine) -> None:
    image = new_image()
    name, sent = client.upload(image)
    assert sent == image.nbytes
    assert client.upload(image.astype(">u2")) == (name, 0)
    client.delete_image(image)
    assert client.upload(image) == (name, image.nbytes)


def test_a_broken_upload_goes_on_where_it_stopped(client: Engine, model: str) -> None:
    image = np.random.default_rng(1).integers(0, 9, (3000, 3000)).astype(np.uint32)

    def break_off(step: Progress) -> None:
        if step.stage == "uploading" and step.done > image.nbytes // 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.segment(image, model, progress=break_off)
    time.sleep(0.3)
    _, sent = client.upload(image)
    assert 0 < sent < image.nbytes
    assert sent % (1 << 20) == image.nbytes % (1 << 20)
    client.delete_image(image)


def test_models_and_the_engine_describe_themselves(client: Engine, model: str) -> None:
    assert model in {found.name for found in client.models()}
    assert client.warm_up(model).state == "loaded"
    found = client.model(model)
    assert found.channels == 2
    assert found.mean_diameter == pytest.approx(30)
    assert len(found.digest) == 64
    about = client.info()
    assert about.state == "serving"
    assert about.max_message_bytes == 4 << 20
    assert about.devices


def test_an_unknown_model_names_the_nearest(client: Engine, cells: np.ndarray) -> None:
    with pytest.raises(ModelUnknownError, match="random"):
        client.model("randon")
    with pytest.raises(ModelUnknownError):
        client.segment(cells, "randon")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"diameter": 0}, "diameter"),
        ({"diameter": -3}, "diameter"),
        ({"diameter": 1e6}, "diameter"),
        ({"flow_threshold": -1}, "flow threshold"),
        ({"percentiles": (99, 1)}, "percentile"),
        ({"compat": "cellpose9"}, "compat"),
        ({"region": {"Y": (0, 9999)}}, "Y"),
        ({"mask": np.ones((5, 5))}, "mask"),
    ],
)
def test_what_is_out_of_range_is_refused_by_the_engine(
    client: Engine, model: str, cells: np.ndarray, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidRequestError, match=says) as caught:
        client.segment(cells, model, **options)
    assert caught.value.next_step


def test_not_a_number_is_refused(client: Engine, model: str) -> None:
    image = np.ones((64, 64), np.float32)
    image[3, 4] = np.nan
    with pytest.raises(InvalidRequestError) as caught:
        client.segment(image, model)
    assert caught.value.reason == "IMAGE_CONTENT"


def test_two_images_are_what_one_stack_is(client: Engine, model: str, cells: np.ndarray) -> None:
    nuclei = np.roll(cells, 3)
    stacked = client.segment(np.stack([cells, nuclei]), model, axes="CYX", channels=(1, 2))
    apart = client.segment(cells, model, nucleus=nuclei)
    assert np.array_equal(stacked.labels, apart.labels)


def test_a_region_and_a_mask_are_taken(client: Engine, model: str, cells: np.ndarray) -> None:
    part = client.segment(cells, model, region={"Y": (16, 176), "X": (10, 180)})
    assert np.array_equal(part.labels, client.segment(cells[16:176, 10:180], model).labels)
    mask = np.zeros(cells.shape, bool)
    mask[:, :90] = True
    assert not client.segment(cells, model, mask=mask).labels[:, 90:].any()


def test_progress_comes_in_the_callers_thread(client: Engine, model: str) -> None:
    seen: list[tuple[Progress, int]] = []
    client.segment(
        new_image(), model, progress=lambda step: seen.append((step, threading.get_ident()))
    )
    stages = [step.stage for step, _ in seen]
    assert stages[0] == "uploading"
    assert "network" in stages
    assert {thread for _, thread in seen} == {threading.get_ident()}
    assert all(step.done <= step.total for step, _ in seen)


def test_an_event_cancels_and_the_engine_is_free(client: Engine, model: str) -> None:
    cancel = threading.Event()

    def on(step: Progress) -> None:
        if step.stage == "network":
            cancel.set()

    began = time.monotonic()
    with pytest.raises(SegmentationCancelledError):
        client.segment(slow_image(), model, diameter=8, progress=on, cancel=cancel)
    wait_until(lambda: client.info().active_segmentations == 0)
    assert time.monotonic() - began < 90


def test_a_time_limit_is_kept_by_both_ends(client: Engine, model: str) -> None:
    began = time.monotonic()
    with pytest.raises(SegmentationTimeoutError, match="time limit"):
        client.segment(slow_image(), model, diameter=8, timeout=1.0)
    assert time.monotonic() - began < 15
    wait_until(lambda: client.info().active_segmentations == 0)


def test_an_error_in_the_callers_own_report_ends_the_work(client: Engine, model: str) -> None:
    def fail(step: Progress) -> None:
        if step.stage == "network":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        client.segment(slow_image(), model, diameter=8, progress=fail)
    wait_until(lambda: client.info().active_segmentations == 0)


def test_work_that_is_started_can_be_left_watched_and_cancelled(
    engine: Any, client: Engine, model: str, cells: np.ndarray
) -> None:
    image = new_image()
    with connect(engine.address) as passing:
        name = passing.start(image, model, diameter=20)
        doomed = passing.start(slow_image(), model, diameter=8)
    assert client.cancel(doomed)
    watched = client.watch(name)
    assert watched.name == name
    assert np.array_equal(watched.labels, client.watch(name).labels)
    assert np.array_equal(watched.labels, client.segment(image, model, diameter=20).labels)
    assert not client.cancel(name)
    with pytest.raises(NotInEngineError):
        client.watch("segmentations/" + "0" * 32)
    with pytest.raises(SegmentationCancelledError):
        client.watch(doomed)


def test_the_same_request_is_done_once(client: Engine, model: str) -> None:
    image, mine = new_image(), str(uuid.uuid4())
    first = client.segment(image, model, request_id=mine)
    again = client.segment(image, model, request_id=mine)
    assert again.name == first.name
    with pytest.raises(InvalidRequestError) as caught:
        client.segment(image, model, request_id=mine, diameter=40)
    assert caught.value.reason == "REQUEST_ID_REUSED"


def test_results_are_the_same_packed_and_raw(
    client: Engine, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = new_image()
    packed = client.segment(image, model, outputs=EVERYTHING)
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    raw = client.segment(image, model, outputs=EVERYTHING)
    for name in ("labels", "flows", "cellprob", "unedited_labels", "style"):
        assert np.array_equal(packed.outputs[name], raw.outputs[name])
