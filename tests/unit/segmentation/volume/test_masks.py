"""Labels of stacks: numbers, holes, boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from cellwire.errors import ShapeMismatchError
from cellwire.segmentation.volume.dynamics import follow_flows
from cellwire.segmentation.volume.masks import build_masks
from cellwire.segmentation.volume.objects import measure
from cellwire.segmentation.volume.targets import volume_to_flows
from cellwire.segmentation.volume.voids import fill_voids


def test_more_than_65535_objects() -> None:
    shape = (8, 390, 260)
    z, y, x = np.indices(shape)
    order = np.arange(1, np.prod(shape) + 1, dtype=np.uint32).reshape(shape)
    home = ((z // 2 * 2) * shape[1] + y // 3 * 3) * shape[2] + x // 2 * 2
    labels, oversized = build_masks(order, home.ravel().astype(np.uint32))
    assert oversized == 0
    assert labels.max() == 4 * 130 * 130
    # One number a block of 2 x 3 x 2, in raster order.
    expected = (z // 2 * 130 + y // 3) * 130 + x // 2 + 1
    np.testing.assert_array_equal(labels, expected)


def test_no_voxel_and_no_seed() -> None:
    answer = np.zeros((4, 3, 5, 5), np.float32)
    answer[3] = -1
    order, ends = follow_flows(answer, 0.0, 10)
    assert not len(ends)
    assert not build_masks(order, ends)[0].any()
    answer[3, 1, 2, 2] = 1
    order, ends = follow_flows(answer, 0.0, 10)
    assert ends.tolist() == [37]
    assert not build_masks(order, ends)[0].any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_flows_that_are_no_numbers_move_nothing(value: float) -> None:
    answer = np.ones((4, 3, 4, 5), np.float32)
    answer[:3] = value
    ends = follow_flows(answer, 0.0, 10)[1]
    np.testing.assert_array_equal(ends, np.arange(60))


@given(steps=st.integers(1, 40), seed=st.integers(0, 1000), shifted=st.booleans())
@settings(max_examples=40, deadline=None)
def test_ends_lie_in_the_stack(steps: int, seed: int, shifted: bool) -> None:
    rng = np.random.default_rng(seed)
    answer = rng.normal(0, 50, (4, *rng.integers(1, 7, 3))).astype(np.float32)
    order, ends = follow_flows(answer, 0.0, steps, shifted)
    assert len(ends) == np.count_nonzero(answer[3] > 0) == order.max()
    assert (ends < order.size).all()


def test_parts_of_the_work_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from cellwire.segmentation.volume import dynamics

    answer = np.random.default_rng(1).normal(0, 5, (4, 9, 30, 31)).astype(np.float32)
    _, whole = follow_flows(answer, 0.0, 20)
    told: list[int] = []
    monkeypatch.setattr(dynamics, "VOXEL_STEPS_A_CALL", 1)
    _, parts = follow_flows(answer, 0.0, 20, progress=lambda done, _: told.append(done))
    np.testing.assert_array_equal(whole, parts)
    assert len(told) > 5
    assert told[-1] == len(whole)


@pytest.mark.parametrize("shifted", [False, True])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_tolerance_stops_what_creeps(axis: int, shifted: bool) -> None:
    answer = np.zeros((4, 12, 14, 16), np.float32)
    answer[3] = 1
    # Away from the border, 0.08 voxels in eight steps.
    answer[axis] = 0.05
    places = np.indices((12, 14, 16)).reshape(3, -1)
    inner = ((places > 2) & (places < 8)).all(axis=0)
    for tolerance, goes in ((0.0, True), (0.06, True), (0.1, False)):
        _, ends = follow_flows(answer, 0.0, 800, shifted, tolerance=tolerance)
        walked = np.unravel_index(ends, (12, 14, 16))[axis] - places[axis]
        assert (walked[inner] > 2).all() == goes
        assert (walked[inner] <= 1).all() != goes


LABELS = hnp.arrays(
    np.uint32,
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6)),
    elements=st.integers(0, 3),
)


@given(labels=LABELS)
@settings(max_examples=150, deadline=None)
def test_measures(labels: np.ndarray) -> None:
    objects = measure(labels)
    np.testing.assert_array_equal(objects.volumes, np.bincount(labels.ravel()))
    for label in objects.present():
        box = ndimage.find_objects((labels == label).astype(int))[0]
        assert objects.boxes[label].tolist() == [v for s in box for v in (s.start, s.stop)]
        assert objects.firsts[label] == np.flatnonzero(labels == label)[0]


@given(labels=LABELS)
@settings(max_examples=150, deadline=None)
def test_filled_objects_have_no_holes(labels: np.ndarray) -> None:
    labels = (labels > 0).astype(np.uint32)
    before = labels.copy()
    fill_voids(labels, measure(labels), measure(labels).present())
    box = ndimage.find_objects(before.astype(int))
    inside = box[0] if box else (slice(0),) * 3
    expected = before.astype(bool)
    expected[inside] = ndimage.binary_fill_holes(before[inside])
    np.testing.assert_array_equal(labels > 0, expected)


def test_flows_need_a_stack() -> None:
    with pytest.raises(ShapeMismatchError, match="stack"):
        volume_to_flows(np.zeros((4, 4), np.int32))


def test_every_kernel_is_warmed_up() -> None:
    from cellwire.segmentation.volume import dynamics, masks, objects, voids, warm_up

    warm_up.warm_up()
    # Those that others call are compiled within them, and have no signature of their own.
    called = {
        dynamics: ["_list_voxels", "_walk"],
        masks: ["_count", "_peaks", "_grow", "_survey", "_assign"],
        objects: ["_measure", "_number"],
        voids: ["_find_pierced", "_fill_in_order"],
    }
    cold = [
        name
        for module, names in called.items()
        for name in names
        if not getattr(module, name).signatures
    ]
    assert cold == []
