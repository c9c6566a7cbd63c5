from __future__ import annotations

import numpy as np
import pytest
import torch

from cellwire.networks.architecture import Architecture
from cellwire.networks.unet import CellposeNet
from cellwire.training.batches import BatchPlan
from cellwire.training.folders import find_pairs
from cellwire.training.size_model import (
    RIDGES,
    StyleSample,
    choose_ridge,
    collect_styles,
    fit_size,
    predicted,
    relative_errors,
)
from cellwire.training.size_views import areas_of, draw_size_view
from cellwire.training.training_images import load_images
from tests.unit.training.samples import write_folder


def test_the_regression_finds_the_rule() -> None:
    rng = np.random.default_rng(0)
    styles = rng.standard_normal((500, 8))
    rule = rng.standard_normal(8) * 0.2
    diameters = 17.0 * np.exp(styles @ rule + 0.3)
    size = fit_size(styles, diameters, 17.0, 1e-3)
    np.testing.assert_allclose(predicted(styles, size), diameters, rtol=0.02)
    sample = StyleSample(styles, diameters, np.arange(500))
    assert np.median(relative_errors(sample, size)) < 0.01


def test_the_ridge_suits_the_noise() -> None:
    rng = np.random.default_rng(1)
    styles = rng.standard_normal((60, 50)) * 0.05
    noise = np.exp(rng.standard_normal(60))
    sources = np.repeat(np.arange(12), 5)
    noisy = choose_ridge(StyleSample(styles, 30.0 * noise, sources), 30.0)
    clean = choose_ridge(StyleSample(styles, 30.0 * np.exp(styles[:, 0] * 9), sources), 30.0)
    assert noisy == RIDGES[-1]
    assert clean < 1e-2


def test_views_cover_all_sizes(tmp_path) -> None:
    (image,) = load_images(find_pairs(write_folder(tmp_path / "set", 1)), least_cells=1)
    areas = areas_of(image.labels)
    rng = np.random.default_rng(0)
    views = [draw_size_view(rng, image, areas, 2) for _ in range(200)]
    found = np.array([view.diameter for view in views if view is not None])
    # Of 80 x 96 pixels no view of 64 shows cells of less than 64 / 80 of their size.
    assert 8 < found.min() < 11
    assert 100 < found.max() < 140
    assert len(found) > 150
    for view in views:
        if view is not None:
            assert view.pixels.shape[0] == 2
            assert view.pixels.shape[1] % 32 == 0
            assert not view.pixels[1].any()
            bright = (view.pixels[0] > 0.5).sum()
            assert bright >= 0.15 * min(view.diameter, 60) ** 2 * np.pi / 4


@pytest.mark.parametrize("views", [40])
def test_styles_are_those_of_the_network(tmp_path, views: int) -> None:
    images = load_images(find_pairs(write_folder(tmp_path / "set", 3)), least_cells=1)
    torch.manual_seed(0)
    network = CellposeNet(Architecture(2, (4, 8)), 12.0)
    told: list[int] = []
    sample = collect_styles(
        network, images, BatchPlan(12.0), views, progress=lambda done, _: told.append(done)
    )
    assert told[-1] == views
    assert sample.styles.shape == (len(sample.diameters), 8)
    assert len(sample.sources) == len(sample.diameters) > views * 0.7
    np.testing.assert_allclose(np.linalg.norm(sample.styles, axis=1), 1.0, rtol=1e-5)
    again = collect_styles(network, images, BatchPlan(12.0), views)
    np.testing.assert_array_equal(again.styles, sample.styles)
