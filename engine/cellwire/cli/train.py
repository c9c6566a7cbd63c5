"""``cellwire train``: train a network on folders of images and labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

COURSE, DATA, NETWORK = "Course of the training", "Images", "Network"


def train(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR",
            help="Folders with images/ and masks/ (and an index.csv), or with NAME_img.* or NAME.* "
            "beside NAME_masks.*, NAME_seg.npy or NAME_rois.zip.",
        ),
    ],
    from_model: Annotated[
        str,
        typer.Option(
            "--from",
            help="scratch, a model, or a .safetensors file. From a model the training is short: "
            "adamw, rate 0.001, 30 epochs but at least 240 steps, views of 128 px.",
        ),
    ] = "scratch",
    out: Annotated[Path, typer.Option(help="Folder for checkpoints and the trained model.")] = Path(
        "cellwire-training"
    ),
    resume: Annotated[bool, typer.Option(help="Go on from the checkpoint in --out.")] = False,
    channels: Annotated[
        str | None,
        typer.Option(
            metavar="A[,B]",
            rich_help_panel=DATA,
            help="Segmented, nucleus, from 1, where the index does not say; 0 = the mean of all. "
            "Default: the mean of all, no nuclei.",
        ),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            rich_help_panel=DATA,
            help="Folder to measure on; else what index.csv calls val.",
        ),
    ] = None,
    min_train_masks: Annotated[
        int, typer.Option(min=0, rich_help_panel=DATA, help="Images with fewer cells are left out.")
    ] = 5,
    share: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND=SHARE",
            rich_help_panel=DATA,
            help="Share of the views for a kind of image, such as fluo=0.85. A kind is what "
            "index.csv says, else the folder's name.",
        ),
    ] = None,
    invert_probability: Annotated[
        float,
        typer.Option(
            min=0.0, max=1.0, rich_help_panel=DATA, help="Of swapping dark and bright in a view."
        ),
    ] = 0.05,
    drop_nuclei: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            rich_help_panel=DATA,
            help="Probability of a view without its nucleus channel.",
        ),
    ] = 0.2,
    paste_cells: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            rich_help_panel=DATA,
            help="Probability that a view gets cells of another image of its kind pasted beside "
            "its own: for crowded fields.",
        ),
    ] = 0.0,
    stretch_views: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            rich_help_panel=DATA,
            help="Probability that a view is stretched in one direction: for long cells.",
        ),
    ] = 0.0,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=0,
            rich_help_panel=COURSE,
            help="Times every image is seen. Default: 500, from a model 30 (at least 240 steps). "
            "0 leaves the network as it is and fits a size model to it.",
        ),
    ] = None,
    max_minutes: Annotated[
        float | None,
        typer.Option(
            min=0.0, rich_help_panel=COURSE, help="Train for this time instead of the epochs."
        ),
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(
            metavar="sgd|adamw",
            rich_help_panel=COURSE,
            help="sgd with the paper's schedule, or adamw with a warm-up and a cosine. Default: "
            "sgd, from a model adamw.",
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            rich_help_panel=COURSE,
            help="Default: sgd 0.2, from a model 0.1; adamw 0.001.",
        ),
    ] = None,
    batch: Annotated[int, typer.Option(min=1, rich_help_panel=COURSE, help="Views a step.")] = 8,
    crop: Annotated[
        int | None,
        typer.Option(
            min=32,
            rich_help_panel=COURSE,
            help="Side of a view in pixels, 16 n. Default: 224, from a model 128.",
        ),
    ] = None,
    large_crop: Annotated[
        int,
        typer.Option(
            min=0, rich_help_panel=COURSE, help="Side of a view near the end, 0 = as before."
        ),
    ] = 0,
    measurements: Annotated[
        int,
        typer.Option(
            min=1,
            rich_help_panel=COURSE,
            help="Times that the validation images are looked at; the weights with the best AP@0.5 "
            "are kept.",
        ),
    ] = 15,
    patience: Annotated[
        int,
        typer.Option(
            min=0,
            rich_help_panel=COURSE,
            help="End after so many measurements without a better AP@0.5; 0 = never.",
        ),
    ] = 0,
    precision: Annotated[
        str,
        typer.Option(
            metavar="fp32|bf16",
            rich_help_panel=COURSE,
            help="bf16 is faster where the processor has it.",
        ),
    ] = "fp32",
    device: Annotated[
        str, typer.Option(metavar="auto|cpu|cuda|mps", rich_help_panel=COURSE)
    ] = "auto",
    seed: Annotated[
        int, typer.Option(rich_help_panel=COURSE, help="Number that all chance follows from.")
    ] = 0,
    diam_mean: Annotated[
        float | None,
        typer.Option(
            min=2.0,
            rich_help_panel=NETWORK,
            help="Diameter in pixels to which cells are resized. Default: 30, or the model's.",
        ),
    ] = None,
    size_views: Annotated[
        int,
        typer.Option(
            min=0, rich_help_panel=NETWORK, help="Views for the size model; 0 = no size model."
        ),
    ] = 1000,
    no_style: Annotated[
        bool, typer.Option("--no-style", rich_help_panel=NETWORK, help="Without the style vector.")
    ] = False,
    plain_blocks: Annotated[
        bool,
        typer.Option(
            "--plain-blocks", rich_help_panel=NETWORK, help="Two convolutions for four residual."
        ),
    ] = False,
    concatenate: Annotated[
        bool,
        typer.Option(
            "--concatenate", rich_help_panel=NETWORK, help="Skips are concatenated, not added."
        ),
    ] = False,
    plain_unet: Annotated[
        bool, typer.Option("--plain-unet", rich_help_panel=NETWORK, help="All three.")
    ] = False,
) -> None:
    """Train a network on folders of images and labels: from scratch, or from a model."""
    from cellwire.cli import reading_options, terminal
    from cellwire.cli import training_options as read
    from cellwire.cli.training_progress import TrainingProgress

    numbers, named = read.read_precision(precision), read.read_optimizer(optimizer)
    shares, chosen = read.read_shares(share or []), reading_options.read_channels(channels)
    from cellwire.training.defaults import defaults_for
    from cellwire.training.intensities import IntensityRange
    from cellwire.training.recipe import TrainingRequest, run
    from cellwire.training.settings import TrainingSettings

    usual = defaults_for(from_model, named)
    side = usual.crop if crop is None else crop
    read.check_sides(side, large_crop)
    settings = TrainingSettings(
        epochs=usual.epochs if epochs is None else epochs,
        least_steps=usual.least_steps if epochs is None else 0,
        max_minutes=max_minutes,
        learning_rate=usual.learning_rate if learning_rate is None else learning_rate,
        weight_decay=usual.weight_decay,
        optimizer=usual.optimizer,
        batch=batch,
        crop=side,
        large_crop=large_crop,
        precision=numbers,
        measurements=measurements,
        measure_start=from_model != "scratch",
        patience=patience,
    )
    request = TrainingRequest(
        folders=tuple(folder.expanduser() for folder in folders),
        out=out.expanduser(),
        settings=settings,
        start=from_model,
        architecture=read.architecture(
            style=not (no_style or plain_unet),
            residual=not (plain_blocks or plain_unet),
            concatenate=concatenate or plain_unet,
        ),
        diam_mean=diam_mean,
        channels=chosen,
        least_cells=min_train_masks,
        validation=None if validation is None else validation.expanduser(),
        shares=shares,
        intensities=IntensityRange(invert=invert_probability, drop_nuclei=drop_nuclei),
        paste=paste_cells,
        stretched=stretch_views,
        seed=seed,
        size_views=size_views,
        resume=resume,
        device=device,
    )
    with TrainingProgress() as progress:
        try:
            model = run(request, progress)
        except KeyboardInterrupt:
            if (out / "checkpoint.pt").is_file():
                terminal.note(f"The checkpoint in {out} is complete; go on with --resume.")
            raise
    terminal.out().print(
        f"Trained for {model.state.step} steps in {model.state.seconds / 60.0:.0f} minutes. "
        f"Add the model: cellwire models add NAME {model.folder}"
    )
