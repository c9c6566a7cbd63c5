"""What decides the course of a training, and what is known of it while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What decides the course of a training, beside the images.

    Attributes
    ----------
    epochs
        Times that, on average, every image is seen; 0 leaves the network as it is.
    least_steps
        The training takes as many steps at least, where epochs of few images would be fewer.
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
    measurements
        Times that the validation images are looked at, evenly over the training.
    measure_start
        Whether to measure before the first step too: the start is kept if nothing is better.
    patience
        The training ends after so many measurements without a better average precision; 0 = never.
    checkpoint_minutes
        Time between checkpoints.
    validation_views, validation_crop
        What a measurement of the loss looks at.
    """

    epochs: int = 500
    least_steps: int = 0
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
    measurements: int = 15
    measure_start: bool = False
    patience: int = 0
    checkpoint_minutes: float = 2.0
    validation_views: int = 24
    validation_crop: int = 160


@dataclass(frozen=True, slots=True)
class Scores:
    """Average precision at an IoU of 0.5 on validation images.

    Attributes
    ----------
    mean
        Mean over the kinds of images.
    by_kind
        Mean over the images of each kind.
    """

    mean: float
    by_kind: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Validation:
    """What was measured on the validation images.

    Attributes
    ----------
    step, minutes
        When.
    loss
        Mean loss of fixed views.
    score, score_by_kind
        Average precision, where it was measured; see `Scores`.
    """

    step: int
    minutes: float
    loss: float
    score: float | None = None
    score_by_kind: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class TrainingState:
    """Where a training stands."""

    step: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)

    @property
    def best(self) -> Validation | None:
        """The first measurement with the best average precision, if there was any."""
        scored = [each for each in self.validations if each.score is not None]
        return max(scored, key=lambda each: (each.score or 0.0, -each.step), default=None)

    def waited_too_long(self, patience: int) -> bool:
        """Whether the last ``patience`` measurements found no better average precision."""
        if not patience or self.best is None:
            return False
        later = [each for each in self.validations if each.step > self.best.step]
        return len(later) >= patience


@dataclass(frozen=True, slots=True)
class Moment:
    """What `cellwire.training.loop.train` tells after each step.

    Attributes
    ----------
    step, done, minutes
        How far it is: steps, share of the training 0..1, time.
    loss, learning_rate, views
        Of this step.
    validation
        What was measured after it, if anything was.
    """

    step: int
    done: float
    loss: float
    learning_rate: float
    minutes: float
    views: int
    validation: Validation | None = None
