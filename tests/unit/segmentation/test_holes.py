from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_fill_holes, gaussian_filter

from cellwire.segmentation.holes import fill_holes
from cellwire.segmentation.objects import measure


@pytest.mark.parametrize("seed", range(6))
def test_one_cell_is_filled_as_scipy_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cell = gaussian_filter(rng.normal(size=(60, 71)), 2) > -0.01
    labels = cell.astype(np.uint32)
    assert fill_holes(labels, measure(labels), np.array([1]))
    np.testing.assert_array_equal(labels, binary_fill_holes(cell))


def test_a_gap_that_is_open_at_a_corner_only_is_a_hole() -> None:
    labels = np.ones((5, 5), np.uint32)
    labels[1, 1] = 0
    labels[0, 0] = 0
    fill_holes(labels, measure(labels), np.array([1]))
    assert labels[1, 1] == 1
    assert labels[0, 0] == 0


def test_a_cell_in_a_hole_is_covered_by_the_cell_around_it() -> None:
    labels = np.zeros((20, 20), np.uint32)
    labels[2:18, 2:18] = 1
    labels[6:14, 6:14] = 0
    labels[8:12, 8:12] = 2
    fill_holes(labels, measure(labels), np.array([1, 2]))
    assert (labels[2:18, 2:18] == 1).all()


def test_cells_that_are_not_named_stay_open() -> None:
    labels = np.zeros((12, 12), np.uint32)
    labels[2:9, 2:9] = 1
    labels[4, 4] = 0
    assert not fill_holes(labels, measure(labels), np.array([], np.int64))
    assert labels[4, 4] == 0
