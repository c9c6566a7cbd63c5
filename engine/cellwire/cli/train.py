"""``cellwire train``: train a network on a folder of images and labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cellwire.errors import InvalidParameterError, ModelBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.networks.unet import CellposeNet
    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.training.folders import TrainingImage
    from cellwire.training.loop import Moment

CHANNELS = 2
SGD_DEFAULTS = (0.2, 1e-5)
ADAMW_DEFAULTS = (1e-3, 1e-4)
SCORED_IMAGES = 12


def train(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder with images/ and masks/ (and an index.csv), or NAME_img.* and "
            "NAME_masks.* files."
        ),
    ],
    from_model: Annotated[
        str, typer.Option("--from", help="Model to start from, or a weights file; or scratch.")
    ] = "scratch",
    epochs: Annotated[int, typer.Option(min=1, help="Times every image is seen.")] = 500,
    learning_rate: Annotated[
        float | None, typer.Option(min=0.0, help="Default: 0.2 for sgd, 0.001 for adamw.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Views a step.")] = 8,
    crop: Annotated[int, typer.Option(min=32, help="Side of a view in pixels, 16 n.")] = 224,
    large_crop: Annotated[
        int, typer.Option(min=0, help="Side of a view near the end of the training, 0 = crop.")
    ] = 0,
    diam_mean: Annotated[
        float | None,
        typer.Option(min=2.0, help="Diameter in pixels to which cells are resized. Default: 30."),
    ] = None,
    min_train_masks: Annotated[
        int, typer.Option(min=0, help="Images with fewer cells are left out.")
    ] = 5,
    validation: Annotated[
        Path | None,
        typer.Option(help="Folder to measure on; else the split of index.csv."),
    ] = None,
    share: Annotated[
        list[str] | None,
        typer.Option(help="KIND=SHARE of the views for a kind of index.csv, such as fluo=0.85."),
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the checkpoint in --out.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    optimizer: Annotated[str, typer.Option(help="sgd as in the paper, or adamw.")] = "sgd",
    precision: Annotated[
        str, typer.Option(help="fp32, or bf16: faster where the processor has it.")
    ] = "fp32",
    out: Annotated[
        Path, typer.Option(help="Folder for checkpoints, curve and the trained model.")
    ] = Path("cellwire-training"),
    max_minutes: Annotated[
        float | None, typer.Option(min=0.0, help="Train for this time instead of the epochs.")
    ] = None,
    size_views: Annotated[
        int, typer.Option(min=0, help="Views for the size model; 0 = no size model.")
    ] = 400,
    seed: Annotated[int, typer.Option(help="Number that all chance follows from.")] = 0,
) -> None:
    """Train a network on a folder of images and labels."""
    if crop % 16 or large_crop % 16:
        raise InvalidParameterError(
            f"The side of a view must be a multiple of 16; it is {crop} and {large_crop}.",
            f"Use {crop // 16 * 16}.",
        )
    rate, decay = SGD_DEFAULTS if optimizer == "sgd" else ADAMW_DEFAULTS
    from cellwire.networks.inference import Network, choose_device
    from cellwire.networks.size_weights import export_size_weights, save_size_weights
    from cellwire.networks.weights import save_network
    from cellwire.training import loop
    from cellwire.training.batches import BatchPlan
    from cellwire.training.curve import write_loss_curve
    from cellwire.training.folders import find_pairs
    from cellwire.training.size_model import collect_styles, fit_size

    network = starting_network(from_model, diam_mean, seed)
    plan = BatchPlan(float(network.diam_mean.item()), seed, shares=_shares(share or []))
    settings = loop.TrainingSettings(
        epochs=epochs,
        max_minutes=max_minutes,
        learning_rate=rate if learning_rate is None else learning_rate,
        weight_decay=decay,
        optimizer=_optimizer(optimizer),
        batch=batch,
        crop=crop,
        large_crop=large_crop,
        precision=_precision(precision),
    )
    pairs = find_pairs(folder)
    others = find_pairs(validation) if validation is not None else []
    images = _load([pair for pair in pairs if pair.split == "train"], min_train_masks)
    others = others or [pair for pair in pairs if pair.split == "val"]
    measured = _load(others, 1) if others else []
    chosen = choose_device(device)
    with _progress() as bar:
        task = bar.add_task("training", total=1.0)

        def tell(moment: Moment) -> None:
            bar.update(task, completed=moment.done, description=_line(moment))

        state = loop.train(
            network, images, measured, plan, settings, out,
            resume=resume, device=chosen, tell=tell, score=_scorer(measured, chosen),
        )  # fmt: skip
    write_loss_curve(out / "loss-curve.png", state.losses, state.validations)
    save_network(out / "network.safetensors", network, half=True)
    _save_for_cellpose(out / "cellpose_model", network)
    if size_views:
        running = Network([network], chosen)
        styles, diameters = collect_styles(running, images, plan, size_views)
        size = fit_size(styles, diameters, running.diam_mean)
        save_size_weights(out / "size.safetensors", size)
        export_size_weights(out / "cellpose_model_size.npy", size)
    typer.echo(
        f"Trained for {state.step} steps in {state.seconds / 60.0:.0f} minutes. Add the model with "
        f"`cellwire models add NAME {out / 'cellpose_model'}"
        + (f" --size {out / 'cellpose_model_size.npy'}`." if size_views else "`.")
    )


def starting_network(source: str, diam_mean: float | None, seed: int) -> CellposeNet:
    """Give a fresh network, or that of a model or weights file."""
    import torch

    from cellwire.networks.registry import find_model
    from cellwire.networks.unet import CellposeNet
    from cellwire.networks.weights import load_network_file

    if source == "scratch":
        torch.manual_seed(seed)
        return CellposeNet(diam_mean=diam_mean or 30.0)
    if source.endswith(".safetensors"):
        path = Path(source)
    else:
        files = find_model(source).files
        if len(files) > 1:
            raise ModelBrokenError(
                f"The model {source} is an ensemble of {len(files)} networks; training starts "
                "from one.",
                "Give one of its .safetensors files.",
            )
        path = files[0]
    network = load_network_file(path)
    if diam_mean is not None:
        network.diam_mean.data.fill_(diam_mean)
    return network


def prepare(image: AnyArray) -> FloatArray:
    """Make the network's input of an image (Y, X, C): its mean over channels, then nothing."""
    import numpy as np

    from cellwire.segmentation.normalise import normalise
    from cellwire.segmentation.parameters import Normalisation

    grey = image.astype(np.float32).mean(axis=2, keepdims=True)
    return normalise(grey, Normalisation(), CHANNELS)


