"""What a training leaves: a model's folder, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError

from cellwire.errors import OutputWriteError
from cellwire.networks.card import CARD, SIZE, ModelCard, write_card
from cellwire.networks.digest import digest_of
from cellwire.networks.size_weights import export_size_weights, save_size_weights
from cellwire.networks.weights import save_network
from cellwire.training.card import card_of, write_model_card
from cellwire.training.curve import write_curves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.networks.size_weights import SizeWeights
    from cellwire.networks.unet import CellposeNet
    from cellwire.training.recipe import TrainingRequest
    from cellwire.training.settings import TrainingState
    from cellwire.training.training_images import TrainingImage

MODEL = "model"
CURVES = "curves.png"
FOR_CELLPOSE = "for_cellpose"


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """What a training gave.

    Attributes
    ----------
    folder
        The model's folder, which ``cellwire models add NAME FOLDER`` takes.
    card
        What is known of the model.
    state
        How the training went.
    """

    folder: Path
    card: ModelCard
    state: TrainingState


def write_model_folder(
    request: TrainingRequest,
    network: CellposeNet,
    size: SizeWeights | None,
    state: TrainingState,
    images: Sequence[TrainingImage],
    measured: Sequence[TrainingImage],
    size_error: float | None,
    bf16_change: float | None,
) -> TrainedModel:
    """Write a model's folder ``model``: weights, size model, cards, curves, files for Cellpose.

    Parameters
    ----------
    request
        What was asked.
    network, size
        What was trained; ``None`` = no size model.
    state
        How the training went.
    images, measured
        What was learnt from and measured on.
    size_error
        Median relative error of the size model on the validation images.
    bf16_change
        See `cellwire.networks.card.ModelCard.bf16_ap_difference`.

    Raises
    ------
    OutputWriteError
        If it cannot be written; an earlier model is kept then.
    """
    card = card_of(request, network, state, images, measured, size_error, bf16_change)
    target = request.out / MODEL
    unfinished: Path | None = None
    try:
        request.out.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{MODEL}-unfinished-", dir=request.out))
        unfinished.chmod(0o755)
        weights = unfinished / "network.safetensors"
        save_network(weights, network, half=True)
        # Where the style is off, Cellpose 2 says so in the name; the tensors do not tell.
        plain = FOR_CELLPOSE + ("" if network.architecture.style else "_style_off")
        torch.save(network.cpu().state_dict(), unfinished / plain)
        if size is not None:
            save_size_weights(unfinished / SIZE, size)
            export_size_weights(unfinished / f"{plain}_size.npy", size)
        write_curves(unfinished / CURVES, state.losses, state.validations)
        write_card(unfinished / CARD, card)
        name = request.out.resolve().name
        write_model_card(unfinished / "MODEL_CARD.md", name, card, digest_of([weights]))
        _replace(target, unfinished)
    except (OSError, RuntimeError, SafetensorError) as error:
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)
        raise OutputWriteError(
            f"The model cannot be written to {target}: "
            f"{getattr(error, 'strerror', None) or error}. The checkpoint beside it is complete.",
            "Make room on the disk, then run the command again with --resume.",
        ) from error
    return TrainedModel(target, card, state)


def _replace(target: Path, finished: Path) -> None:
    """Put a folder where an earlier one may be, which goes away only afterwards."""
    earlier = finished.with_name(f"{finished.name}-earlier")
    if target.exists():
        os.replace(target, earlier)
    os.replace(finished, target)
    shutil.rmtree(earlier, ignore_errors=True)
