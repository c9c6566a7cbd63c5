from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from cellwire.training.batches import BatchPlan, draw_batch, image_probabilities
from cellwire.training.intensities import UNCHANGED
from cellwire.training.labelled_area import labelled_area
from cellwire.training.losses import cellpose_loss
from cellwire.training.measuring import evenly_chosen
from tests.unit.training.samples import sample_images

if TYPE_CHECKING:
    from cellwire.training.training_images import TrainingImage

PLAN = BatchPlan(diam_mean=12.0, seed=5)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[TrainingImage]:
    return sample_images(tmp_path_factory.mktemp("images") / "set", 6)


def of_kinds(images: list[TrainingImage], kinds: str) -> list[TrainingImage]:
    return [
        replace(image, pair=replace(image.pair, kind=kind))
        for image, kind in zip(images, kinds, strict=True)
    ]


def test_batches_follow_from_seed_and_step(images: list[TrainingImage]) -> None:
    chances = image_probabilities(images, PLAN)
    one, again = (draw_batch(images, chances, PLAN, 7, 3, 32) for _ in range(2))
    other = draw_batch(images, chances, PLAN, 8, 3, 32)
    np.testing.assert_array_equal(one.views, again.views)
    assert one.views.shape == (3, 2, 32, 32)
    assert one.targets.shape == (3, 3, 32, 32)
    assert one.weights is None
    assert not np.array_equal(one.views, other.views)


def test_changes_of_intensity_are_eased_in(images: list[TrainingImage]) -> None:
    """None at the first step, half as likely halfway, then as asked: the same views otherwise."""
    eased = replace(PLAN, eased_in=200)
    plain = replace(PLAN, intensities=UNCHANGED)
    chances = image_probabilities(images, PLAN)

    def drawn(plan: BatchPlan, step: int) -> np.ndarray:
        return draw_batch(images, chances, plan, step, 1, 32).views.numpy()

    np.testing.assert_array_equal(drawn(eased, 0), drawn(plain, 0))
    np.testing.assert_array_equal(drawn(eased, 200), drawn(PLAN, 200))

    def changed(plan: BatchPlan, steps: range) -> float:
        return float(np.mean([(drawn(plan, s) != drawn(plain, s)).any() for s in steps]))

    few, more, usual = (
        changed(eased, range(1, 40)),
        changed(eased, range(160, 199)),
        changed(PLAN, range(160, 199)),
    )
    assert few < 0.5 < more
    assert usual > 0.7


def test_shares_and_balance(images: list[TrainingImage]) -> None:
    mixed = of_kinds(images, "aaaabc")
    chances = image_probabilities(mixed, BatchPlan(12.0, shares={"a": 0.3}))
    np.testing.assert_allclose(chances, [0.075] * 4 + [0.35] * 2)
    chances = image_probabilities(mixed, BatchPlan(12.0, balance=1.0))
    np.testing.assert_allclose(chances, [1 / 6] * 6)
    chances = image_probabilities(mixed, BatchPlan(12.0, balance=0.0))
    np.testing.assert_allclose(chances, [1 / 12] * 4 + [1 / 3] * 2)


def test_scored_images_are_even_over_kinds(images: list[TrainingImage]) -> None:
    mixed = of_kinds(images, "aaaabc")
    chosen = [image.pair.kind + image.pair.name for image in evenly_chosen(mixed, 4)]
    assert chosen == ["a0", "a3", "b4", "c5"]
    assert len(evenly_chosen(mixed, 50)) == 6


def test_where_nothing_is_known_nothing_is_learnt(images: list[TrainingImage]) -> None:
    known = images[0]
    partly = replace(known, area=labelled_area(known.labels, known.diameter))
    both = [known, partly]
    batch = draw_batch(both, np.array([0.5, 0.5]), PLAN, 1, 6, 64)
    assert batch.weights is not None
    whole = batch.weights.bool().all(dim=(1, 2, 3))
    assert whole.any()
    assert not whole.all()
    y = torch.from_numpy(np.random.default_rng(0).random((6, 3, 64, 64), dtype=np.float32))
    targets, weights = batch.targets, batch.weights
    loss = cellpose_loss(y, targets, weights)
    spoilt = torch.where(weights > 0, targets, torch.full_like(targets, 9.0))
    assert torch.equal(cellpose_loss(y, spoilt, weights), loss)
    ones = torch.ones_like(weights)
    assert cellpose_loss(y, targets, ones).item() == pytest.approx(
        cellpose_loss(y, targets).item(), rel=1e-5
    )


def test_cells_are_pasted_among_images_of_a_kind(images: list[TrainingImage]) -> None:
    plan = replace(PLAN, paste=1.0)
    chances = image_probabilities(images, plan)
    plain, pasted = (draw_batch(images, chances, each, 3, 1, 64) for each in (PLAN, plan))
    assert (pasted.targets[:, 0] >= plain.targets[:, 0]).all()
    assert pasted.targets[:, 0].sum() > plain.targets[:, 0].sum()
    # Each kind has one image here, which lends cells to itself alone.
    alone = of_kinds(images, "abcdef")
    assert draw_batch(alone, image_probabilities(alone, plan), plan, 3, 4, 64).views.any()


def test_colour_images_are_seen_in_other_mixtures(images: list[TrainingImage]) -> None:
    mixed = [replace(image, mixtures=(image.image + np.float16(7),)) for image in images]

    def brightest(mix: float, count: int = 24) -> np.ndarray:
        plan = replace(PLAN, intensities=replace(UNCHANGED, mix=mix))
        chances = image_probabilities(mixed, plan)
        return draw_batch(mixed, chances, plan, 2, count, 32).views.amax(dim=(1, 2, 3)).numpy()

    assert (brightest(0.0) < 5).all()
    assert (brightest(1.0) > 5).all()
    assert 4 < (brightest(0.5) > 5).sum() < 20
