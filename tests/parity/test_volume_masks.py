"""The dynamics, masks and filters of stacks, given the same flows: the peer's, or better."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.ndimage import gaussian_filter

from cellwire.evaluation.matching import average_precision
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.volume.cleaning import clean_volume
from cellwire.segmentation.volume.dynamics import follow_flows
from cellwire.segmentation.volume.masks import build_masks
from cellwire.segmentation.volume.targets import volume_to_flows
from tests.unit.segmentation.volume.balls import balls

pytestmark = pytest.mark.usefixtures("peer", "stable_ties")


def rough_answer(shape: tuple[int, int, int], strength: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    flows = gaussian_filter(rng.normal(size=(3, *shape)), (0, 2, 2, 2))
    cellprob = gaussian_filter(rng.normal(size=shape), 3)
    return np.concatenate([flows / flows.std() * strength, cellprob[None]]).astype(np.float32)


@pytest.mark.parametrize("niter", [1, 8, 203])
@pytest.mark.parametrize("strength", [0.5, 5.0, 40.0])
def test_end_points_are_identical_to_the_last_bit(niter: int, strength: float) -> None:
    from cellpose.dynamics import follow_flows as peer_follow

    shape = (9, 37, 42)
    answer = rough_answer(shape, strength, niter)
    cells = answer[3] > 0
    theirs = peer_follow(answer[:3] * cells / 5.0, inds=np.nonzero(cells), niter=niter)
    order, ends = follow_flows(answer, 0.0, niter, shifted=True)
    np.testing.assert_array_equal(np.flatnonzero(order), np.flatnonzero(cells))
    np.testing.assert_array_equal(ends, np.ravel_multi_index(theirs.int().numpy(), shape))


def peer_labels(answer: np.ndarray, **options: Any) -> np.ndarray:
    from cellpose.dynamics import resize_and_compute_masks

    return resize_and_compute_masks(answer[:3], answer[3], niter=200, do_3D=True, **options)


def our_labels(answer: np.ndarray, compat: str | None = "cellpose3", **options: Any) -> np.ndarray:
    parameters = CellposeParameters(diameter=30, compat=compat, **options)
    order, ends = follow_flows(answer, parameters.cellprob_threshold, 200, compat is not None)
    labels, _ = build_masks(order, ends, parameters.max_size_fraction)
    return clean_volume(labels, parameters).labels


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"cellprob_threshold": -0.05},
        {"min_size": 400},
        {"min_size": -1},
        {"max_size_fraction": 0.01},
    ],
    ids=str,
)
def test_masks_are_the_same_on_every_voxel(options: dict[str, Any]) -> None:
    answer = rough_answer((14, 48, 40), 6.0, 3)
    theirs = peer_labels(answer, **options)
    assert theirs.max() > 5
    np.testing.assert_array_equal(our_labels(answer, **options), theirs)


def test_flows_of_labels_are_the_peers() -> None:
    from cellpose.dynamics import masks_to_flows

    labels = balls((20, 40, 40), 19, (7, 10), jitter=0.3)
    ours, theirs = volume_to_flows(labels), masks_to_flows(labels)
    # In the very centre of a slice the flow's direction is rounding noise in both.
    differs = np.abs(ours - theirs).max(axis=0) > 1e-5
    assert differs.sum() < 1e-3 * (labels > 0).sum()


def test_the_half_voxel_shift_costs_objects_and_is_mended() -> None:
    labels = balls((54, 81, 81), 27, (9, 12), seed=5)
    assert labels.max() == 18
    cellprob = np.where(labels > 0, 3, -3)
    answer = np.concatenate([5 * volume_to_flows(labels), cellprob[None]]).astype(np.float32)
    scores = {}
    for name, found in (
        ("peer", peer_labels(answer)),
        ("compat", our_labels(answer)),
        ("ours", our_labels(answer, None)),
    ):
        scores[name] = average_precision([labels], [found], [0.5, 0.75, 0.9]).ap[0]
    np.testing.assert_array_equal(scores["compat"], scores["peer"])
    assert (scores["ours"] >= [0.99, 0.95, 0.95]).all()
    assert (scores["peer"] <= [0.85, 0.6, 0.6]).all()


@given(
    labels=hnp.arrays(
        np.uint32,
        st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6)),
        elements=st.integers(0, 4),
        fill=st.just(1),
    ),
    min_size=st.sampled_from([-1, 1, 4, 20]),
)
@settings(max_examples=200, deadline=None)
def test_holes_and_small_objects(labels: np.ndarray, min_size: int) -> None:
    import fastremap
    from cellpose.utils import fill_holes_and_remove_small_masks

    labels.ravel()[0] = 0
    labels = fastremap.renumber(labels)[0].astype(np.uint32)
    theirs = fill_holes_and_remove_small_masks(labels.copy(), min_size=min_size)
    theirs = fastremap.renumber(theirs)[0]
    parameters = CellposeParameters(diameter=30, min_size=min_size, compat="cellpose3")
    np.testing.assert_array_equal(clean_volume(labels, parameters).labels, theirs)


def test_objects_on_edges() -> None:
    from cellpose.utils import remove_edge_masks

    labels = balls((20, 40, 40), 11, (4, 8), jitter=0.6).astype(np.uint32)
    theirs = remove_edge_masks(labels.astype(np.int32))
    assert 0 < len(np.unique(theirs)) < len(np.unique(labels))
    parameters = CellposeParameters(diameter=30, min_size=-1, exclude_on_edges=True)
    ours = clean_volume(labels, parameters).labels
    np.testing.assert_array_equal(ours > 0, theirs > 0)
