"""The training loop."""

from __future__ import annotations

import contextlib
import math
import time
from typing import TYPE_CHECKING

import torch

from cellwire.errors import TrainingDataError
from cellwire.training.averaging import WeightAverage
from cellwire.training.batches import Batch, BatchPlan, image_probabilities
from cellwire.training.checkpoints import (
    BEST,
    load_tensors,
    restore_checkpoint,
    save_checkpoint,
    save_whole,
)
from cellwire.training.drawers import Source, Wanted, ahead
from cellwire.training.losses import cellpose_loss
from cellwire.training.measuring import mean_loss, on_device, validation_views
from cellwire.training.schedules import cosine, paper
from cellwire.training.settings import Moment, TrainingState, Validation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cellwire.networks.unet import CellposeNet
    from cellwire.training.settings import Scores, TrainingSettings
    from cellwire.training.training_images import TrainingImage

MOMENTUM = 0.9


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
    score: Callable[[CellposeNet], Scores] | None = None,
) -> TrainingState:
    """Train a network; its weights end as the best running average of the training's.

    The best is the one with the highest average precision; without any measured, the last.

    Parameters
    ----------
    network
        What to train, from its present weights.
    images, validation
        What to learn from and what to measure on.
    plan, settings
        The recipe.
    folder
        Where the checkpoint and the best average go.
    resume
        Go on from the folder's checkpoint. Where the schedule follows the epochs, the steps are
        the same, to the bit, as those of a training that was never interrupted.
    device
        Name of the torch device.
    tell
        Called after each step.
    score
        Gives the average precision of a network on the validation images.

    Raises
    ------
    TrainingDataError
        If the loss is no number any more, or the checkpoint is not of this training.
    OutputWriteError
        If a checkpoint cannot be written.
    """
    network.to(device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    optimizer = _optimizer(network, settings)
    average = WeightAverage(network)
    state = TrainingState()
    if resume:
        restore_checkpoint(folder, network, optimizer, average, state)
    probabilities = image_probabilities(images, plan)
    steps_an_epoch = max(1, len(images) // settings.batch)
    all_steps = max(settings.epochs * steps_an_epoch, settings.least_steps)
    fixed_views = validation_views(validation, plan, settings) if validation else None

    def done_at(step: int, seconds: float) -> float:
        if settings.max_minutes is not None:
            return min(1.0, seconds / (60.0 * settings.max_minutes))
        return step / all_steps if all_steps else 1.0

    def wanted(step: int) -> Wanted:
        size, crop = settings.batch, settings.crop
        if settings.large_crop and done_at(step, state.seconds) > 1.0 - settings.large_share:
            size = max(2, round(size * (crop / settings.large_crop) ** 2))
            crop = settings.large_crop
        return Wanted(step, size, crop)

    def measure() -> Validation | None:
        if fixed_views is None or (state.validations and state.validations[-1].step == state.step):
            return None
        own = {name: value.clone() for name, value in network.state_dict().items()}
        network.load_state_dict(average.tensors)
        network.eval()
        loss = mean_loss(network, fixed_views, device)
        found = score(network) if score is not None else None
        network.load_state_dict(own)
        network.train()
        result = Validation(
            state.step,
            state.seconds / 60.0,
            loss,
            found.mean if found else None,
            found.by_kind if found else {},
        )
        state.validations.append(result)
        if state.best is result:
            save_whole(folder / BEST, average.tensors)
        return result

    if settings.measure_start and not state.step:
        measure()
    last = time.monotonic()
    checked = state.seconds
    with contextlib.closing(
        ahead(Source(images, probabilities, plan), wanted, state.step, device)
    ) as batches:
        while (done := done_at(state.step, state.seconds)) < 1.0:
            if state.waited_too_long(settings.patience):
                break
            factor = (
                paper(state.step // steps_an_epoch, settings.epochs)
                if settings.optimizer == "sgd" and settings.max_minutes is None
                else cosine(done)
            )
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate * factor
            batch = next(batches)
            loss = _step(network, optimizer, batch, settings, device)
            if not math.isfinite(loss):
                raise TrainingDataError(
                    f"The loss is {loss} at step {state.step + 1}: the training has gone astray.",
                    f"Use a lower --learning-rate than {settings.learning_rate:g}, or --optimizer "
                    "adamw; go on from the last checkpoint with --resume.",
                )
            average.update(network)
            state.step += 1
            state.losses.append(loss)
            now = time.monotonic()
            state.seconds += now - last
            last = now
            result = None
            share = done_at(state.step, state.seconds)
            if (
                int(share * settings.measurements) > int(done * settings.measurements)
                or share >= 1.0
            ):
                result = measure()
            if state.seconds - checked >= 60.0 * settings.checkpoint_minutes:
                save_checkpoint(folder, network, optimizer, average, state)
                checked = state.seconds
            if tell is not None:
                rate = settings.learning_rate * factor
                minutes = state.seconds / 60.0
                tell(Moment(state.step, share, loss, rate, minutes, len(batch.views), result))
    measure()
    save_checkpoint(folder, network, optimizer, average, state)
    scored = state.best is not None and (folder / BEST).is_file()
    network.load_state_dict(load_tensors(folder / BEST) if scored else average.tensors)
    network.eval()
    return state


def _step(
    network: CellposeNet,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    settings: TrainingSettings,
    device: str,
) -> float:
    views, targets, weights = on_device(batch, device)
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast(
        torch.device(device).type, torch.bfloat16, enabled=settings.precision == "bf16"
    ):
        y = network(views)[0]
    loss = cellpose_loss(y.float(), targets, weights)
    loss.backward()  # type: ignore[no-untyped-call]
    if settings.optimizer == "adamw":
        torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
    optimizer.step()
    return float(loss.detach())


def _optimizer(network: CellposeNet, settings: TrainingSettings) -> torch.optim.Optimizer:
    learnt = [value for value in network.parameters() if value.requires_grad]
    if settings.optimizer == "sgd":
        return torch.optim.SGD(
            learnt, lr=settings.learning_rate, momentum=MOMENTUM, weight_decay=settings.weight_decay
        )
    return torch.optim.AdamW(learnt, lr=settings.learning_rate, weight_decay=settings.weight_decay)
