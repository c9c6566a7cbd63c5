"""Final masks are those of the peer, pixel by pixel, given the same flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cellwire.segmentation.cleaning import clean
from cellwire.segmentation.dynamics import follow_flows
from cellwire.segmentation.flow_error import erase, flow_errors
from cellwire.segmentation.masks import build_masks
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.postprocess import masks_from_flows

from .fields import answer_for, draw_cells  # noqa: TID252

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("peer", "stable_ties")

FIELDS = {
    "clean": {"spacing": 40, "radius": (9, 17), "noise": 0.0},
    "noisy": {"spacing": 40, "radius": (9, 17), "noise": 1.5},
    "very noisy": {"spacing": 36, "radius": (9, 17), "noise": 2.2},
    "rough": {"spacing": 36, "radius": (9, 17), "noise": 1.2, "smooth": 0.7},
    "dense": {"spacing": 24, "radius": (10, 16), "noise": 1.0},
    "tiny": {"spacing": 9, "radius": (1.5, 4), "noise": 1.0},
    "large": {"spacing": 130, "radius": (30, 70), "noise": 1.0},
    "holes": {"spacing": 44, "radius": (12, 20), "noise": 0.5, "holes": True},
}


def make(name: str, shape: tuple[int, int] = (331, 290), seed: int = 0) -> np.ndarray:
    settings = dict(FIELDS[name])
    rng = np.random.default_rng([seed, *name.encode()])
    noise, smooth = settings.pop("noise"), settings.pop("smooth", 2.0)
    return answer_for(rng, draw_cells(rng, shape, **settings), noise, smooth)


def peer_masks(answer: np.ndarray, niter: int = 200, **options: Any) -> np.ndarray:
    from cellpose.dynamics import resize_and_compute_masks

    return resize_and_compute_masks(answer[:2], answer[2], niter=niter, **options)


def ours(answer: np.ndarray, niter: int = 200, shape: Any = None, **options: Any) -> np.ndarray:
    interpolate = options.pop("interpolate", True)
    parameters = CellposeParameters(diameter=30, compat="cellpose3", **options)
    return masks_from_flows(answer, parameters, niter, shape, interpolate=interpolate).labels


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", FIELDS)
def test_masks_are_the_same_on_every_pixel(name: str, seed: int) -> None:
    answer = make(name, seed=seed)
    theirs = peer_masks(answer)
    assert theirs.max() > 3
    np.testing.assert_array_equal(ours(answer), theirs)


@pytest.mark.parametrize(
    "options",
    [
        {"flow_threshold": 0.0},
        {"flow_threshold": 0.1},
        {"cellprob_threshold": -1.5},
        {"cellprob_threshold": 2.5},
        {"min_size": 200},
        {"max_size_fraction": 0.004},
        {"niter": 13},
        {"niter": 500},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["rough", "dense", "holes"])
def test_masks_are_the_same_for_every_option(name: str, options: dict[str, Any]) -> None:
    options = dict(options)
    niter = options.pop("niter", 200)
    answer = make(name, seed=5)
    theirs = peer_masks(answer, niter, **options)
    np.testing.assert_array_equal(ours(answer, niter, **options), theirs)


@pytest.mark.parametrize("name", ["noisy", "dense", "tiny"])
def test_the_default_is_the_same_where_no_cell_was_rejected(name: str) -> None:
    """Without gaps in the numbers, compat changes nothing."""
    answer = make(name, seed=9)
    parameters = CellposeParameters(diameter=30, flow_threshold=0.0)
    got = masks_from_flows(answer, parameters, 200).labels
    np.testing.assert_array_equal(got, peer_masks(answer, flow_threshold=0.0))


def test_masks_without_minimum_size_are_the_same_up_to_numbers() -> None:
    import fastremap

    answer = make("holes", seed=6)
    theirs = fastremap.renumber(peer_masks(answer, min_size=-1))[0]
    np.testing.assert_array_equal(ours(answer, min_size=-1), theirs)


@pytest.mark.parametrize("name", ["noisy", "holes", "tiny"])
@pytest.mark.parametrize("shape", [(500, 700), (200, 101)])
def test_masks_resized_to_the_image_are_the_same(name: str, shape: tuple[int, int]) -> None:
    answer = make(name, seed=2)
    np.testing.assert_array_equal(ours(answer, shape=shape), peer_masks(answer, resize=shape))


def test_masks_of_nearest_pixel_dynamics_are_the_same() -> None:
    answer = make("noisy", seed=3)
    np.testing.assert_array_equal(ours(answer, interpolate=False), peer_masks(answer, interp=False))


def test_without_cells_nothing_is_found() -> None:
    answer = np.full((3, 50, 60), -1, np.float32)
    assert not ours(answer).any()
    assert not peer_masks(answer).any()


def test_a_cell_of_almost_the_whole_image_is_dropped_by_both() -> None:
    rng = np.random.default_rng(0)
    labels = np.zeros((80, 80), np.int32)
    labels[4:70, 5:75] = 1
    answer = answer_for(rng, labels, 0.1)
    assert not peer_masks(answer).any()
    parameters = CellposeParameters(diameter=30)
    result = masks_from_flows(answer, parameters, 200)
    assert not result.labels.any()
    assert [str(reason) for reason in result.removed.values()] == ["large"]


def test_the_peer_drops_a_wrong_cell_where_numbers_have_gaps_and_the_default_does_not() -> None:
    """After a rejected cell the peer takes its n-th cell for number n; see `clean`."""
    from cellpose.utils import fill_holes_and_remove_small_masks

    labels = np.zeros((60, 60), np.uint32)
    labels[2:12, 2:12] = 1
    # number 2 was rejected by the flow-error filter
    labels[2:12, 30:40] = 3
    labels[30:32, 30:32] = 4
    labels[40:50, 2:12] = 5
    theirs = fill_holes_and_remove_small_masks(labels.astype(np.uint16), min_size=15)
    assert theirs.max() == 2
    compat = CellposeParameters(diameter=30, compat="cellpose3")
    np.testing.assert_array_equal(clean(labels.copy(), compat).labels, theirs)
    default = clean(labels.copy(), CellposeParameters(diameter=30))
    assert default.labels.max() == 3
    assert list(default.removed.values()) == ["small"]


@pytest.mark.parametrize("seed", range(4))
def test_holes_are_filled_as_by_fill_voids(seed: int) -> None:
    """Random blobs of many labels, inside each other, with gaps in the numbers."""
    from cellpose.utils import fill_holes_and_remove_small_masks
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    fields = gaussian_filter(rng.normal(size=(9, 120, 130)), (0, 3, 3))
    labels = (fields.argmax(0) * (fields.max(0) > 0.02)).astype(np.uint32)
    theirs = fill_holes_and_remove_small_masks(labels.astype(np.uint16), min_size=15)
    parameters = CellposeParameters(diameter=30, compat="cellpose3")
    np.testing.assert_array_equal(clean(labels.copy(), parameters).labels, theirs)


def test_edge_cells_are_those_of_the_peer() -> None:
    from cellpose.utils import remove_edge_masks

    answer = make("dense", seed=8)
    theirs = remove_edge_masks(peer_masks(answer).astype(np.int32))
    np.testing.assert_array_equal(ours(answer, exclude_on_edges=True), theirs)


def test_flow_errors_are_those_of_the_peer() -> None:
    import torch
    from cellpose.metrics import flow_error

    answer = make("dense", seed=4)
    labels = peer_masks(answer, flow_threshold=0.0).astype(np.uint32)
    theirs, _ = flow_error(labels.astype(np.int32), answer[:2], torch.device("cpu"))
    np.testing.assert_allclose(flow_errors(labels, answer[:2])[1:], theirs, atol=1e-7)


def test_seeds_and_growth_are_those_of_the_peer_for_arbitrary_end_points() -> None:
    import torch
    from cellpose.dynamics import get_masks_torch

    rng = np.random.default_rng(1)
    shape = (90, 77)
    for _ in range(20):
        inds = np.nonzero(rng.random(shape) < 0.8)
        centres = rng.integers(0, shape, size=(rng.integers(1, 60), 2))
        ends = centres[rng.integers(0, len(centres), len(inds[0]))]
        ends = ends + rng.normal(0, rng.uniform(0.3, 2.5), ends.shape)
        ends = np.clip(ends.round(), 0, np.array(shape) - 1).astype(np.int32)
        theirs = get_masks_torch(torch.from_numpy(ends.T.copy()), inds, shape)
        pixels = (inds[0] * shape[1] + inds[1]).astype(np.uint32)
        flat = (ends[:, 0] * shape[1] + ends[:, 1]).astype(np.uint32)
        np.testing.assert_array_equal(build_masks(pixels, flat, shape)[0], theirs)


def test_rejected_cells_are_erased_like_the_peer_does() -> None:
    from cellpose.dynamics import compute_masks

    answer = make("very noisy", seed=1)
    theirs = compute_masks(answer[:2], answer[2], flow_threshold=0.4)
    pixels, ends = follow_flows(answer[:2], answer[2] > 0, 200)
    labels, _ = build_masks(pixels, ends, answer.shape[1:])
    before = labels.max()
    erase(labels, np.flatnonzero(flow_errors(labels, answer[:2]) > 0.4))
    np.testing.assert_array_equal(labels, theirs)
    assert 0 < len(np.unique(labels)) - 1 < before


def test_more_labels_than_sixteen_bits_hold() -> None:
    """66,049 one-pixel sinks of twenty-five pixels each: every one keeps its own label."""
    side = 257
    shape = (side * 5, side * 5)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    answer = np.stack([(y // 5 * 5 + 2 - y) * 5, (x // 5 * 5 + 2 - x) * 5, np.ones(shape)])
    answer = answer.astype(np.float32)
    answer[2][(y % 5 == 0) | (x % 5 == 0)] = -1
    labels = masks_from_flows(answer, CellposeParameters(diameter=30, flow_threshold=0), 50).labels
    assert labels.dtype == np.uint32
    assert labels.max() == side * side
    assert (np.bincount(labels.ravel())[1:] == 16).all()
    np.testing.assert_array_equal(labels, peer_masks(answer, 50, flow_threshold=0.0))


@pytest.mark.parametrize("index", range(6))
def test_masks_are_the_same_for_real_nuclei(shared_data: Path, index: int) -> None:
    """Shapes, sizes and contacts of real nuclei, with noise on the flows of their labels."""
    import cv2

    paths = sorted((shared_data / "nuclei_test" / "masks").glob("*.png"))
    labels = cv2.imread(str(paths[index * 5]), cv2.IMREAD_UNCHANGED).astype(np.int32)
    rng = np.random.default_rng(index)
    answer = answer_for(rng, labels, (0.5, 1.5, 2.5)[index % 3])
    theirs = peer_masks(answer)
    assert theirs.max() > 0
    np.testing.assert_array_equal(ours(answer), theirs)
