from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwire.segmentation.targets import labels_to_flows
from cellwire.training.augmentation import View, draw_view, warp, warp_matrix
from cellwire.training.intensities import (
    DIMMEST,
    UNCHANGED,
    IntensityRange,
    add_grain,
    add_haze,
    change_intensities,
    dim_some_cells,
    lift_cells,
    planes_along,
)
from cellwire.training.labelled_area import labelled_area

if TYPE_CHECKING:
    from collections.abc import Callable


def ellipses() -> np.ndarray:
    labels = np.zeros((120, 150), np.int32)
    for label, centre, axes in ((1, (40, 40), (25, 14)), (2, (110, 70), (18, 30))):
        cv2.ellipse(labels, centre, axes, 0, 0, 360, label, -1)
    return labels


@pytest.mark.parametrize("stretched", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(8))
def test_flows_turn_with_the_image(seed: int, stretched: float) -> None:
    labels = ellipses()
    flows = labels_to_flows(labels)
    view = draw_view(np.random.default_rng(seed), labels.shape, 128, 1.2, stretched=stretched)
    assert (view.stretch > 1.0) == bool(stretched)
    image = labels.astype(np.float32)[..., None]
    seen, target, _, _ = warp(view, image, labels, flows, 128)
    matrix = warp_matrix(view, labels.shape, 128)
    turned = cv2.warpAffine(
        labels.astype(np.float32), matrix, (128, 128), flags=cv2.INTER_NEAREST
    ).astype(np.int32)
    np.testing.assert_array_equal(target[0] > 0, turned > 0)
    assert seen.shape == (1, 128, 128)
    # Cells that the view cuts have another centre there.
    whole = [i for i in (1, 2) if not (_border(turned) == i).any() and (turned == i).any()]
    inside = np.isin(turned, whole)
    if inside.any():
        agreement = (target[1:] * labels_to_flows(turned)).sum(axis=0)[inside]
        assert agreement.mean() > 0.95


def _border(plane: np.ndarray) -> np.ndarray:
    return np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])


@given(
    stretch=st.floats(1.0, 3.0),
    along=st.floats(0.0, np.pi),
    angle=st.floats(0.0, 2 * np.pi),
    flip=st.booleans(),
    scale=st.floats(0.2, 5.0),
)
def test_a_stretch_keeps_areas_and_makes_one_side_longer(
    stretch: float, along: float, angle: float, flip: bool, scale: float
) -> None:
    view = View(flip, angle, scale, (0.0, 0.0), stretch, along)
    sides = np.linalg.svd(warp_matrix(view, (100, 80), 64)[:, :2].astype(np.float64))[1]
    assert sides[0] * sides[1] == pytest.approx(scale**2, rel=1e-4)
    assert sides[0] / sides[1] == pytest.approx(stretch, rel=1e-3)


def test_a_plain_view_is_the_image() -> None:
    labels = ellipses()[:100, :100]
    flows = labels_to_flows(labels)
    image = np.random.default_rng(0).random((100, 100, 2), dtype=np.float32)
    seen, target, _, _ = warp(View(False, 0.0, 1.0, (0.0, 0.0)), image, labels, flows, 100)
    np.testing.assert_allclose(seen, image.transpose(2, 0, 1), atol=1e-6)
    np.testing.assert_allclose(target[1:], flows, atol=1e-6)


def test_a_flip_mirrors_the_flows() -> None:
    labels = ellipses()[:100, :100]
    flows = labels_to_flows(labels)
    image = labels.astype(np.float32)[..., None]
    seen, target, _, _ = warp(View(True, 0.0, 1.0, (0.0, 0.0)), image, labels, flows, 100)
    np.testing.assert_allclose(seen[0], image[:, ::-1, 0], atol=1e-6)
    np.testing.assert_allclose(target[2], -flows[1][:, ::-1], atol=1e-6)
    np.testing.assert_allclose(target[1], flows[0][:, ::-1], atol=1e-6)


def bright_cells() -> tuple[np.ndarray, np.ndarray]:
    labels = ellipses()
    rng = np.random.default_rng(5)
    image = np.where(labels > 0, 0.9, 0.1) + 0.02 * rng.standard_normal(labels.shape)
    return image[None].astype(np.float32), labels


@pytest.mark.parametrize("seed", range(6))
def test_cells_of_a_sparse_view_stand_far_above_a_noisy_ground(seed: int) -> None:
    image, labels = bright_cells()
    lifted = image.copy()
    lift_cells(np.random.default_rng(seed), lifted, labels)
    ground = lifted[0][labels == 0]
    assert 0.05 < np.median(ground) < 0.65
    assert np.median(lifted[0][labels > 0]) - np.median(ground) > 0.8 * 2.0 * 0.95
    assert ground.std() > image[0][labels == 0].std()


@pytest.mark.parametrize("seed", range(6))
def test_haze_is_light_that_changes_slowly(seed: int) -> None:
    image, labels = bright_cells()
    hazy = image.copy()
    add_haze(np.random.default_rng(seed), hazy, labels)
    assert np.median(hazy[0][labels == 0]) > np.median(image[0][labels == 0])
    steps, hazy_steps = np.diff(image[0], axis=0), np.diff(hazy[0], axis=0)
    gain = (steps * hazy_steps).sum() / (steps**2).sum()
    assert 0.5 < gain < 1.0
    assert np.abs(hazy_steps - gain * steps).max() < 0.1


