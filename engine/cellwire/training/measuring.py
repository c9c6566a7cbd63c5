"""Looking at the validation images in the course of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from cellwire.evaluation.matching import average_precision
from cellwire.networks.inference import Network
from cellwire.networks.precision import has_fast_bf16
from cellwire.segmentation.parameters import CellposeParameters, Normalisation
from cellwire.segmentation.pipeline import segment_plane
from cellwire.training.batches import Batch, BatchPlan, draw_batch, image_probabilities
from cellwire.training.intensities import UNCHANGED
from cellwire.training.losses import cellpose_loss
from cellwire.training.settings import Scores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from cellwire.networks.backend import Precision
    from cellwire.networks.unet import CellposeNet
    from cellwire.training.settings import TrainingSettings
    from cellwire.training.training_images import TrainingImage

VALIDATION_SEED = 2021
SCORED_IMAGES = 24
LARGEST_SIDE = 448
"""Side in pixels, at the network's scale, of the part of an image that is scored."""


def validation_views(
    images: Sequence[TrainingImage], plan: BatchPlan, settings: TrainingSettings
) -> Batch:
    """Draw the views, the same at every measurement, whose loss is measured."""
    plain = BatchPlan(
        plan.diam_mean,
        VALIDATION_SEED,
        scale_range=0.0,
        shares=plan.shares,
        channels=plan.channels,
        intensities=UNCHANGED,
    )
    chances = image_probabilities(images, plain)
    return draw_batch(
        images, chances, plain, 0, settings.validation_views, settings.validation_crop
    )


def on_device(batch: Batch, device: str) -> tuple[Tensor, Tensor, Tensor | None]:
    """Give views, targets and weights as tensors on a device."""
    views, targets = (each.to(device, non_blocking=True) for each in (batch.views, batch.targets))
    weights = None if batch.weights is None else batch.weights.to(device, non_blocking=True)
    return views.contiguous(memory_format=torch.channels_last), targets, weights


def mean_loss(network: CellposeNet, batch: Batch, device: str) -> float:
    """Give the mean loss of views."""
    losses = []
    with torch.inference_mode():
        for number in range(len(batch.views)):
            place = slice(number, number + 1)
            known = None if batch.weights is None else batch.weights[place]
            one = Batch(batch.views[place], batch.targets[place], known)
            views, targets, weights = on_device(one, device)
            losses.append(float(cellpose_loss(network(views)[0], targets, weights)))
    return float(np.mean(losses))


def evenly_chosen(images: Sequence[TrainingImage], count: int) -> list[TrainingImage]:
    """Choose images so that every kind has as many, spread over the kind; always the same ones."""
    kinds: dict[str, list[TrainingImage]] = {}
    for image in images:
        kinds.setdefault(image.pair.kind, []).append(image)
    shares = dict.fromkeys(kinds, 0)
    while sum(shares.values()) < min(count, len(images)):
        open_kinds = [kind for kind in kinds if shares[kind] < len(kinds[kind])]
        shares[min(open_kinds, key=lambda kind: shares[kind])] += 1
    chosen = []
    for kind, own in kinds.items():
        places = np.linspace(0, len(own) - 1, shares[kind]).round().astype(int)
        chosen += [own[place] for place in places]
    return chosen


def scorer(
    images: Sequence[TrainingImage],
    diam_mean: float,
    device: str,
    count: int = SCORED_IMAGES,
    precision: Precision = "fp32",
) -> Callable[[CellposeNet], Scores]:
    """Give a function that measures the AP@0.5 of a network on an even choice of the images.

    Diameters are those of the labels. Of large images the middle is scored; where an image is
    labelled in part, cells outside of that part do not count.

    Parameters
    ----------
    images
        The validation images.
    diam_mean
        Diameter in pixels at which the network works.
    device
        Name of the torch device.
    count
        Number of images to score.
    precision
        Of the network.
    """
    chosen = evenly_chosen(images, count)

    def score(network: CellposeNet) -> Scores:
        running = Network([network], device, precision=precision)
        kinds: dict[str, list[float]] = {}
        for each in chosen:
            rows, columns = _middle(each, diam_mean)
            truth = each.labels[rows, columns]
            found = segment_plane(
                each.image[rows, columns].astype(np.float32),
                CellposeParameters(
                    diameter=each.diameter, normalisation=Normalisation(enabled=False)
                ),
                running,
                mask=None if each.area is None else each.area[rows, columns],
            ).labels
            ap = float(average_precision([truth], [found], (0.5,)).ap[0, 0])
            if not np.isnan(ap):
                kinds.setdefault(each.pair.kind, []).append(ap)
        by_kind = {kind: float(np.mean(values)) for kind, values in kinds.items()}
        return Scores(float(np.mean(list(by_kind.values()))) if by_kind else 0.0, by_kind)

    return score


def bf16_difference(
    network: CellposeNet,
    images: Sequence[TrainingImage],
    diam_mean: float,
    device: str,
    in_fp32: float | None = None,
) -> float | None:
    """Give the AP@0.5 in bf16 less that in fp32, each as `scorer` measures it.

    The latter is measured where it is not known yet. ``None`` where there are no images, or where
    the device has no fast bf16: nobody would wait for what nothing there would use.
    """
    if not images or not has_fast_bf16(device):
        return None
    bf16 = scorer(images, diam_mean, device, precision="bf16")(network).mean
    fp32 = scorer(images, diam_mean, device)(network).mean if in_fp32 is None else in_fp32
    return bf16 - fp32


def _middle(image: TrainingImage, diam_mean: float) -> tuple[slice, slice]:
    side = max(32, round(LARGEST_SIDE * image.diameter / diam_mean))
    middle = []
    for length in image.labels.shape:
        first = max(0, (length - side) // 2)
        middle.append(slice(first, min(length, first + side)))
    return middle[0], middle[1]
