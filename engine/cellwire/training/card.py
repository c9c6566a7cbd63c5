"""The model card: what a model was trained on, how, how good it is and what it cannot do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cellwire.networks.card import ModelCard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cellwire.networks.unet import CellposeNet
    from cellwire.training.recipe import TrainingRequest
    from cellwire.training.settings import TrainingState
    from cellwire.training.training_images import TrainingImage


def card_of(
    request: TrainingRequest,
    network: CellposeNet,
    state: TrainingState,
    images: Sequence[TrainingImage],
    measured: Sequence[TrainingImage],
    size_error: float | None,
    bf16_change: float | None,
) -> ModelCard:
    """Say what is known of a model when its training ends.

    Parameters
    ----------
    request
        What was asked.
    network
        What was trained.
    state
        How the training went.
    images, measured
        What was learnt from and measured on.
    size_error
        Median relative error of the size model on the validation images.
    bf16_change
        See `cellwire.networks.card.ModelCard.bf16_ap_difference`.
    """
    best = state.best
    figures: dict[str, float] = {}
    if best is not None and best.score is not None:
        figures["AP@0.5, true diameters, validation images, mean of kinds"] = best.score
        for kind, score in best.score_by_kind.items():
            figures[f"AP@0.5, true diameters, validation images, {kind}"] = score
    first = state.validations[0] if state.validations else None
    if first is not None and first.step == 0 and first.score is not None:
        figures[f"AP@0.5 of {request.origin} before, mean of kinds"] = first.score
    if size_error is not None:
        figures["median relative error of the size model alone, validation images"] = size_error
    known = (
        f"Measured on {len(measured)} validation images, by which the best of the running averages "
        "was chosen; not on images of other laboratories."
        if measured
        else "Nothing was measured: there were no validation images."
    )
    return ModelCard(
        description=f"Trained by cellwire train on {len(images)} images "
        f"({_kinds(images)}), from {request.origin}.",
        diam_mean=float(network.diam_mean.item()),
        channels_in=network.architecture.channels_in,
        data=_data(images, measured),
        recipe=_recipe(request, network, state),
        figures=figures,
        bf16_ap_difference=bf16_change,
        limits=f"{known} Not for clinical use.",
    )


def _kinds(images: Sequence[TrainingImage]) -> str:
    counted = Counter(image.pair.kind for image in images)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items()))


def _data(images: Sequence[TrainingImage], measured: Sequence[TrainingImage]) -> str:
    cells = sum(image.cells for image in images)
    text = f"{len(images)} images with {cells} labelled cells: {_kinds(images)}."
    partly = sum(image.area is not None for image in images)
    if partly:
        text += f" {partly} of them are labelled in part; the rest of these was not learnt from."
    if measured:
        text += f" For measuring: {len(measured)} images, {_kinds(measured)}."
    return text


def _recipe(request: TrainingRequest, network: CellposeNet, state: TrainingState) -> str:
    own = request.settings
    length = (
        f"{own.max_minutes:g} minutes" if own.max_minutes is not None else f"{own.epochs} epochs"
    )
    if own.least_steps and own.max_minutes is None:
        length += f", at least {own.least_steps} steps,"
    built = network.architecture
    parts = [
        f"From {request.origin}, {state.step} steps in {state.seconds / 60.0:.0f} minutes "
        f"({length} planned)",
        f"{own.optimizer}, rate {own.learning_rate:g}, decay {own.weight_decay:g}",
        f"{own.batch} views of {own.crop} px"
        + (f", at the end of {own.large_crop} px" if own.large_crop else ""),
        f"{own.precision}, seed {request.seed}, running average of the weights",
    ]
    if request.paste:
        parts.append(f"cells pasted in {request.paste:.0%} of the views")
    if request.stretched:
        parts.append(f"{request.stretched:.0%} of the views stretched")
    if request.shares:
        shares = ", ".join(f"{kind} {share:g}" for kind, share in request.shares.items())
        parts.append(f"shares of the views: {shares}")
    if not built.residual or not built.style or built.concatenate:
        parts.append(
            f"network: residual {built.residual}, style {built.style}, "
            f"concatenated skips {built.concatenate}"
        )
    return "; ".join(parts) + "."


def write_model_card(path: Path, name: str, card: ModelCard, digest: str) -> None:
    """Write a card as Markdown, for people.

    Parameters
    ----------
    path
        File to write.
    name
        Name of the model.
    card
        What is known of it.
    digest
        SHA-256 of its weights.
    """
    lines = [f"# Model `{name}`", "", card.description, ""]
    lines += ["| | |", "|---|---|"]
    lines += [
        f"| diameter at the network | {card.diam_mean:g} px |",
        f"| channels | {card.channels_in} |",
        f"| licence of the weights | {card.licence} |",
        f"| credit | {card.attribution} |",
        f"| SHA-256 of the weights | `{digest}` |",
    ]
    for title, text in (("Data", card.data), ("Recipe", card.recipe)):
        lines += ["", f"## {title}", "", text]
    lines += ["", "## Figures", "", "| measured | value |", "|---|---|"]
    lines += [f"| {what} | {value:.3f} |" for what, value in card.figures.items()]
    lines += ["", "## Limits", "", card.limits, ""]
    path.write_text("\n".join(lines), encoding="utf-8")
