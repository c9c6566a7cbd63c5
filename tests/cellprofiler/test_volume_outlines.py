"""Outlines over the planes of a stack."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cellwire_cellprofiler.volume_outlines import draw, rims

STACKS = arrays.arrays(
    np.int32,
    st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6)),
    elements=st.integers(0, 3),
)


@given(STACKS)
def test_a_rim_lies_beside_another_label_of_the_same_plane(labels: Any) -> None:
    rim = rims(labels)
    padded = np.pad(labels, ((0, 0), (1, 1), (1, 1)), mode="edge")  # no rim along the image
    beside = np.zeros(labels.shape, bool)
    for y, x in ((0, 1), (2, 1), (1, 0), (1, 2)):
        height, width = labels.shape[1:]
        beside |= padded[:, y : y + height, x : x + width] != labels
    assert np.array_equal(rim, beside & (labels > 0))


@given(STACKS, st.sampled_from((bool, np.uint8, np.float32)))
def test_drawn_is_the_image_but_for_the_outlines(labels: Any, kind: type) -> None:
    image = np.random.default_rng(0).integers(0, 2, labels.shape).astype(kind)
    drawn = draw(image, (labels, (0, 255, 0)), (labels == 2, (255, 255, 255)))
    assert drawn.shape == (*labels.shape, 3)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    second = rims(labels == 2)
    assert (drawn[second] == 1).all()
    first = rims(labels) & ~second
    assert (drawn[first] == (0, 1, 0)).all()
    elsewhere = drawn[~(first | second)]
    assert (elsewhere == elsewhere[:, :1]).all()


def test_an_image_of_one_value_is_drawn() -> None:
    drawn = draw(np.full((2, 3, 4), 7.0), (np.zeros((2, 3, 4), np.int32), (1, 2, 3)))
    assert not drawn.any()
