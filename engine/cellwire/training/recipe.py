"""A whole training: from folders of images to a model's folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from cellwire.errors import InvalidParameterError
from cellwire.networks.inference import choose_device
from cellwire.training import loop
from cellwire.training.batches import BatchPlan
from cellwire.training.checkpoints import check_start
from cellwire.training.flow_cache import FOLDER, cached_flows
from cellwire.training.folders import Pair, find_pairs
from cellwire.training.intensities import IntensityRange
from cellwire.training.measuring import bf16_difference, scorer
from cellwire.training.model_folder import TrainedModel, write_model_folder
from cellwire.training.size_model import choose_ridge, collect_styles, fit_size, relative_errors
from cellwire.training.starting import SCRATCH, starting_network
from cellwire.training.training_images import TrainingImage, load_images

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cellwire.networks.architecture import Architecture
    from cellwire.networks.size_weights import SizeWeights
    from cellwire.networks.unet import CellposeNet
    from cellwire.training.settings import Moment, TrainingSettings

EASED_IN = 16_000
"""Views of a training from scratch over which changes of intensity become usual."""


class Listener(Protocol):
    """Is told of the course of a training."""

    def notice(self, text: str) -> None:
        """Take note of a sentence that the user should know."""

    def stage(self, name: str, done: int, total: int) -> None:
        """Take note of how far the work before and after the training is."""

    def moment(self, moment: Moment) -> None:
        """Take note of a step."""


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train, on what.

    Attributes
    ----------
    folders
        Folders of images and labels; see `cellwire.training.folders.find_pairs`.
    out
        Where checkpoints and the model go.
    settings
        The course of the training.
    start
        ``"scratch"``, a model or a safetensors file.
    architecture
        Network to build from scratch; ``None`` = Cellpose's.
    diam_mean
        Diameter in pixels to which cells are resized; ``None`` = 30, or the model's.
    channels
        Segmented and nucleus channel where an index does not say; ``None`` = the mean, none.
    least_cells
        Images with fewer cells are left out.
    validation
        Folder to measure on, else what the indices call ``val``.
    shares, intensities, paste, stretched, seed
        See `cellwire.training.batches.BatchPlan`.
    size_views
        Views for the size model, 0 = no size model.
    resume
        Go on from the checkpoint in ``out``.
    device
        Name of a device, or ``auto``.
    """

    folders: tuple[Path, ...]
    out: Path
    settings: TrainingSettings
    start: str = SCRATCH
    architecture: Architecture | None = None
    diam_mean: float | None = None
    channels: tuple[int | str, ...] | None = None
    least_cells: int = 5
    validation: Path | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    intensities: IntensityRange = field(default_factory=IntensityRange)
    paste: float = 0.0
    stretched: float = 0.0
    seed: int = 0
    size_views: int = 1000
    resume: bool = False
    device: str = "auto"

    @property
    def origin(self) -> str:
        """What was started from, without the folders of this machine."""
        return self.start.replace("\\", "/").rsplit("/", 1)[-1]


def run(request: TrainingRequest, listener: Listener) -> TrainedModel:
    """Train as asked, and write the model.

    Raises
    ------
    TrainingDataError
        If folders, images, labels or a checkpoint cannot be used.
    InvalidParameterError
        If the request contradicts itself.
    OutputWriteError
        If something cannot be written; a model is written whole or not at all.
    """
    check_start(request.out, resume=request.resume)
    device = choose_device(request.device)
    network = starting_network(request.start, request.diam_mean, request.seed, request.architecture)
    pairs = [pair for folder in request.folders for pair in find_pairs(folder, listener.notice)]
    measured_pairs = [pair for pair in pairs if pair.split == "val"]
    if request.validation is not None:
        measured_pairs = find_pairs(request.validation, listener.notice)
    images = _load([pair for pair in pairs if pair.split == "train"], request, listener)
    measured = _load(measured_pairs, request, listener, validation=True) if measured_pairs else []
    plan = BatchPlan(
        float(network.diam_mean.item()),
        request.seed,
        shares=_known_shares(request.shares, images),
        intensities=request.intensities,
        paste=request.paste,
        stretched=request.stretched,
        eased_in=EASED_IN // request.settings.batch if request.start == SCRATCH else 0,
        channels=network.architecture.channels_in,
    )
    state = loop.train(
        network, images, measured, plan, request.settings, request.out,
        resume=request.resume, device=device, tell=listener.moment,
        score=scorer(measured, plan.diam_mean, device) if measured else None,
    )  # fmt: skip
    if state.best is not None and state.best.step == 0:
        listener.notice(f"Nothing was better on the validation images than {request.start}: kept.")
    size, off = None, None
    if request.size_views:
        size, off = _fit_size_model(network, images, measured, plan, request, device, listener)
    # Automatic diameters start from the image at its own size, as the size model has learnt it.
    usual = float(np.median([image.diameter for image in images]))
    network.diam_labels.data.fill_(plan.diam_mean if size is not None else usual)
    score = state.best.score if state.best is not None else None
    change = bf16_difference(network, measured, plan.diam_mean, device, score)
    return write_model_folder(request, network, size, state, images, measured, off, change)


def _load(
    pairs: Sequence[Pair],
    request: TrainingRequest,
    listener: Listener,
    *,
    validation: bool = False,
) -> list[TrainingImage]:
    what = "validation" if validation else "training"

    def told(done: int, total: int) -> None:
        listener.stage(f"reading {what} images, computing flows", done, total)

    least = min(1, request.least_cells) if validation else request.least_cells
    flows_of = cached_flows(request.out / FOLDER)
    return load_images(
        pairs, request.channels, least, told, listener.notice, flows_of, mixed=not validation
    )


def _known_shares(
    shares: Mapping[str, float], images: Sequence[TrainingImage]
) -> Mapping[str, float]:
    kinds = sorted({image.pair.kind for image in images})
    unknown = [kind for kind in shares if kind not in kinds]
    if unknown:
        raise InvalidParameterError(
            f"--share names the kind {unknown[0]!r}; the training images are of the kinds "
            f"{', '.join(kinds)}.",
            "A kind is what the column kind of index.csv says, else the folder's name.",
        )
    return shares


def _fit_size_model(
    network: CellposeNet,
    images: Sequence[TrainingImage],
    measured: Sequence[TrainingImage],
    plan: BatchPlan,
    request: TrainingRequest,
    device: str,
    listener: Listener,
) -> tuple[SizeWeights, float | None]:
    def told(done: int, total: int) -> None:
        listener.stage("size model", done, total)

    sample = collect_styles(network, images, plan, request.size_views, device, told)
    ridge = choose_ridge(sample, plan.diam_mean)
    size = fit_size(sample.styles, sample.diameters, plan.diam_mean, ridge)
    if not measured:
        return size, None
    held_out = collect_styles(
        network, measured, plan, max(20, request.size_views // 5), device, told
    )
    return size, float(np.median(relative_errors(held_out, size)))
