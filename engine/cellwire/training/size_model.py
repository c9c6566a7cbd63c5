"""Fitting the size model: a ridge regression from style to the logarithm of the diameter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from cellwire.errors import TrainingDataError
from cellwire.networks.size_weights import SizeWeights
from cellwire.networks.unet import unit_style
from cellwire.training.batches import image_probabilities
from cellwire.training.size_views import SizeView, areas_of, draw_size_view

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from cellwire.networks.unet import CellposeNet
    from cellwire.training.batches import BatchPlan
    from cellwire.training.training_images import TrainingImage

RIDGES = tuple(10.0**power for power in range(-6, 2))
"""Weights of the squared coefficients that are tried. Styles are unit vectors that differ little,
so that the peer's 1 is much for hundreds of views."""
FOLDS = 5
BATCH = 8


@dataclass(frozen=True, slots=True)
class StyleSample:
    """Styles of views whose cells have known sizes.

    Attributes
    ----------
    styles
        (n, 256).
    diameters
        (n,) in pixels.
    sources
        (n,) number of the image that each shows.
    """

    styles: npt.NDArray[np.float64]
    diameters: npt.NDArray[np.float64]
    sources: npt.NDArray[np.int64]


def collect_styles(
    network: CellposeNet,
    images: Sequence[TrainingImage],
    plan: BatchPlan,
    views: int,
    device: str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> StyleSample:
    """Give the styles of random views of cells of all sizes.

    Parameters
    ----------
    network
        The trained network; its downward path is run, in float32.
    images
        What views are drawn from.
    plan
        How often each image is shown; see `cellwire.training.batches.BatchPlan`.
    views
        Number of views.
    device
        Name of the torch device.
    progress
        Called with the number done and the number of all.

    Raises
    ------
    TrainingDataError
        If no view shows a cell.
    """
    rng = np.random.default_rng([plan.seed, views])
    probabilities = image_probabilities(images, plan)
    areas = [areas_of(image.labels) for image in images]
    network.to(device).eval()
    waiting: dict[int, list[tuple[int, SizeView]]] = {}
    styles: list[npt.NDArray[np.float64]] = []
    diameters: list[float] = []
    sources: list[int] = []

    def run(batch: list[tuple[int, SizeView]]) -> None:
        with torch.inference_mode():
            x = torch.from_numpy(np.stack([view.pixels for _, view in batch])).to(device)
            x = x.contiguous(memory_format=torch.channels_last)
            styles.append(unit_style(network.downsample(x)[-1]).double().cpu().numpy())
        diameters.extend(view.diameter for _, view in batch)
        sources.extend(source for source, _ in batch)

    for number, index in enumerate(rng.choice(len(images), size=views, p=probabilities), 1):
        view = draw_size_view(rng, images[index], areas[index], plan.channels)
        if view is not None:
            alike = waiting.setdefault(view.pixels.shape[1], [])
            alike.append((int(index), view))
            if len(alike) == BATCH:
                run(waiting.pop(view.pixels.shape[1]))
        if progress is not None:
            progress(number, views)
    for rest in waiting.values():
        run(rest)
    if not styles:
        raise TrainingDataError(
            "No view of the images showed a cell.", "Check that the labels belong to the images."
        )
    return StyleSample(np.concatenate(styles), np.array(diameters), np.array(sources))


def fit_size(
    styles: npt.NDArray[np.float64],
    diameters: npt.NDArray[np.float64],
    diam_mean: float,
    ridge: float,
) -> SizeWeights:
    """Fit the size model (Stringer et al. 2021, Methods; peer: ``cellpose.train.train_size``).

    Parameters
    ----------
    styles, diameters
        (n, 256), and (n,) in pixels.
    diam_mean
        Diameter in pixels that the network works at.
    ridge
        Weight of the squared coefficients.
    """
    logarithms = np.log(diameters) - math.log(diam_mean)
    ymean = float(logarithms.mean())
    smean = styles.mean(axis=0)
    centred = styles - smean
    gram = centred.T @ centred + ridge * np.eye(styles.shape[1])
    coefficients = np.linalg.solve(gram, centred.T @ (logarithms - ymean))
    return SizeWeights(coefficients, smean, float(diam_mean), ymean)


def predicted(styles: npt.NDArray[np.float64], size: SizeWeights) -> npt.NDArray[np.float64]:
    """Give the diameters (n,) in pixels that a size model predicts for styles (n, 256)."""
    exponents = (styles - size.smean) @ size.A + size.ymean
    return np.asarray(size.diam_mean * np.exp(exponents))


def relative_errors(sample: StyleSample, size: SizeWeights) -> npt.NDArray[np.float64]:
    """Give by how much of the true diameter each prediction (n,) is off."""
    return np.asarray(np.abs(predicted(sample.styles, size) / sample.diameters - 1.0))


def choose_ridge(sample: StyleSample, diam_mean: float) -> float:
    """Choose the ridge with the least error on images that were not fitted (5 parts).

    Parameters
    ----------
    sample
        What to fit; all views of an image are in one part.
    diam_mean
        Diameter in pixels that the network works at.
    """
    names = np.unique(sample.sources)
    folds = min(FOLDS, len(names))
    if folds < 2:
        return 1e-3
    part = np.searchsorted(names, sample.sources) % folds
    errors = []
    for ridge in RIDGES:
        off = []
        for held in range(folds):
            own = part != held
            size = fit_size(sample.styles[own], sample.diameters[own], diam_mean, ridge)
            logs = np.log(predicted(sample.styles[~own], size) / sample.diameters[~own])
            off.append(np.abs(logs))
        errors.append(float(np.concatenate(off).mean()))
    return RIDGES[int(np.argmin(errors))]
