"""Stacks, end to end, with a network that needs no weights."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from cellwire.errors import CancelledError
from cellwire.evaluation.matching import average_precision
from cellwire.segmentation.parameters import CellposeParameters, Normalisation
from cellwire.segmentation.result import Removal
from cellwire.segmentation.volume import pipeline
from cellwire.segmentation.volume.memory import estimate_volume_memory
from cellwire.segmentation.volume.parameters import VolumeMemory, VolumeParameters
from cellwire.segmentation.volume.pipeline import least_volume, segment_volume
from cellwire.segmentation.volume.workspace import Workspace

from .balls import balls  # noqa: TID252
from .gradient_network import GradientNetwork, picture  # noqa: TID252

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = Normalisation(enabled=False)
USUAL = CellposeParameters(diameter=17.0, normalisation=PLAIN)
LABELS = balls((42, 42, 62), 20, (7, 9), seed=3)
IMAGE = picture(LABELS)


def score(truth: np.ndarray, found: np.ndarray, iou: float = 0.5) -> float:
    return float(average_precision([truth], [found], [iou]).ap[0, 0])


def test_balls_are_found() -> None:
    result = segment_volume(IMAGE, USUAL, GradientNetwork())
    assert result.count == LABELS.max() == 12
    assert score(LABELS, result.labels, 0.75) == 1
    assert result.labels.dtype == np.uint32
    assert result.flows.shape == (3, *LABELS.shape)
    assert result.flows.dtype == result.cellprob.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(result.style), 1, atol=1e-6)
    assert {name: len(each) for name, each in result.plane_styles.items()} == {
        "YX": 42,
        "ZX": 42,
        "ZY": 62,
    }
    np.testing.assert_array_equal(result.volumes, np.bincount(result.labels.ravel())[1:])
    assert 14 < result.median_diameter < 18
    # The middle of a ball is where its flows meet.
    z, y, x = (int(each.mean()) for each in np.nonzero(result.labels == 1))
    assert (result.flows[0, z - 4, y, x] > 0) & (result.flows[0, z + 4, y, x] < 0)


@pytest.mark.parametrize(("step", "diameter"), [(2.0, 17.0), (3.0, 24.0), (0.5, 12.0)])
def test_planes_farther_or_closer_than_pixels(step: float, diameter: float) -> None:
    scale = diameter / 17
    labels = balls(
        (round(44 * scale / step), round(44 * scale), round(44 * scale)),
        21 * scale,
        (7 * scale, 9 * scale),
        depth_step=step,
    )
    parameters = CellposeParameters(diameter=diameter, normalisation=PLAIN)
    result = segment_volume(
        picture(labels, step), parameters, GradientNetwork(), VolumeParameters(anisotropy=step)
    )
    assert labels.max() == 8
    assert score(labels, result.labels) == 1
    assert 0.75 < result.median_diameter / diameter < 1.1


def test_dynamics_at_the_networks_size() -> None:
    parameters = CellposeParameters(diameter=14.0, normalisation=PLAIN, resample=False)
    result = segment_volume(IMAGE, parameters, GradientNetwork())
    assert result.flows.shape[1:] == result.labels.shape == LABELS.shape
    assert score(LABELS, result.labels) == 1


@pytest.mark.parametrize(
    "volume", [VolumeParameters(), VolumeParameters(anisotropy=1.5, flow_smoothing=1.0)], ids=str
)
def test_files_give_the_same_as_memory_and_leave_nothing(
    volume: VolumeParameters, tmp_path: Path
) -> None:
    within = segment_volume(IMAGE, USUAL, GradientNetwork(), volume)
    # Far below what the stack takes in memory, above what it takes beside files.
    budget = 15 * LABELS.size * 4
    memory = VolumeMemory(budget=budget * 2, scratch=tmp_path)
    outside = segment_volume(IMAGE, USUAL, GradientNetwork(), volume, memory=memory)
    assert outside.in_files
    assert not within.in_files
    np.testing.assert_array_equal(within.labels, outside.labels)
    np.testing.assert_array_equal(within.flows, outside.flows)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("diameter", "resample", "volume"),
    [
        (17.0, True, VolumeParameters()),
        (12.0, True, VolumeParameters(anisotropy=1.3)),
        (26.0, False, VolumeParameters(flow_smoothing=1.0, half_precision=True)),
    ],
    ids=str,
)
def test_no_more_memory_than_estimated(
    diameter: float, resample: bool, volume: VolumeParameters, tmp_path: Path
) -> None:
    """The estimate is an upper bound, and files take most of it out of memory."""
    parameters = CellposeParameters(diameter=diameter, normalisation=PLAIN, resample=resample)
    estimate = estimate_volume_memory(LABELS.shape, parameters, volume, 17.0)

    def peak(memory: VolumeMemory | None) -> int:
        tracemalloc.start()
        segment_volume(IMAGE, parameters, GradientNetwork(), volume, memory=memory)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    within = peak(None)
    outside = peak(VolumeMemory(budget=estimate.in_memory - 1, scratch=tmp_path))
    assert within <= estimate.in_memory
    assert outside <= estimate.beside_files
    assert within - outside > 0.2 * estimate.disk


def test_blocks_and_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = segment_volume(IMAGE, USUAL, GradientNetwork())
    small = Workspace(block_bytes=4 * 4 * 7 * 42 * 62)
    monkeypatch.setattr(pipeline, "choose_workspace", lambda *_: small)
    network = GradientNetwork()
    parameters = CellposeParameters(diameter=17.0, normalisation=PLAIN, batch_size=5)
    parts = segment_volume(IMAGE, parameters, network)
    np.testing.assert_array_equal(whole.flows, parts.flows)
    np.testing.assert_array_equal(whole.labels, parts.labels)
    assert {shape[0] for shape in network.shapes} <= {1, 2, 3, 4, 5}


def test_half_precision_differs_little() -> None:
    whole = segment_volume(IMAGE, USUAL, GradientNetwork())
    volume = VolumeParameters(half_precision=True, flow_smoothing=0.5)
    half = segment_volume(IMAGE, USUAL, GradientNetwork(), volume)
    assert half.flows.dtype == half.cellprob.dtype == np.float16
    assert score(whole.labels, half.labels, 0.9) == 1


def test_another_network_sees_the_orthogonal_planes() -> None:
    network, orthogonal = GradientNetwork(), GradientNetwork()
    image = IMAGE[:, :30, :22]
    segment_volume(image, USUAL, network, orthogonal=orthogonal)
    # 42 planes of 30 x 22 for one, 30 of 42 x 22 and 22 of 42 x 30 for the other, padded; the last
    # are thick enough to be continued by their mirror images, for which they are padded wider.
    assert sum(shape[0] for shape in network.shapes) == 42
    assert {shape[2:] for shape in network.shapes} == {(48, 48)}
    assert sum(shape[0] for shape in orthogonal.shapes) == 52
    assert {shape[2:] for shape in orthogonal.shapes} == {(64, 48), (80, 64)}


def test_progress_names_every_stage_and_counts_planes() -> None:
    seen: list[tuple[str, int, int]] = []
    segment_volume(
        IMAGE,
        CellposeParameters(diameter=14.0, normalisation=PLAIN),
        GradientNetwork(),
        report=lambda *what: seen.append(what),
    )
    stages = list(dict.fromkeys(stage for stage, _, _ in seen))
    views_seen = ["network YX", "network ZX", "network ZY"]
    assert stages == ["normalise", *views_seen, "resize", "smooth", "dynamics", "masks"]
    scaled = {"network YX": 51, "network ZX": 51, "network ZY": 75}
    for stage, planes in scaled.items():
        told = [(done, total) for name, done, total in seen if name == stage][1:]
        assert {total for _, total in told} == {planes}
        assert [done for done, _ in told] == sorted(done for done, _ in told)
        assert told[-1] == (planes, planes)


@pytest.mark.parametrize("stage", ["normalise", "network ZX", "resize", "dynamics"])
def test_work_stops_where_it_is_told_to(stage: str) -> None:
    def report(name: str, done: int, total: int) -> None:
        if name == stage and done:
            raise CancelledError("Stopped.")

    network = GradientNetwork()
    parameters = CellposeParameters(diameter=14.0, normalisation=PLAIN)
    with pytest.raises(CancelledError):
        segment_volume(IMAGE, parameters, network, report=report)
    if stage == "network ZX":
        assert sum(shape[0] for shape in network.shapes) < 51 + 10


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"min_size": 2000}, Removal.SMALL),
        ({"max_size": 1000}, Removal.LARGE),
        ({"max_size_fraction": 0.001}, Removal.LARGE),
        ({"exclude_on_edges": True}, Removal.EDGE),
    ],
    ids=str,
)
def test_what_is_dropped_is_counted(options: dict[str, Any], reason: Removal) -> None:
    image = IMAGE[10:]  # cuts the upper layer of balls
    every = segment_volume(image, USUAL, GradientNetwork())
    parameters = CellposeParameters(diameter=17.0, normalisation=PLAIN, **options)
    result = segment_volume(image, parameters, GradientNetwork())
    assert result.removed[reason] == every.count - result.count > 0


def test_planes_of_different_light_by_plane_and_by_stack() -> None:
    dimmed = IMAGE.copy()
    dimmed[21:] /= 50
    by_plane = VolumeParameters(normalise_by="plane")
    parameters = CellposeParameters(diameter=17.0)
    each = segment_volume(dimmed, parameters, GradientNetwork(), by_plane)
    whole = segment_volume(dimmed, parameters, GradientNetwork())
    assert each.count == 12
    assert not whole.labels[24:].any()


@pytest.mark.parametrize(
    ("given", "anisotropy", "least"),
    [
        ({"diameter": 22.0}, 1.0, 112),
        ({"diameter": 22.0}, 4.0, 28),
        ({"diameter": 6.0}, 1.0, 15),
        ({"diameter": 22.0, "min_size": 15}, 1.0, 15),
        ({"diameter": 22.0, "min_size": 0}, 1.0, 0),
        ({"diameter": 22.0, "max_size": 40}, 1.0, 40),
        ({"diameter": 22.0, "compat": "cellpose3"}, 1.0, 15),
    ],
    ids=str,
)
def test_specks_are_a_fiftieth_of_a_ball(
    given: dict[str, Any], anisotropy: float, least: int
) -> None:
    assert least_volume(CellposeParameters(**given), anisotropy) == least


def test_specks_are_dropped_unless_a_least_size_is_given() -> None:
    image = IMAGE.copy()
    z, y, x = np.unravel_index(np.argmax(distance_transform_edt(LABELS == 0)), LABELS.shape)
    z, y, x = (
        int(np.clip(at, 1, side - 2)) for at, side in zip((z, y, x), LABELS.shape, strict=True)
    )
    image[z - 1 : z + 2, y - 1 : y + 2, x - 1 : x + 2] = 1.0
    usual = segment_volume(image, USUAL, GradientNetwork())
    all_of_them = segment_volume(image, replace(USUAL, min_size=5), GradientNetwork())
    assert all_of_them.labels[z, y, x]
    assert not usual.labels[z, y, x]
    assert usual.count == all_of_them.count - 1 == LABELS.max()
