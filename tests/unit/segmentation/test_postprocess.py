"""What always holds for labels made from flows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.ndimage import binary_fill_holes, gaussian_filter

from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.postprocess import masks_from_flows
from cellwire.segmentation.result import Removal

from .drawing import answer_of, discs  # noqa: TID252


def field(seed: int, shape: tuple[int, int] = (70, 83)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = [(*rng.uniform((0, 0), shape), rng.uniform(3, 12)) for _ in range(rng.integers(14))]
    answer = answer_of(discs(shape, centres, holes=rng.choice([0, 0.3])))
    noise = gaussian_filter(rng.normal(size=answer.shape), (0, 2, 2))
    return (answer + noise * rng.uniform(0, 14)).astype(np.float32)


@given(
    seed=st.integers(0, 10_000),
    threshold=st.sampled_from([-2.0, 0.0, 1.5]),
    flow_threshold=st.sampled_from([0.0, 0.4, 0.1]),
    min_size=st.sampled_from([-1, 0, 15, 120]),
    max_size=st.sampled_from([None, 150, 400]),
    edges=st.booleans(),
    masked=st.booleans(),
    niter=st.sampled_from([20, 200]),
)
@settings(max_examples=60, deadline=None)
def test_what_always_holds(
    seed: int,
    threshold: float,
    flow_threshold: float,
    min_size: int,
    max_size: int | None,
    edges: bool,
    masked: bool,
    niter: int,
) -> None:
    answer = field(seed)
    mask = None
    if masked:
        mask = np.zeros(answer.shape[1:], bool)
        mask[9:60, 5:70] = True
        mask[30:33, 30:33] = False
    parameters = CellposeParameters(
        diameter=20,
        cellprob_threshold=threshold,
        flow_threshold=flow_threshold,
        min_size=min_size,
        max_size=None if max_size is None else max(max_size, min_size),
        exclude_on_edges=edges,
    )
    result = masks_from_flows(answer, parameters, niter, mask=mask)
    labels, unedited = result.labels, result.unedited_labels
    assert labels.dtype == np.uint32
    values, firsts = np.unique(labels[labels > 0], return_index=True)
    count = len(values)
    np.testing.assert_array_equal(values, np.arange(1, count + 1))
    assert (np.diff(firsts) > 0).all(), "numbered in raster order"
    areas = np.bincount(labels.ravel())[1:]
    np.testing.assert_array_equal(areas, result.areas)
    assert (areas >= max(1, min_size)).all()
    assert parameters.max_size is None or (areas <= parameters.max_size).all()

    foreground = answer[2] > threshold
    if mask is not None:
        assert not labels[~mask].any()
        assert not unedited[~mask].any()
        foreground &= mask
    for label in range(1, count + 1):
        cell = labels == label
        found = cell & foreground
        assert not (cell & ~binary_fill_holes(found)).any()
        if mask is None:
            np.testing.assert_array_equal(binary_fill_holes(cell), cell)

    kept = (unedited > 0) & (unedited <= count)
    np.testing.assert_array_equal(np.where(kept, unedited, 0), labels)
    assert set(np.unique(unedited[unedited > count]).tolist()) <= set(result.removed)
    assert all(label > count for label in result.removed)
    if edges:
        border = np.ones(labels.shape, bool)
        border[1:-1, 1:-1] = False
        if mask is not None:
            border |= ~mask
            border[1:] |= ~mask[:-1]
            border[:-1] |= ~mask[1:]
            border[:, 1:] |= ~mask[:, :-1]
            border[:, :-1] |= ~mask[:, 1:]
        assert not labels[border].any()
    else:
        assert Removal.EDGE not in result.removed.values()


@given(
    answer=arrays.arrays(np.float32, (3, 4, 6), elements=st.floats(width=32)),
    interpolate=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_any_numbers_are_survived(answer: np.ndarray, interpolate: bool) -> None:
    """Even what is no number, from a broken network, moves no pixel out of the image."""
    answer = np.tile(answer, (1, 5, 5))
    parameters = CellposeParameters(diameter=20, min_size=-1)
    result = masks_from_flows(answer, parameters, 50, interpolate=interpolate)
    assert result.labels.shape == (20, 30)


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_a_shifted_field_gives_shifted_cells(seed: int) -> None:
    answer = field(seed)
    wide = np.full((3, 110, 120), -4, np.float32)
    wide[:2] = 0
    here, there = wide.copy(), wide.copy()
    here[:, 20:90, 20:103] = answer
    there[:, 23:93, 27:110] = answer
    parameters = CellposeParameters(diameter=20)
    one = masks_from_flows(here, parameters, 200).labels
    other = masks_from_flows(there, parameters, 200).labels
    np.testing.assert_array_equal(one[20:90, 20:103] > 0, other[23:93, 27:110] > 0)
    np.testing.assert_array_equal(one[20:90, 20:103], other[23:93, 27:110])


@pytest.mark.parametrize("axis", [1, 2])
def test_a_flipped_field_gives_flipped_cells(axis: int) -> None:
    centres = [(20.0, 25.0, 11.0), (50.0, 20.0, 9.0), (44.0, 60.0, 14.0)]
    answer = answer_of(discs((70, 83), centres))
    flipped = np.flip(answer, axis).copy()
    flipped[axis - 1] *= -1
    parameters = CellposeParameters(diameter=20)
    one = masks_from_flows(answer, parameters, 200).labels
    other = masks_from_flows(flipped, parameters, 200).labels
    assert one.max() == other.max() == 3
    np.testing.assert_array_equal(one > 0, np.flip(other, axis - 1) > 0)


def test_reasons_are_told() -> None:
    centres = [(30.0, 30.0, 9.0), (2.0, 60.0, 8.0), (80.0, 75.0, 18.0), (90.0, 20.0, 3.0)]
    answer = answer_of(discs((110, 110), centres))
    parameters = CellposeParameters(
        diameter=20, min_size=60, max_size=600, exclude_on_edges=True, flow_threshold=0
    )
    result = masks_from_flows(answer, parameters, 200)
    assert result.labels.max() == 1
    assert result.labels[30, 30] == 1
    reasons = {
        place: result.removed[int(result.unedited_labels[place])]
        for place in [(2, 60), (80, 75), (90, 20)]
    }
    assert reasons == {
        (2, 60): Removal.EDGE,
        (80, 75): Removal.LARGE,
        (90, 20): Removal.SMALL,
    }


def test_nothing_removed_shares_the_array() -> None:
    answer = answer_of(discs((60, 60), [(30.0, 30.0, 10.0)]))
    result = masks_from_flows(answer, CellposeParameters(diameter=20), 200)
    assert result.labels.max() == 1
    assert result.unedited_labels is result.labels
    assert not result.removed
