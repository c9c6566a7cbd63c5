from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from cellwire.errors import TrainingDataError
from cellwire.networks.architecture import Architecture
from cellwire.networks.card import ModelCard, read_card, write_card
from cellwire.networks.unet import CellposeNet
from cellwire.training.averaging import WeightAverage
from cellwire.training.batches import BatchPlan, draw_batch, image_probabilities
from cellwire.training.card import write_model_card
from cellwire.training.curve import write_loss_curve
from cellwire.training.loop import TrainingSettings, TrainingState, train
from cellwire.training.schedules import cosine, paper
from cellwire.training.size_model import fit_size
from tests.unit.training.samples import sample_images

if TYPE_CHECKING:
    from pathlib import Path

PLAN = BatchPlan(diam_mean=12.0, seed=5)


def small() -> CellposeNet:
    torch.manual_seed(1)
    return CellposeNet(Architecture(2, (4, 8)), 12.0)


def run(tmp_path: Path, epochs: int, *, resume: bool = False, rate: float = 3e-3) -> TrainingState:
    images = sample_images(tmp_path / f"set{epochs}{resume}", 4)
    settings = TrainingSettings(
        epochs=epochs, batch=2, crop=32, validation_crop=32, validation_views=2,
        learning_rate=rate, optimizer="sgd",
    )  # fmt: skip
    return train(small(), images, images[:1], PLAN, settings, tmp_path / "out", resume=resume)


def test_the_loss_falls(tmp_path: Path) -> None:
    state = run(tmp_path, 14, rate=0.05)
    assert state.step == 28
    assert np.mean(state.losses[-5:]) < 0.8 * np.mean(state.losses[:3])
    assert state.validations[-1].step == 28
    write_loss_curve(tmp_path / "curve.png", state.losses, state.validations)
    assert (tmp_path / "curve.png").read_bytes()[1:4] == b"PNG"


def test_a_resumed_training_is_the_uninterrupted_one(tmp_path: Path) -> None:
    first = run(tmp_path, 2)
    resumed = run(tmp_path, 4, resume=True)
    whole = run(tmp_path, 4)
    assert resumed.losses == whole.losses
    assert resumed.losses[: first.step] == first.losses


def test_resuming_from_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="resume"):
        run(tmp_path, 1, resume=True)


def test_batches_follow_from_seed_and_step(tmp_path: Path) -> None:
    images = sample_images(tmp_path / "set")
    chances = image_probabilities(images, PLAN)
    one, again = (draw_batch(images, chances, PLAN, 7, 3, 32) for _ in range(2))
    other = draw_batch(images, chances, PLAN, 8, 3, 32)
    np.testing.assert_array_equal(one[0], again[0])
    assert one[0].shape == (3, 2, 32, 32)
    assert one[1].shape == (3, 3, 32, 32)
    assert not np.array_equal(one[0], other[0])


def test_schedules() -> None:
    assert cosine(0.015) == pytest.approx(0.5)
    assert cosine(0.03) == pytest.approx(1.0)
    assert cosine(1.0) == pytest.approx(0.01)
    assert paper(0, 500) == 0.0
    assert paper(9, 500) == paper(399, 500) == 1.0
    assert paper(400, 500) == 0.5
    assert paper(499, 500) == 0.5**10
    assert paper(49, 50) == 1.0


def test_the_average_follows_the_weights() -> None:
    network = torch.nn.Linear(1, 1)
    average = WeightAverage(network, horizon=10)
    for value in range(200):
        with torch.no_grad():
            network.weight.fill_(float(value))
        average.update(network)
    assert average.tensors["weight"].item() == pytest.approx(199 - 9, abs=0.5)


def test_the_size_regression_finds_the_rule() -> None:
    rng = np.random.default_rng(0)
    styles = rng.standard_normal((500, 8))
    rule = rng.standard_normal(8) * 0.2
    size = fit_size(styles, 17.0 * np.exp(styles @ rule + 0.3), 17.0)
    found = 17.0 * np.exp((styles - size.smean) @ size.A + size.ymean)
    np.testing.assert_allclose(found, 17.0 * np.exp(styles @ rule + 0.3), rtol=0.02)


def test_cards_are_written_and_read(tmp_path: Path) -> None:
    card = ModelCard("Nuclei.", 17.0, figures={"AP@0.5": 0.8}, data="Some.", limits="Many.")
    write_card(tmp_path / "card.json", card)
    assert read_card(tmp_path / "card.json") == card
    write_model_card(tmp_path / "MODEL_CARD.md", "nuclei", card, "abc")
    text = (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| AP@0.5 | 0.800 |" in text
    assert "Many." in text
