from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from cellwire.errors import TrainingDataError
from cellwire.networks.architecture import Architecture
from cellwire.networks.unet import CellposeNet
from cellwire.training.averaging import WeightAverage
from cellwire.training.batches import BatchPlan
from cellwire.training.curve import write_curves
from cellwire.training.intensities import UNCHANGED
from cellwire.training.loop import train
from cellwire.training.schedules import cosine, paper
from cellwire.training.settings import Scores, TrainingSettings, TrainingState
from tests.unit.training.samples import sample_images

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.training.settings import Moment
    from cellwire.training.training_images import TrainingImage

PLAN = BatchPlan(diam_mean=12.0, seed=5)


def small() -> CellposeNet:
    torch.manual_seed(1)
    return CellposeNet(Architecture(2, (4, 8)), 12.0)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[TrainingImage]:
    return sample_images(tmp_path_factory.mktemp("images") / "set", 4)


def settings(epochs: int, **changed: Any) -> TrainingSettings:
    usual: dict[str, Any] = {
        "epochs": epochs, "batch": 2, "crop": 32, "validation_crop": 32, "validation_views": 2,
        "learning_rate": 3e-3, "optimizer": "sgd", "measurements": 4,
    }  # fmt: skip
    return TrainingSettings(**{**usual, **changed})


def test_the_loss_falls(images: list[TrainingImage], tmp_path: Path) -> None:
    own = settings(28, learning_rate=0.05)
    # The loss of so few views is steady only where none of them is made hard.
    plan = replace(PLAN, intensities=UNCHANGED)
    state = train(small(), images, images[:1], plan, own, tmp_path)
    assert state.step == 56
    assert np.mean(state.losses[-5:]) < 0.8 * np.mean(state.losses[:3])
    assert [each.step for each in state.validations] == [14, 28, 42, 56]
    write_curves(tmp_path / "curve.png", state.losses, state.validations)
    assert (tmp_path / "curve.png").read_bytes()[1:4] == b"PNG"


def test_no_epochs_leave_the_network_as_it_is(images: list[TrainingImage], tmp_path: Path) -> None:
    network = small()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    state = train(network, images, images[:1], PLAN, settings(0), tmp_path)
    assert (state.step, state.losses) == (0, [])
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name
    with warnings.catch_warnings(action="error"):
        write_curves(tmp_path / "curve.png", state.losses, [])


class Stop(Exception):
    pass


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_an_interrupted_training_goes_on_as_if_nothing_had_been(
    images: list[TrainingImage], tmp_path: Path, optimizer: str
) -> None:
    own = settings(8, optimizer=optimizer, checkpoint_minutes=0.0, large_crop=48, large_share=0.4)
    whole_network = small()
    whole = train(whole_network, images, images[:2], PLAN, own, tmp_path / "whole")

    def stop_at(step: int) -> Any:
        def tell(moment: Moment) -> None:
            if moment.step == step:
                raise Stop

        return tell

    for step in (3, 9):
        with pytest.raises(Stop):
            train(
                small(), images, images[:2], PLAN, own, tmp_path / "parts",
                resume=step > 3, tell=stop_at(step),
            )  # fmt: skip
    network = small()
    parts = train(network, images, images[:2], PLAN, own, tmp_path / "parts", resume=True)
    assert parts.losses == whole.losses
    assert [each.loss for each in parts.validations] == [each.loss for each in whole.validations]
    for name, value in whole_network.state_dict().items():
        assert torch.equal(value, network.state_dict()[name]), name


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_on_a_gpu_the_loss_falls_as_on_the_processor(
    images: list[TrainingImage], tmp_path: Path
) -> None:
    own = settings(20, learning_rate=0.05)
    losses = {}
    for device in ("cpu", "cuda:0"):
        state = train(small(), images, images[:1], PLAN, own, tmp_path / device, device=device)
        losses[device] = state.losses
    assert len(losses["cuda:0"]) == len(losses["cpu"])
    np.testing.assert_allclose(losses["cuda:0"][:5], losses["cpu"][:5], rtol=2e-2)
    assert np.mean(losses["cuda:0"][-5:]) < np.mean(losses["cuda:0"][:3])


def test_resuming_from_nothing_is_an_error(images: list[TrainingImage], tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="resume"):
        train(small(), images, [], PLAN, settings(1), tmp_path, resume=True)


def test_the_best_average_is_kept_and_patience_ends(
    images: list[TrainingImage], tmp_path: Path
) -> None:
    scores = iter([0.2, 0.6, 0.6, 0.5, 0.4, 0.9])
    seen: list[dict[str, torch.Tensor]] = []

    def score(network: CellposeNet) -> Scores:
        seen.append({name: value.clone() for name, value in network.state_dict().items()})
        mean = next(scores)
        return Scores(mean, {"set": mean})

    network = small()
    start = {name: value.clone() for name, value in network.state_dict().items()}
    own = settings(10, measurements=10, patience=3, measure_start=True)
    state = train(network, images, images[:1], PLAN, own, tmp_path, score=score)
    assert state.step == 8
    assert [each.step for each in state.validations] == [0, 2, 4, 6, 8]
    for name, value in start.items():
        assert torch.equal(value, seen[0][name]), name
    assert [each.score for each in state.validations] == [0.2, 0.6, 0.6, 0.5, 0.4]
    assert state.best is state.validations[1]
    for name, value in network.state_dict().items():
        assert torch.equal(value, seen[1][name]), name
        if name.endswith("weight"):
            assert not torch.equal(value, seen[-1][name])
    write_curves(tmp_path / "curve.png", state.losses, state.validations)


def test_a_loss_that_is_no_number_ends_the_training(
    images: list[TrainingImage], tmp_path: Path
) -> None:
    with pytest.raises(TrainingDataError, match=r"gone astray.*lower --learning-rate than 1e"):
        train(small(), images, [], PLAN, settings(200, learning_rate=1e30), tmp_path)


def test_bfloat16_learns_too(images: list[TrainingImage], tmp_path: Path) -> None:
    own = settings(6, precision="bf16", optimizer="adamw")
    network = small()
    state = train(network, images, [], PLAN, own, tmp_path)
    assert np.isfinite(state.losses).all()
    assert {value.dtype for value in network.state_dict().values()} <= {torch.float32, torch.int64}
    assert not TrainingState().waited_too_long(3)


@pytest.mark.parametrize(
    "options",
    [{"style": False}, {"residual": False}, {"concatenate": True},
     {"style": False, "residual": False, "concatenate": True}],
)  # fmt: skip
def test_the_papers_other_networks_learn(
    images: list[TrainingImage], tmp_path: Path, options: dict[str, bool]
) -> None:
    torch.manual_seed(1)
    network = CellposeNet(Architecture(2, (4, 8), **options), 12.0)
    own = settings(3, learning_rate=0.05, batch=4)
    state = train(network, images, [], PLAN, own, tmp_path)
    again = CellposeNet(network.architecture, 12.0)
    train(again, images, [], PLAN, settings(4, batch=4), tmp_path, resume=True)
    assert np.isfinite(state.losses).all()
    assert state.losses[-1] != state.losses[0]


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
