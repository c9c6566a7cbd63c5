"""The training loop."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from cellwire.training.averaging import WeightAverage
from cellwire.training.batches import BatchPlan, ahead, draw_batch, image_probabilities
from cellwire.training.checkpoints import load_checkpoint, save_checkpoint
from cellwire.training.losses import cellpose_loss
from cellwire.training.schedules import cosine, paper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cellwire.networks.unet import CellposeNet
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.folders import TrainingImage

VALIDATION_SEED = 2021
MOMENTUM = 0.9


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What decides the course of a training, beside the images.

    Attributes
    ----------
    epochs
        Times that, on average, every image is seen.
    max_minutes
        The training ends after this time instead of after the epochs; the schedule follows the
        clock.
    learning_rate, weight_decay, optimizer
        ``"sgd"`` with the paper's schedule (rate 0.2, decay 1e-5), or ``"adamw"`` with a warm-up
        and a cosine.
    batch, crop
        Views a step and their side in pixels.
    large_crop, large_share
        The last share of the training sees views of this side, as many as cost the same; it gets
        the style, a mean over the view, closer to what it is in segmentation.
    clip
        Greatest length of the gradient with AdamW.
    precision
        ``"bf16"`` computes convolutions in bfloat16; weights, statistics and loss stay float32.
    validate_minutes, checkpoint_minutes
        Time between measurements on the validation images, and between checkpoints.
    validation_views, validation_crop
        What a measurement of the loss looks at.
    """

    epochs: int = 500
    max_minutes: float | None = None
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    optimizer: Literal["sgd", "adamw"] = "adamw"
    batch: int = 8
    crop: int = 224
    large_crop: int = 0
    large_share: float = 0.15
    clip: float = 5.0
    precision: Literal["fp32", "bf16"] = "fp32"
    validate_minutes: float = 8.0
    checkpoint_minutes: float = 2.0
    validation_views: int = 24
    validation_crop: int = 160


@dataclass(frozen=True, slots=True)
class Validation:
    """What was measured on the validation images.

    Attributes
    ----------
    step, minutes
        When.
    loss
        Mean loss of fixed views.
    score
        Mean average precision, where it was measured.
    """

    step: int
    minutes: float
    loss: float
    score: float | None = None


@dataclass(slots=True)
class TrainingState:
    """Where a training stands."""

    step: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Moment:
    """What `train` tells after each step."""

    step: int
    done: float
    loss: float
    learning_rate: float
    minutes: float
    validation: Validation | None = None


