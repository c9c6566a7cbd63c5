"""Stacks as jobs ask for them, with a network that needs no weights: what the functions give."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cellwire.errors import CancelledError, ImageTooLargeError, InvalidParameterError
from cellwire.jobs.job import ChannelInput, SegmentationJob
from cellwire.jobs.memory_share import MemoryShare
from cellwire.jobs.settings import EngineSettings
from cellwire.jobs.stack import IntensityScope, StackMode, StackWishes
from cellwire.jobs.stack_memory import room_for_stack
from cellwire.jobs.stack_segmentation import SegmentedStack, StackTools, segment_stack
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.pipeline import segment_plane
from cellwire.segmentation.volume.cleaning import clean_volume
from cellwire.segmentation.volume.parameters import VolumeMemory, VolumeParameters
from cellwire.segmentation.volume.pipeline import segment_volume
from cellwire.segmentation.volume.stitching import link_frames, stitch_planes
from cellwire.segmentation.volume.work import check_stack_work
from tests.unit.segmentation.volume.balls import balls
from tests.unit.segmentation.volume.gradient_network import GradientNetwork, picture

if TYPE_CHECKING:
    from pathlib import Path

PARAMETERS = CellposeParameters(diameter=17.0)
FRAME = picture(balls((22, 42, 44), 20, (7, 9), seed=3))[..., 0]
SERIES = np.stack([FRAME, np.roll(FRAME, 2, axis=2) * 0.5])
"""(T, Z, Y, X): the same balls, moved a little and dimmed."""


class Size:
    """A size model that knows nothing: what it starts with is the mean diameter."""

    A = np.zeros(256)
    smean = np.zeros(256)
    diam_mean = 17.0
    ymean = 0.0


def segmented(
    array: np.ndarray,
    axes: str,
    wishes: StackWishes,
    parameters: CellposeParameters = PARAMETERS,
    **changes: Any,
) -> SegmentedStack:
    own = {name: changes.pop(name) for name in ("mask", "flows") if name in changes}
    tools = {
        "network": GradientNetwork(),
        "orthogonal": None,
        "size": Size(),
        "limits": EngineSettings(),
        "memory": VolumeMemory(),
        "share": MemoryShare(),
        "report": lambda *_: None,
    }
    job = SegmentationJob("m", (ChannelInput(array),), axes, **own)
    return segment_stack(job, wishes, parameters, StackTools(**{**tools, **changes}))


def volume(image: np.ndarray) -> Any:
    return segment_volume(image[..., None], PARAMETERS, GradientNetwork(), VolumeParameters())


VOLUME = StackWishes(StackMode.VOLUME, anisotropy=1.0)


def test_planes_are_what_each_is_alone() -> None:
    done = segmented(SERIES, "TZYX", StackWishes())
    found = done.segmentation
    assert (found.axes, found.restarts, found.anisotropy) == ("TZYX", "Z", 1.0)
    assert found.flows.shape == (2, *SERIES.shape)
    assert done.image.shape == (*SERIES.shape, 1)
    count = 0
    for t in range(2):
        for z in range(22):
            alone = segment_plane(SERIES[t, z][..., None], PARAMETERS, GradientNetwork())
            assert np.array_equal(found.labels[t, z], alone.labels)
            assert np.array_equal(found.flows[:, t, z], alone.flows)
            assert np.array_equal(found.cellprob[t, z], alone.cellprob)
            assert np.array_equal(found.styles[t * 22 + z], alone.style)
            assert found.median_diameters[t * 22 + z] == alone.median_diameter
            count += alone.count
    assert found.count == count > 22
    assert found.diameters == (17.0,) * 44


def test_stitched_is_planes_then_overlap_then_whole_objects() -> None:
    found = segmented(SERIES, "TZYX", StackWishes(StackMode.STITCHED)).segmentation
    own = replace(PARAMETERS, min_size=0)
    for t in range(2):
        planes = [segment_plane(p[..., None], own, GradientNetwork()).labels for p in SERIES[t]]
        expected = clean_volume(stitch_planes(np.stack(planes)), PARAMETERS)
        assert np.array_equal(found.labels[t], expected.labels)
    assert (found.restarts, found.count) == ("T", 8)


def test_volumes_are_what_each_frame_is_alone() -> None:
    found = segmented(SERIES, "TZYX", VOLUME).segmentation
    frames = [volume(frame) for frame in SERIES]
    for t, alone in enumerate(frames):
        assert np.array_equal(found.labels[t], alone.labels)
        assert np.array_equal(found.flows[:, t], alone.flows)
        assert np.array_equal(found.cellprob[t], alone.cellprob)
        assert np.array_equal(found.styles[t], alone.style)
        assert found.median_diameters[t] == alone.median_diameter
    assert found.count == sum(alone.count for alone in frames) == 8
    one = segmented(FRAME, "ZYX", VOLUME).segmentation
    assert (one.axes, one.restarts, one.labels.shape) == ("ZYX", "", FRAME.shape)
    assert np.array_equal(one.labels, frames[0].labels)


@pytest.mark.parametrize("mode", [StackMode.STITCHED, StackMode.VOLUME])
def test_linked_objects_keep_their_number_through_whole_frames(mode: StackMode) -> None:
    apart = segmented(SERIES, "TZYX", StackWishes(mode, anisotropy=1.0)).segmentation
    linked = segmented(
        SERIES, "TZYX", StackWishes(mode, anisotropy=1.0, link_frames=True)
    ).segmentation
    assert np.array_equal(linked.labels, link_frames(apart.labels))
    assert (linked.restarts, linked.count) == ("", 4)


def test_frames_may_be_linked_by_another_overlap_than_planes() -> None:
    wishes = StackWishes(StackMode.STITCHED, stitch_threshold=0.1)
    apart = segmented(SERIES, "TZYX", wishes).segmentation
    strict = replace(wishes, link_frames=True, link_threshold=0.9)
    linked = segmented(SERIES, "TZYX", strict)
    assert np.array_equal(linked.segmentation.labels, link_frames(apart.labels, 0.9))
    assert linked.segmentation.count > link_frames(apart.labels, 0.1).max()
    assert linked.facts["stack"]["link_threshold"] == 0.9


def test_a_series_of_planes_is_linked_plane_by_plane() -> None:
    frames = SERIES[:, 11]
    apart = segmented(frames, "TYX", StackWishes()).segmentation
    linked = segmented(frames, "TYX", StackWishes(link_frames=True)).segmentation
    assert (apart.restarts, linked.restarts) == ("T", "")
    assert np.array_equal(linked.labels, link_frames(apart.labels))
    two = segmented(SERIES[:, 10:12], "TZYX", StackWishes(link_frames=True)).segmentation
    upper, lower = two.labels[:, 0], two.labels[:, 1]
    assert not set(np.unique(upper)) & set(np.unique(lower)) - {0}
    assert two.count == two.labels.max() == len(np.unique(two.labels)) - 1


def test_planes_that_share_a_range_keep_their_differences() -> None:
    """The second frame is half as bright: with a range of its own that makes no difference."""
    plain = replace(PARAMETERS, flow_threshold=0.0)

    def prob(scope: IntensityScope) -> np.ndarray:
        wishes = StackWishes(intensity_scope=scope)
        return segmented(SERIES, "TZYX", wishes, plain).segmentation.cellprob.max(axis=(2, 3))

    plane, frame, whole = (prob(scope) for scope in IntensityScope)
    middle = 10
    assert np.allclose(plane[0, middle], plane[1, middle], rtol=0.05)
    assert np.allclose(frame[0, middle], frame[1, middle], rtol=0.05)
    assert whole[1, middle] < 0.7 * whole[0, middle]
    assert frame[0].min() < 0.5 * plane[0].min(), "faint planes are not stretched"
    volumes = segmented(
        SERIES, "TZYX", replace(VOLUME, intensity_scope=IntensityScope.WHOLE), plain
    ).segmentation
    assert volumes.cellprob[1].max() < 0.7 * volumes.cellprob[0].max()


@pytest.mark.parametrize("mode", list(StackMode))
def test_an_automatic_diameter_is_one_for_all_and_told(mode: StackMode) -> None:
    empty = np.concatenate([np.zeros((9, 42, 44), np.float32), FRAME])
    wishes = StackWishes(mode, anisotropy=1.0)
    done = segmented(empty, "ZYX", wishes, replace(PARAMETERS, diameter=None))
    places = done.facts["sized_planes"]
    assert 1 <= len(places) <= 5
    assert all(t == 0 and z >= 9 for t, z in places)
    assert len(set(done.segmentation.diameters)) == 1
    assert 10 < done.parameters.diameter < 20
    given = segmented(empty, "ZYX", wishes, done.parameters)
    assert np.array_equal(given.segmentation.labels, done.segmentation.labels)


def test_a_mask_is_for_planes() -> None:
    mask = np.zeros((42, 44), np.uint8)
    mask[:, 22:] = 1
    for mode in (StackMode.PLANES, StackMode.STITCHED):
        found = segmented(FRAME, "ZYX", StackWishes(mode), mask=mask).segmentation
        assert found.count
        assert not found.labels[..., :22].any()
    with pytest.raises(InvalidParameterError, match="volume is segmented without"):
        segmented(FRAME, "ZYX", VOLUME, mask=mask)


@pytest.mark.parametrize("mode", list(StackMode))
def test_files_and_memory_give_the_same(mode: StackMode, tmp_path: Path) -> None:
    wishes = StackWishes(mode, anisotropy=1.0, link_frames=True)
    with pytest.raises(ImageTooLargeError, match=r"2 × 22 × 42 × 44 voxels takes up to") as refused:
        segmented(SERIES, "TZYX", wishes, memory=VolumeMemory(budget=700_000))
    assert "Give a scratch folder with" in refused.value.next_step
    budget = 9_000_000 if mode is StackMode.VOLUME else 700_000
    plain = segmented(SERIES, "TZYX", wishes).segmentation
    filed = segmented(SERIES, "TZYX", wishes, memory=VolumeMemory(budget, tmp_path)).segmentation
    for name in ("labels", "flows", "cellprob", "styles"):
        assert np.array_equal(getattr(plain, name), getattr(filed, name))
    bare = segmented(SERIES, "TZYX", wishes, flows=False).segmentation
    assert np.array_equal(bare.labels, plain.labels)
    assert bare.flows.size == bare.cellprob.size == 0


def test_more_work_than_allowed_is_refused_before_any() -> None:
    network = GradientNetwork()
    for wishes, tiles in ((StackWishes(), 44), (VOLUME, 2 * (22 + 42 + 44))):
        limits = EngineSettings(max_tiles=tiles - 1)
        with pytest.raises(ImageTooLargeError, match=f"44 .* are {tiles} tiles; the limit is"):
            segmented(SERIES, "TZYX", wishes, network=network, limits=limits)
    assert not network.shapes


@pytest.mark.parametrize(
    "wishes",
    [
        StackWishes(StackMode.STITCHED, link_frames=True),
        StackWishes(StackMode.VOLUME, anisotropy=1.5, link_frames=True, flow_smoothing=1.0),
    ],
    ids=["stitched", "volume"],
)
def test_progress_names_parts_and_work_stops_in_every_stage(wishes: StackWishes) -> None:
    small = SERIES[:, 4:18]
    seen: list[tuple[Any, ...]] = []
    automatic = replace(PARAMETERS, diameter=None)
    segmented(small, "TZYX", wishes, automatic, report=lambda *what: seen.append(what))
    parts = 2 if wishes.mode is StackMode.VOLUME else 28
    inner = [what for what in seen if what[0] == "network"]
    assert [part for *_, part, _ in inner] == sorted(part for *_, part, _ in inner)
    assert {part for *_, part, _ in inner} == set(range(1, parts + 1))
    assert {whole for *_, whole in inner} == {parts}
    own = {"resize", "smooth"} if wishes.mode is StackMode.VOLUME else {"stitching", "clean"}
    stages = dict.fromkeys(what[0] for what in seen)
    assert {"reading", "size", "normalise", "network", "dynamics", "masks", "linking"} <= {*stages}
    assert own <= {*stages}
    for stage in stages:

        def stop(name: str, *_: int, at: str = stage) -> None:
            if name == at:
                raise CancelledError("Stopped.")

        with pytest.raises(CancelledError):
            segmented(small, "TZYX", wishes, automatic, report=stop)


def test_another_network_may_see_the_other_views() -> None:
    network, orthogonal = GradientNetwork(), GradientNetwork()
    segmented(FRAME, "ZYX", VOLUME, network=network, orthogonal=orthogonal)
    assert sum(shape[0] for shape in network.shapes) == 22
    assert sum(shape[0] for shape in orthogonal.shapes) == 42 + 44


LARGE = (1, 256, 2048, 2048)


@pytest.mark.parametrize("mode", list(StackMode))
def test_a_large_stack_is_possible_in_16_gb_with_files(mode: StackMode, tmp_path: Path) -> None:
    wishes = StackWishes(mode, anisotropy=1.0)
    parameters = CellposeParameters(diameter=30.0)
    volume = VolumeParameters() if mode is StackMode.VOLUME else None
    check_stack_work(LARGE, parameters, volume, 30.0, EngineSettings())
    about: Any = (LARGE, 1, wishes, parameters, VolumeParameters(), 30.0, 0)
    budget = 16 * 10**9
    with pytest.raises(ImageTooLargeError, match=r"the limit is 16\.00 GB"):
        room_for_stack(*about, VolumeMemory(budget), flows=True)
    enough = SimpleNamespace(free=10**11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: enough)
        room = room_for_stack(*about, VolumeMemory(budget, tmp_path), flows=True)
    assert room.workspace.scratch == tmp_path
    assert room.in_memory < 5e9


def test_a_plane_is_still_bounded_by_its_pixels() -> None:
    tiny = CellposeParameters(diameter=1.0)
    with pytest.raises(ImageTooLargeError, match="the limit is 536870912"):
        check_stack_work((1, 2, 2048, 2048), tiny, None, 30.0, EngineSettings())