@pytest.mark.parametrize("seed", range(12))
def test_planes_of_a_stack_blur_one_direction_only(seed: int) -> None:
    image, _ = bright_cells()
    seen = planes_along(np.random.default_rng(seed), image)
    axis = int(seen.shape[1] == image.shape[1])
    assert seen.shape[1 + axis] < image.shape[1 + axis] / 1.2
    assert seen.shape[2 - axis] == image.shape[2 - axis]
    assert abs(seen.mean() - image.mean()) < 0.1 * image.mean()
    size = image.shape[2], image.shape[1]
    stretched = cv2.resize(np.ascontiguousarray(seen[0]), size)
    sharpness = [np.abs(np.diff(stretched, axis=way)).max() for way in (axis, 1 - axis)]
    assert sharpness[0] < sharpness[1]


@pytest.mark.parametrize("seed", range(6))
def test_grain_keeps_the_range_and_the_order_of_light(seed: int) -> None:
    image, labels = bright_cells()
    grainy = np.concatenate([image, np.zeros_like(image)])
    add_grain(np.random.default_rng(seed), grainy)
    assert not grainy[1].any()
    assert grainy[0][labels == 0].std() > image[0][labels == 0].std()
    assert grainy[0][labels > 0].mean() > grainy[0][labels == 0].mean()
    low, high = np.percentile(grainy[0], (1.0, 99.0))
    assert low > -1e-4
    assert high < 1.0 + 1e-4


@pytest.mark.parametrize("change", [add_haze, lift_cells])
def test_dark_cells_are_left_as_they_are(change: Callable[..., None]) -> None:
    image, labels = bright_cells()
    dark = 1.0 - image
    changed = dark.copy()
    change(np.random.default_rng(0), changed, labels)
    np.testing.assert_array_equal(changed, dark)


def test_empty_channels_stay_empty() -> None:
    image = np.zeros((2, 32, 32), np.float32)
    image[0] = 0.5
    always = IntensityRange(invert=1.0, probability=1.0)
    cells = np.zeros((32, 32), np.int32)
    changed = change_intensities(np.random.default_rng(0), image, cells, always)
    assert not changed[1].any()
    assert not np.allclose(changed[0], image[0])
    assert image[0].min() == image[0].max() == 0.5


@pytest.mark.parametrize("seed", range(6))
def test_a_view_of_a_part_is_that_part_of_the_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.random((300, 400), dtype=np.float32)
    labels = np.zeros((300, 400), np.int32)
    view = draw_view(rng, labels.shape, 64, float(rng.uniform(0.5, 3)))
    seen, _, weight, _ = warp(
        view, image[..., None], labels, np.zeros((2, 300, 400)), 64, np.ones((300, 400), bool)
    )
    whole = cv2.warpAffine(image, warp_matrix(view, labels.shape, 64), (64, 64))
    # Positions are rounded to 1/32 of a pixel.
    np.testing.assert_allclose(seen[0], whole, atol=0.07)
    assert weight is not None
    assert weight.shape == (1, 64, 64)


def test_a_small_image_has_nothing_around_it() -> None:
    labels = ellipses()
    area = labelled_area(labels, 20.0)
    flows = labels_to_flows(labels)
    seen, target, weight, _ = warp(
        View(False, 0.0, 0.5, (0.0, 0.0)), np.ones((*labels.shape, 1)), labels, flows, 128, area
    )
    assert weight is not None
    assert seen[0, 64, 64] == 1.0
    for plane in (seen[0], target[0], weight[0]):
        assert not plane[:20].any()
        assert not plane[:, :20].any()
    assert not (weight[0] == 0)[target[0] > 0].any()


def test_the_second_channel_is_dropped_at_times() -> None:
    image = np.ones((2, 8, 8), np.float32)
    limits = replace(UNCHANGED, drop_nuclei=0.3)
    rng = np.random.default_rng(0)
    cells = np.zeros((8, 8), np.int32)
    views = [change_intensities(rng, image, cells, limits) for _ in range(400)]
    assert all(view[0].all() for view in views)
    assert 0.2 < np.mean([not view[1].any() for view in views]) < 0.4
    limits = replace(UNCHANGED, drop_nuclei=1.0)
    alone = change_intensities(rng, image[:1], cells, limits)
    assert alone.any()


@given(seed=st.integers(0, 2**32 - 1))
def test_dimmed_cells_keep_their_ground_and_their_order(seed: int) -> None:
    labels = ellipses()
    image = np.where(labels > 0, 1.0, 0.25).astype(np.float32)[None]
    dark = (1.0 - image).astype(np.float32)
    both = np.concatenate([image, dark, np.zeros_like(image)])
    dim_some_cells(np.random.default_rng(seed), both, labels)
    np.testing.assert_allclose(both[0][labels == 0], 0.25, atol=1e-6)
    for cell in (1, 2):
        light = both[0][cv2.erode((labels == cell).astype(np.uint8), np.ones((9, 9))) > 0] - 0.25
        np.testing.assert_allclose(light, light[0], rtol=1e-4)
        assert DIMMEST * 0.75 - 1e-4 <= light[0] <= 0.75 + 1e-4
    np.testing.assert_array_equal(both[1], dark[0])
    assert not both[2].any()


def test_some_cells_are_dimmed_and_others_not() -> None:
    labels = ellipses()
    image = (labels > 0).astype(np.float32)[None]
    limits = replace(UNCHANGED, uneven=0.5)
    rng = np.random.default_rng(0)
    views = [change_intensities(rng, image, labels, limits)[0] for _ in range(300)]
    centres = np.array([[view[40, 40], view[70, 110]] for view in views])
    assert 0.6 < (centres == 1.0).mean() < 0.9
    assert (centres < 0.5).any(axis=0).all()
