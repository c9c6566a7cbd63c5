"""What networks see beyond the border of a stack's planes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import uniform_filter

from cellwire.segmentation.parameters import CELLPOSE3, CellposeParameters
from cellwire.segmentation.volume.planes import run_planes
from cellwire.segmentation.volume.views import VIEWS

REACH = 7


class Surroundings:
    """Answers every pixel with the mean of what is seen around it."""

    channels_in = 2
    diam_mean = 17.0

    def __call__(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen = uniform_filter(tiles[:, 0], (0, 2 * REACH + 1, 2 * REACH + 1), mode="constant")
        return np.stack([seen] * 3, axis=1), np.ones((len(tiles), 256), np.float32)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 190), st.integers(2, 190), st.integers(0, 99))
@pytest.mark.parametrize("mirrored", [True, False])
def test_planes_go_on_as_mirror_images_or_zeros(
    mirrored: bool, height: int, width: int, seed: int
) -> None:
    plane = np.random.default_rng(seed).random((1, 1, height, width), dtype=np.float32)
    answers, _ = run_planes(plane, Surroundings(), CellposeParameters(), mirrored=mirrored)
    beyond = "reflect" if mirrored else "constant"
    expected = uniform_filter(plane[0, 0], 2 * REACH + 1, mode=beyond)
    np.testing.assert_allclose(answers[0, 0], expected, atol=1e-5)


def test_only_planes_across_the_depth_and_never_where_the_peers_are_asked_for() -> None:
    usual, peers = CellposeParameters(), CellposeParameters(compat=CELLPOSE3)
    shape = (30, 60, 60)
    assert [view.mirrored(shape, usual, 17.0) for view in VIEWS] == [False, True, True]
    assert not any(view.mirrored(shape, peers, 17.0) for view in VIEWS)


def test_stacks_thinner_than_cells_are_not_continued() -> None:
    """Cells cut on both sides would become columns without an end."""
    assert not any(view.mirrored((20, 60, 60), CellposeParameters(), 17.0) for view in VIEWS)