def train(
    network: CellposeNet,
    images: Sequence[TrainingImage],
    validation: Sequence[TrainingImage],
    plan: BatchPlan,
    settings: TrainingSettings,
    folder: Path,
    *,
    resume: bool = False,
    device: str = "cpu",
    tell: Callable[[Moment], None] | None = None,
    score: Callable[[CellposeNet], float] | None = None,
) -> TrainingState:
    """Train a network; its weights end as the running average of the training's.

    Parameters
    ----------
    network
        What to train, from its present weights.
    images, validation
        What to learn from and what to measure on.
    plan, settings
        The recipe.
    folder
        Where checkpoints and the averaged weights of each measurement (``average_STEP.pt``) go.
    resume
        Go on from the folder's checkpoint.
    device
        Name of the torch device.
    tell
        Called after each step.
    score
        Gives the average precision of a network on the validation images.
    """
    network.to(device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    optimizer = _optimizer(network, settings)
    average = WeightAverage(network)
    state = TrainingState()
    if resume:
        _restore(load_checkpoint(folder), network, optimizer, average, state)
    probabilities = image_probabilities(images, plan)
    steps_an_epoch = max(1, len(images) // settings.batch)
    all_steps = settings.epochs * steps_an_epoch
    fixed_views = _validation_views(validation, plan, settings) if validation else None

    def done_at(step: int, seconds: float) -> float:
        if settings.max_minutes is not None:
            return seconds / (60.0 * settings.max_minutes)
        return step / all_steps

    def draw(step: int) -> tuple[FloatArray, FloatArray]:
        size, crop = settings.batch, settings.crop
        if settings.large_crop and done_at(step, state.seconds) > 1.0 - settings.large_share:
            size = max(2, round(size * (crop / settings.large_crop) ** 2))
            crop = settings.large_crop
        return draw_batch(images, probabilities, plan, step, size, crop)

    def measure() -> Validation | None:
        if fixed_views is None:
            return None
        own = {name: value.clone() for name, value in network.state_dict().items()}
        network.load_state_dict(average.tensors)
        network.eval()
        loss = _mean_loss(network, fixed_views, device)
        found = score(network) if score is not None else None
        torch.save(average.tensors, folder / f"average_{state.step:06d}.pt")
        network.load_state_dict(own)
        network.train()
        result = Validation(state.step, state.seconds / 60.0, loss, found)
        state.validations.append(result)
        return result

    folder.mkdir(parents=True, exist_ok=True)
    last = time.monotonic()
    checked = measured = state.seconds
    batches = ahead(draw, state.step)
    while (done := done_at(state.step, state.seconds)) < 1.0:
        factor = (
            paper(state.step // steps_an_epoch, settings.epochs)
            if settings.optimizer == "sgd" and settings.max_minutes is None
            else cosine(done)
        )
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * factor
        views, targets = (torch.from_numpy(each).to(device) for each in next(batches))
        optimizer.zero_grad(set_to_none=True)
        views = views.contiguous(memory_format=torch.channels_last)
        with torch.autocast(
            torch.device(device).type, torch.bfloat16, enabled=settings.precision == "bf16"
        ):
            y = network(views)[0]
        loss = cellpose_loss(y.float(), targets)
        loss.backward()  # type: ignore[no-untyped-call]
        if settings.optimizer == "adamw":
            torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        optimizer.step()
        average.update(network)
        state.step += 1
        state.losses.append(float(loss.detach()))
        if not math.isfinite(state.losses[-1]):
            raise FloatingPointError(f"The loss is {state.losses[-1]} at step {state.step}.")
        now = time.monotonic()
        state.seconds += now - last
        last = now
        result = None
        if state.seconds - measured > 60.0 * settings.validate_minutes:
            result = measure()
            measured = state.seconds
        if state.seconds - checked > 60.0 * settings.checkpoint_minutes:
            save_checkpoint(folder, _state(network, optimizer, average, state))
            checked = state.seconds
        if tell is not None:
            rate = settings.learning_rate * factor
            minutes = state.seconds / 60.0
            tell(Moment(state.step, done, state.losses[-1], rate, minutes, result))
    result = measure()
    save_checkpoint(folder, _state(network, optimizer, average, state))
    network.load_state_dict(average.tensors)
    network.eval()
    return state


def _optimizer(network: CellposeNet, settings: TrainingSettings) -> torch.optim.Optimizer:
    learnt = [value for value in network.parameters() if value.requires_grad]
    if settings.optimizer == "sgd":
        return torch.optim.SGD(
            learnt, lr=settings.learning_rate, momentum=MOMENTUM, weight_decay=settings.weight_decay
        )
    return torch.optim.AdamW(learnt, lr=settings.learning_rate, weight_decay=settings.weight_decay)


def _validation_views(
    images: Sequence[TrainingImage], plan: BatchPlan, settings: TrainingSettings
) -> tuple[FloatArray, FloatArray]:
    plain = BatchPlan(plan.diam_mean, VALIDATION_SEED, scale_range=0.0, shares=plan.shares)
    return draw_batch(
        images,
        image_probabilities(images, plain),
        plain,
        0,
        settings.validation_views,
        settings.validation_crop,
    )


def _mean_loss(network: CellposeNet, views: tuple[FloatArray, FloatArray], device: str) -> float:
    losses = []
    with torch.inference_mode():
        for view, target in zip(*views, strict=True):
            y = network(torch.from_numpy(view[None]).to(device))[0]
            losses.append(float(cellpose_loss(y, torch.from_numpy(target[None]).to(device))))
    return float(np.mean(losses))


def _state(
    network: CellposeNet,
    optimizer: torch.optim.Optimizer,
    average: WeightAverage,
    state: TrainingState,
) -> dict[str, Any]:
    return {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "average": average.tensors,
        "average_steps": average.steps,
        "step": state.step,
        "seconds": state.seconds,
        "losses": state.losses,
        "validations": [asdict(each) for each in state.validations],
    }


def _restore(
    saved: dict[str, Any],
    network: CellposeNet,
    optimizer: torch.optim.Optimizer,
    average: WeightAverage,
    state: TrainingState,
) -> None:
    network.load_state_dict(saved["network"])
    optimizer.load_state_dict(saved["optimizer"])
    average.tensors = saved["average"]
    average.steps = saved["average_steps"]
    state.step = saved["step"]
    state.seconds = saved["seconds"]
    state.losses = saved["losses"]
    state.validations = [Validation(**each) for each in saved["validations"]]
