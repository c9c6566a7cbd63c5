"""Numbers along z and along time."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cellwire.errors import InvalidParameterError, ShapeMismatchError
from cellwire.segmentation.volume.stitching import link_frames, stitch_planes

STACKS = hnp.arrays(
    np.uint16,
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6)),
    elements=st.integers(0, 4),
    fill=st.just(0),
)


@given(labels=STACKS, threshold=st.floats(0.01, 1))
@settings(max_examples=150, deadline=None)
def test_numbers_only_join_what_touches(labels: np.ndarray, threshold: float) -> None:
    stitched = stitch_planes(labels, threshold)
    np.testing.assert_array_equal(stitched > 0, labels > 0)
    for number in np.unique(stitched[stitched > 0]):
        planes = np.flatnonzero((stitched == number).any(axis=(1, 2)))
        np.testing.assert_array_equal(planes, np.arange(planes[0], planes[-1] + 1))
        for z in planes[:-1]:
            assert ((stitched[z] == number) & (stitched[z + 1] == number)).any()


@given(labels=STACKS, threshold=st.floats(0.01, 1))
@settings(max_examples=150, deadline=None)
def test_linked_cells_stay_apart_and_numbers_do_not_come_back(
    labels: np.ndarray, threshold: float
) -> None:
    linked = link_frames(labels, threshold)
    seen: set[int] = set()
    before: set[int] = set()
    for frame, numbers in zip(labels, linked, strict=True):
        pairs = np.unique(np.stack([frame.ravel(), numbers.ravel()]), axis=1)
        assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]
        now = set(pairs[1].tolist()) - {0}
        assert not (now - before) & seen
        assert not seen or min(now - seen, default=2**33) > max(seen)
        seen |= now
        before = now


def test_a_cell_that_moves_keeps_its_number_and_one_that_vanishes_leaves_it_unused() -> None:
    frames = np.zeros((4, 12, 30), np.uint8)
    for t in range(4):
        frames[t, 2:8, 2 + t : 8 + t] = 2 if t % 2 else 1
    frames[0, 2:8, 14:20] = 2
    frames[2, 2:8, 14:20] = 2
    frames[1:, 2:8, 22:28] = [[[1]], [[3]], [[1]]]
    linked = link_frames(frames)
    assert [int(linked[t, 4, 5]) for t in range(4)] == [1, 1, 1, 1]
    assert [int(linked[t, 4, 17]) for t in range(4)] == [2, 0, 4, 0]
    assert [int(linked[t, 4, 25]) for t in range(4)] == [0, 3, 3, 3]


def test_the_larger_daughter_goes_on() -> None:
    frames = np.zeros((2, 6, 12), np.uint8)
    frames[0, :, :10] = 1
    frames[1, :, :4], frames[1, :, 4:10] = 1, 2
    assert link_frames(frames)[1, 0, [0, 5]].tolist() == [2, 1]


def test_volumes_are_linked_through_time() -> None:
    frames = np.zeros((2, 3, 8, 8), np.uint8)
    frames[0, :, 1:5, 1:5] = 1
    frames[1, :, 1:5, 2:6] = 1
    assert np.unique(link_frames(frames, 0.5)).tolist() == [0, 1]
    assert np.unique(link_frames(frames, 0.7)).tolist() == [0, 1, 2]


def test_more_than_65535_objects_keep_their_numbers() -> None:
    side = 256
    planes = np.arange(1, side * side + 1, dtype=np.uint32).reshape(1, side, side)
    planes = np.concatenate([planes, np.roll(planes, 1, axis=2)])
    planes = np.concatenate([planes, np.zeros_like(planes[:1]), planes[:1]])
    stitched = stitch_planes(planes)
    np.testing.assert_array_equal(stitched[1], planes[0])
    assert stitched.max() == 2 * side * side


def test_memory_grows_with_pixels_not_with_pairs() -> None:
    """40,000 labels a plane: a table of all pairs of them would hold 12 GB."""
    planes = np.kron(
        np.arange(1, 40_001, dtype=np.uint32).reshape(200, 200), np.ones((3, 3), np.uint32)
    )[None].repeat(3, axis=0)
    tracemalloc.start()
    stitched = stitch_planes(planes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(stitched[2], planes[0])
    assert peak < 200 * planes[0].size


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("nan")])
def test_overlap_out_of_range(threshold: float) -> None:
    with pytest.raises(InvalidParameterError, match="from 0 to 1"):
        stitch_planes(np.ones((2, 3, 3), np.uint8), threshold)


def test_a_plane_is_no_stack() -> None:
    with pytest.raises(ShapeMismatchError, match="stack"):
        stitch_planes(np.ones((3, 3), np.uint8))
    with pytest.raises(ShapeMismatchError, match="series"):
        link_frames(np.ones((3, 3), np.uint8))
