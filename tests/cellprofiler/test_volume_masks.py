"""What must always hold where objects of a stack end at its mask."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cellwire_cellprofiler.volume_masks import MARGIN, confine, put_back, surroundings


@st.composite
def masked(draw: st.DrawFn) -> tuple[Any, Any]:
    """Labels of a small stack, and a mask of it."""
    shape = draw(st.tuples(st.integers(2, 5), st.integers(1, 6), st.integers(1, 6)))
    labels = draw(arrays.arrays(np.uint16, shape, elements=st.integers(0, 4)))
    return labels, draw(arrays.arrays(bool, shape))


def _neighbours_inside(mask: Any) -> Any:
    """Whether all six neighbours of a voxel are within the stack and the mask."""
    padded = np.pad(mask, 1)
    inside = np.ones(mask.shape, bool)
    for axis in range(3):
        for step in (-1, 1):
            inside &= np.roll(padded, step, axis)[1:-1, 1:-1, 1:-1]
    return inside


@given(masked(), st.integers(0, 8), st.booleans())
def test_objects_end_at_the_mask(case: tuple[Any, Any], least: int, drop: bool) -> None:
    labels, mask = case
    kept = confine(labels, mask, least, drop)
    for label in range(1, 5):
        left = (labels == label) & mask
        stays = left.sum() >= max(least, 1)
        if drop:
            stays = stays and not (left & ~_neighbours_inside(mask)).any()
        assert np.array_equal(kept == label, left if stays else np.zeros_like(left))


@given(
    st.tuples(st.integers(2, 40), st.integers(1, 90), st.integers(1, 90)),
    st.floats(0.3, 12),
    st.data(),
)
def test_the_mask_and_a_margin_are_sent(
    shape: tuple[int, int, int], anisotropy: float, data: st.DataObject
) -> None:
    mask = np.zeros(shape, bool)
    places = [data.draw(st.tuples(*(st.integers(0, n - 1) for n in shape))) for _ in range(2)]
    for place in places:
        mask[place] = True
    box = surroundings(mask, anisotropy)
    margins = (max(1, round(MARGIN / anisotropy)), MARGIN, MARGIN)
    for axis, margin in enumerate(margins):
        inside = sorted(place[axis] for place in places)
        assert box[axis].start == max(0, inside[0] - margin)
        assert box[axis].stop == min(shape[axis], inside[1] + 1 + margin)
    assert len(mask[box]) >= 2
    part = np.random.default_rng(0).random((3, *mask[box].shape))
    whole = put_back(part, box, shape, -1.0)
    assert np.array_equal(whole[(slice(None), *box)], part)
    assert np.count_nonzero(whole == -1) == whole.size - part.size


def test_a_mask_with_nothing_inside_is_no_box() -> None:
    mask = np.zeros((4, 5, 6), bool)
    assert mask[surroundings(mask, 2.0)].shape == mask.shape
    assert not confine(np.ones((4, 5, 6), np.uint32), mask, 0, False).any()
