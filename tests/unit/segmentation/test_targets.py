from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwire.errors import ShapeMismatchError
from cellwire.segmentation.targets import diameters, labels_to_flows, median_diameter


def disk(size: int = 41, radius: float = 15.0) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size // 2
    return (y**2 + x**2 <= radius**2).astype(np.uint16)


def test_flows_of_a_disk_lead_to_its_centre() -> None:
    labels = disk()
    flows = labels_to_flows(labels)
    y, x = np.mgrid[:41, :41] - 20
    distance = np.hypot(y, x)
    inside = (labels > 0) & (distance > 1)
    towards = -(flows[0] * y + flows[1] * x)[inside] / distance[inside]
    assert towards.min() > 0.9
    assert flows[:, labels == 0].any() == np.False_


def test_touching_cells_do_not_see_each_other() -> None:
    both = np.zeros((30, 60), np.int32)
    both[5:25, 5:30], both[5:25, 30:55] = 1, 2
    alone = np.where(both == 1, both, 0)
    np.testing.assert_array_equal(
        labels_to_flows(both)[:, both == 1], labels_to_flows(alone)[:, both == 1]
    )


def test_one_pixel_and_huge_ids() -> None:
    labels = np.zeros((9, 9), np.uint32)
    labels[4, 4], labels[0, 0:3] = 4_000_000_000, 7
    flows = labels_to_flows(labels)
    assert not flows[:, 4, 4].any()
    np.testing.assert_allclose(flows[1, 0, :3], [1, 0, -1], atol=1e-6)


def test_no_cells() -> None:
    assert not labels_to_flows(np.zeros((5, 7), np.int32)).any()
    assert median_diameter(np.zeros((5, 7), np.int32)) == 0.0


def test_a_stack_is_refused() -> None:
    with pytest.raises(ShapeMismatchError, match="one plane"):
        labels_to_flows(np.zeros((2, 5, 5), np.int32))


def test_diameters_are_those_of_circles() -> None:
    assert diameters(disk())[0] == pytest.approx(30.0, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_flows_are_units_or_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, rng.integers(1, 20, 2))
    length = np.hypot(*labels_to_flows(labels))
    assert ((np.abs(length - 1) < 1e-5) | (length == 0)).all()
    assert not length[labels == 0].any()
