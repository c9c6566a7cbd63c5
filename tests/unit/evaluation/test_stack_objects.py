from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellwire.errors import TrainingDataError
from cellwire.evaluation.stack_objects import (
    plane_diameter,
    shown_anisotropy,
    stack_objects,
)


def ellipsoids(radii: tuple[float, float, float], centres: list[tuple[int, ...]]) -> np.ndarray:
    """Give (48, 96, 96) labels of equal ellipsoids, by their radii along Z, Y and X."""
    labels = np.zeros((48, 96, 96), np.int32)
    grid = np.indices(labels.shape)
    for number, centre in enumerate(centres, 3):
        away = sum(((g - c) / r) ** 2 for g, c, r in zip(grid, centre, radii, strict=True))
        labels[away <= 1] = number
    return labels


INSIDE = [*product((12, 36), (20, 70), (20, 70))]
CORNERS = [*product((0, 47), (0, 95), (0, 95))]


@pytest.mark.parametrize("anisotropy", [1.0, 2.0, 2.5])
def test_spheres_seen_by_a_microscope_have_their_diameter_and_anisotropy(
    anisotropy: float,
) -> None:
    objects = stack_objects(ellipsoids((10.2 / anisotropy, 10.2, 10.2), INSIDE))
    assert objects.whole.sum() == 8
    shown = shown_anisotropy(objects, "a.tif")
    # An extent is a whole number of voxels.
    assert shown == pytest.approx(21 / (2 * int(10.2 / anisotropy) + 1))
    assert plane_diameter(objects, anisotropy) == pytest.approx(20.4, abs=0.3)
    # Once as high as wide, the cube root of the extents' product is the extent in the plane.
    assert plane_diameter(objects, shown) == pytest.approx(20.4, rel=0.07)


def test_objects_that_a_border_cuts_change_neither() -> None:
    radii = (5.1, 10.2, 10.2)
    inside, both = (stack_objects(ellipsoids(radii, c)) for c in (INSIDE, INSIDE + CORNERS))
    assert both.whole.tolist() == [True] * 8 + [False] * 8
    assert plane_diameter(both, 2) == plane_diameter(inside, 2)
    assert shown_anisotropy(both, "a.tif") == shown_anisotropy(inside, "a.tif")


def test_where_few_are_whole_an_extent_counts_that_its_own_axis_leaves_whole() -> None:
    at_the_side = [(z, y, 0) for z, y in product((10, 24, 38), (20, 70))]
    on_the_floor = [(0, y, x) for y, x in product((20, 70), (30, 70))]
    objects = stack_objects(ellipsoids((5.1, 10.2, 10.2), at_the_side + on_the_floor))
    assert not objects.whole.any()
    assert shown_anisotropy(objects, "a.tif") == pytest.approx(21 / 11)
    halves = np.pi / 6 * 20.4**2 * 10.2 / 2
    assert plane_diameter(objects, 2) == pytest.approx(np.cbrt(6 / np.pi * 2 * halves), rel=0.05)


def test_labels_that_do_not_show_their_anisotropy() -> None:
    objects = stack_objects(ellipsoids((5.1, 10.2, 10.2), [*INSIDE[:4], *CORNERS]))
    with pytest.raises(TrainingDataError, match=r"a\.tif .* leaves 4 of 12 objects whole along Z"):
        shown_anisotropy(objects, "a.tif")


SHAPES = st.tuples(*[st.integers(1, 5)] * 3)


@settings(max_examples=60, deadline=None)
@given(arrays(np.int32, SHAPES, elements=st.sampled_from([0, 2, 3, 70_000])))
def test_objects_are_measured_voxel_by_voxel(labels: np.ndarray) -> None:
    objects = stack_objects(labels)
    ids = [k for k in (2, 3, 70_000) if (labels == k).any()]
    places = [np.argwhere(labels == k) for k in ids]
    assert objects.volumes.tolist() == [len(each) for each in places]
    assert objects.extents.tolist() == [(np.ptp(e, axis=0) + 1).tolist() for e in places]
    last = np.array(labels.shape) - 1
    inner = [((e > 0) & (e < last)).all(axis=0).tolist() for e in places]
    assert objects.uncut.tolist() == inner
    if not ids:
        assert plane_diameter(objects, 1.5) == 0
