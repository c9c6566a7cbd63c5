"""Batches of random views, the same ones for the same seed and step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from cellwire.training.augmentation import Seen, draw_view, warp
from cellwire.training.intensities import IntensityRange, change_intensities
from cellwire.training.pasting import paste_cells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.training.training_images import TrainingImage

TRIES_FOR_CELLS = 5
"""Views drawn before one without any cell is taken."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """How batches are drawn.

    Attributes
    ----------
    diam_mean
        Diameter in pixels to which cells are resized.
    seed
        Number that all chance follows from.
    scale_range
        See `cellwire.training.augmentation.draw_view`.
    shares
        Share of the views that each kind of image gets; kinds that are not named share alike what
        is left, by their numbers of images.
    balance
        Power of a group's size by which its images are drawn, a group being the images of one kind
        and size: 1 = every image alike, 0 = every group alike.
    intensities
        Changes of intensity.
    eased_in
        Steps over which they become as likely as that, from never; 0 = at once. A network that
        knows no cells yet learns faster from cells as they are.
    channels
        Channels of the network's input; those that an image lacks are zeros.
    paste
        Probability that a view gets cells of another image of its kind pasted in. Images whose
        labels are known in part give and get none.
    stretched
        See `cellwire.training.augmentation.draw_view`.
    """

    diam_mean: float
    seed: int = 0
    scale_range: float = 0.5
    shares: Mapping[str, float] = field(default_factory=dict)
    balance: float = 0.5
    intensities: IntensityRange = field(default_factory=IntensityRange)
    channels: int = 2
    paste: float = 0.0
    stretched: float = 0.0
    eased_in: int = 0


class Batch(NamedTuple):
    """Views of a step.

    Attributes
    ----------
    views
        (N, C, crop, crop) float32, the network's input.
    targets
        (N, 3, crop, crop) float32; see `cellwire.training.augmentation.warp`.
    weights
        (N, 1, crop, crop) float32, 0 where the labels are not known; ``None`` = known everywhere.
    """

    views: Tensor
    targets: Tensor
    weights: Tensor | None


def image_probabilities(
    images: Sequence[TrainingImage], plan: BatchPlan
) -> npt.NDArray[np.float64]:
    """Give the probability (n,) that a view shows each image."""
    groups = [(image.pair.kind, image.labels.shape) for image in images]
    sizes = Counter(groups)
    weights = np.array([sizes[group] ** (plan.balance - 1.0) for group in groups])
    kinds = np.array([image.pair.kind for image in images])
    named = {kind: share for kind, share in plan.shares.items() if (kinds == kind).any()}
    rest = max(0.0, 1.0 - sum(named.values()))
    others = ~np.isin(kinds, list(named))
    if others.any():
        weights[others] *= rest / weights[others].sum()
    for kind, share in named.items():
        weights[kinds == kind] *= share / weights[kinds == kind].sum()
    return np.asarray(weights / weights.sum())


def draw_batch(
    images: Sequence[TrainingImage],
    probabilities: npt.NDArray[np.float64],
    plan: BatchPlan,
    step: int,
    size: int,
    crop: int,
) -> Batch:
    """Draw the batch of one step: the same for the same plan, step, size and crop."""
    rng = np.random.default_rng([plan.seed, step])
    views = np.zeros((size, plan.channels, crop, crop), np.float32)
    targets, weights = [], []
    intensities = plan.intensities
    if step < plan.eased_in:
        intensities = intensities.eased(step / plan.eased_in)
    for number, index in enumerate(rng.choice(len(images), size=size, p=probabilities)):
        seen = _look(rng, images[index], plan, intensities, crop)
        if plan.paste and images[index].area is None and rng.random() < plan.paste:
            other = _another(rng, images, probabilities, images[index])
            seen = paste_cells(rng, seen, _look(rng, other, plan, intensities, crop))
        changed = change_intensities(rng, seen.image, seen.labels, intensities)
        views[number, : len(changed)] = changed[: plan.channels]
        targets.append(seen.targets)
        weights.append(seen.weights)
    known = _stacked(weights, crop)
    return Batch(
        torch.from_numpy(views),
        torch.from_numpy(np.stack(targets)),
        None if known is None else torch.from_numpy(known),
    )


def _look(
    rng: np.random.Generator,
    chosen: TrainingImage,
    plan: BatchPlan,
    intensities: IntensityRange,
    crop: int,
) -> Seen:
    for _ in range(TRIES_FOR_CELLS):
        scale = plan.diam_mean / chosen.diameter
        view = draw_view(rng, chosen.labels.shape, crop, scale, plan.scale_range, plan.stretched)
        image = _mixed(rng, chosen, intensities.mix)
        seen = warp(view, image, chosen.labels, chosen.flows, crop, chosen.area)
        if seen.labels.any():
            break
    return seen


def _mixed(rng: np.random.Generator, chosen: TrainingImage, probability: float) -> AnyArray:
    """Choose among the mean of an image's colours and their other mixtures, where it has any."""
    if not chosen.mixtures or rng.random() >= probability:
        return chosen.image
    return chosen.mixtures[rng.integers(len(chosen.mixtures))]


def _another(
    rng: np.random.Generator,
    images: Sequence[TrainingImage],
    probabilities: npt.NDArray[np.float64],
    like: TrainingImage,
) -> TrainingImage:
    same = np.array([each.pair.kind == like.pair.kind and each.area is None for each in images])
    share = probabilities * same
    return images[rng.choice(len(images), p=share / share.sum())]


def _stacked(weights: list[FloatArray | None], crop: int) -> FloatArray | None:
    if all(each is None for each in weights):
        return None
    ones = np.ones((1, crop, crop), np.float32)
    return np.stack([ones if each is None else each for each in weights])
