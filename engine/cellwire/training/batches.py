"""Batches of random views, the same ones for the same seed and step."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cellwire.training.augmentation import IntensityRange, change_intensities, draw_view, warp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.folders import TrainingImage

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
    """

    diam_mean: float
    seed: int = 0
    scale_range: float = 0.5
    shares: Mapping[str, float] = field(default_factory=dict)
    balance: float = 0.5
    intensities: IntensityRange = field(default_factory=IntensityRange)


def image_probabilities(
    images: Sequence[TrainingImage], plan: BatchPlan
) -> npt.NDArray[np.float64]:
    """Give the probability (n,) that a view shows each image."""
    groups = [(image.pair.kind, image.image.shape[:2]) for image in images]
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
) -> tuple[FloatArray, FloatArray]:
    """Draw the batch of one step.

    Returns
    -------
    views, targets
        (size, C, crop, crop) and (size, 3, crop, crop) float32; see
        `cellwire.training.augmentation.warp`.
    """
    rng = np.random.default_rng([plan.seed, step])
    views, targets = [], []
    for index in rng.choice(len(images), size=size, p=probabilities):
        chosen = images[index]
        for _ in range(TRIES_FOR_CELLS):
            view = draw_view(
                rng,
                chosen.labels.shape,
                crop,
                plan.diam_mean / chosen.diameter,
                plan.scale_range,
            )
            seen, target = warp(view, chosen.image, chosen.labels, chosen.flows, crop)
            if target[0].any():
                break
        views.append(change_intensities(rng, seen, plan.intensities))
        targets.append(target)
    return np.stack(views), np.stack(targets)


def ahead(
    draw: Callable[[int], tuple[FloatArray, FloatArray]], first: int
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Give the batches of the steps from ``first``, each made while the one before is used."""
    with ThreadPoolExecutor(1) as pool:
        step = first
        coming = pool.submit(draw, step)
        while True:
            step += 1
            ready, coming = coming.result(), pool.submit(draw, step)
            yield ready