def _load(pairs: list[Any], least_cells: int) -> list[TrainingImage]:
    from cellwire.training.folders import load_images

    with _progress() as bar:
        task = bar.add_task("reading images, computing flows", total=len(pairs))
        return load_images(
            pairs, prepare, least_cells, lambda done, total: bar.update(task, completed=done)
        )


def _scorer(images: list[TrainingImage], device: str) -> Callable[[CellposeNet], float] | None:
    """Give a function that measures the mean AP@0.5 of a network on some of the images."""
    if not images:
        return None
    from cellwire.evaluation.matching import average_precision
    from cellwire.networks.inference import Network
    from cellwire.segmentation.parameters import CellposeParameters, Normalisation
    from cellwire.segmentation.pipeline import segment_plane

    chosen = images[:: max(1, len(images) // SCORED_IMAGES)]

    def score(network: CellposeNet) -> float:
        running = Network([network], device)
        found = [
            segment_plane(
                each.image[..., :1],
                CellposeParameters(
                    diameter=each.diameter, normalisation=Normalisation(enabled=False)
                ),
                running,
            ).labels
            for each in chosen
        ]
        ap = average_precision([each.labels for each in chosen], found, (0.5,)).ap
        return float(ap.mean())

    return score


def _save_for_cellpose(path: Path, network: CellposeNet) -> None:
    import torch

    torch.save(network.cpu().state_dict(), path)


def _shares(texts: list[str]) -> dict[str, float]:
    shares = {}
    for text in texts:
        kind, _, value = text.partition("=")
        try:
            shares[kind] = float(value)
        except ValueError:
            shares[kind] = -1.0
        if not 0.0 <= shares[kind] <= 1.0:
            raise InvalidParameterError(
                f"A share is KIND=NUMBER with a number from 0 to 1; it is {text!r}.",
                "For example --share fluo=0.85.",
            )
    return shares


def _optimizer(name: str) -> Literal["sgd", "adamw"]:
    if name == "sgd":
        return "sgd"
    if name == "adamw":
        return "adamw"
    raise InvalidParameterError(
        f"The optimizer is sgd or adamw; it is {name!r}.", "Choose one of the two."
    )


def _precision(name: str) -> Literal["fp32", "bf16"]:
    if name == "fp32":
        return "fp32"
    if name == "bf16":
        return "bf16"
    raise InvalidParameterError(
        f"The precision is fp32 or bf16; it is {name!r}.", "Choose one of the two."
    )


def _line(moment: Moment) -> str:
    text = f"step {moment.step}  loss {moment.loss:.3f}"
    if moment.validation is not None:
        text += f"  validation {moment.validation.loss:.3f}"
    return text


def _progress() -> Any:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True))
