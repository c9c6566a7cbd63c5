"""Stitched stacks carry the peer's numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cellwire.segmentation.volume.stitching import stitch_planes

from .fields import draw_cells  # noqa: TID252

pytestmark = pytest.mark.usefixtures("peer")


def peers(labels: np.ndarray, threshold: float) -> np.ndarray:
    from cellpose.utils import stitch3D

    return np.asarray(stitch3D(labels.astype(np.int64), stitch_threshold=threshold))


@given(
    labels=hnp.arrays(
        np.uint16,
        st.tuples(st.integers(1, 6), st.integers(1, 7), st.integers(1, 7)),
        elements=st.integers(0, 5),
        fill=st.just(0),
    ),
    threshold=st.sampled_from([0.01, 0.1, 0.25, 1 / 3, 0.5, 1.0]),
)
@settings(max_examples=300, deadline=None)
def test_any_labels(labels: np.ndarray, threshold: float) -> None:
    ours = stitch_planes(labels, threshold, compat="cellpose3")
    np.testing.assert_array_equal(ours, peers(labels, threshold))


@pytest.mark.parametrize("threshold", [0.05, 0.25, 0.6])
def test_cells_and_empty_planes(threshold: float) -> None:
    rng = np.random.default_rng(3)
    planes = np.stack([draw_cells(rng, (90, 80), 17, (5, 9)) for _ in range(9)])
    planes[[0, 4, 7]] = 0
    theirs = peers(planes, threshold)
    np.testing.assert_array_equal(stitch_planes(planes, threshold, "cellpose3"), theirs)
    # Nothing is numbered twice here before two planes with cells have met: the default agrees.
    np.testing.assert_array_equal(stitch_planes(planes, threshold), theirs)


def test_the_peer_gives_a_number_twice_around_an_empty_plane_and_we_do_not() -> None:
    planes = np.zeros((3, 8, 8), np.int32)
    planes[0, :3, :3] = 1
    planes[2, 5:, 5:] = 1
    theirs = peers(planes, 0.25)
    assert theirs[0, 0, 0] == theirs[2, 7, 7] == 1
    ours = stitch_planes(planes)
    assert (ours[0, 0, 0], ours[2, 7, 7]) == (1, 2)
