"""``cellwire evaluate``: how well a model finds the cells of images whose labels are known."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cellwire.cli.segmenters import Segmenter
    from cellwire.cli.terminal import Bars
    from cellwire.cli.wishes import Wishes
    from cellwire.segmentation.arrays import AnyArray


def evaluate(
    images: Annotated[Path, typer.Option(metavar="DIR", help="Folder of images.")],
    labels: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of their labels, paired by name.")
    ],
    model: Annotated[str, typer.Option(help="See: cellwire models list.")] = "nuclei",
    diameter: Annotated[
        str | None,
        typer.Option(
            metavar="PX|10um|auto|gt", help="gt = the median diameter of each image's labels."
        ),
    ] = None,
    channels: Annotated[
        str | None, typer.Option(metavar="A[,B]", help="Segmented, nucleus; as in segment.")
    ] = None,
    axes: Annotated[
        str | None, typer.Option(metavar="CYX", help="Where the files do not say.")
    ] = None,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps")] = "auto",
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all scores here.")
    ] = None,
) -> None:
    """Score a model: AP at IoU 0.5 to 0.95, aggregated Jaccard, outlines."""
    from cellwire.cli import reading_options as read
    from cellwire.cli.segmenters import InProcess
    from cellwire.cli.terminal import Bars, out
    from cellwire.cli.wishes import Wishes
    from cellwire.evaluation.pairing import pair_by_stem
    from cellwire.evaluation.report import evaluate_pairs
    from cellwire.evaluation.score_table import score_table

    truly = diameter is not None and diameter.strip().lower() == "gt"
    wishes = Wishes(
        model=model,
        diameter=read.read_diameter(None if truly else diameter),
        channels=read.read_channels(channels),
        axes=axes,
    )
    pairs = pair_by_stem(images, labels)
    with InProcess(device) as engine, Bars(len(pairs)) as bars:
        engine.check(wishes)
        found = _predict(pairs, engine, wishes, bars, truly=truly)
        report = evaluate_pairs(found, lambda _: bars.image_done())
    report = {"model": model, "diameter": diameter or "model", **report}
    if json is not None:
        from json import dumps

        from cellwire.outputs.save import write_whole

        write_whole(json, (dumps(report, indent=1, ensure_ascii=False) + "\n").encode())
    out().print(score_table(report), soft_wrap=False)


def _predict(
    pairs: list[tuple[Path, Path]],
    engine: Segmenter,
    wishes: Wishes,
    bars: Bars,
    *,
    truly: bool,
) -> Iterator[tuple[str, AnyArray, AnyArray]]:
    from dataclasses import replace

    from cellwire.cli.wishes import make_job
    from cellwire.images.reading import read_image
    from cellwire.jobs.job import Diameter
    from cellwire.segmentation.targets import median_diameter

    for image, truth_file in pairs:
        bars.report(image.name, 0, 1)
        loaded = read_image(image, wishes.axes, engine.max_image_bytes)
        truth = read_labels(truth_file, loaded.path.name)
        own = wishes
        if truly and truth.any():
            own = replace(wishes, diameter=Diameter(pixels=max(1.0, float(median_diameter(truth)))))
        found = engine.segment(make_job(loaded, own), own, ("labels",), bars.report)
        labels = found.segmentation.labels
        _check_same_size(truth_file, truth, labels)
        yield image.stem, truth, labels


def read_labels(path: Path, image: str) -> AnyArray:
    """Read a label image (Y, X) as int32.

    Raises
    ------
    TrainingDataError
        It has more than one plane.
    """
    from cellwire.errors import TrainingDataError
    from cellwire.images.reading import read_image

    loaded = read_image(path)
    array = loaded.array.reshape([n for n in loaded.array.shape if n != 1])
    if array.ndim != 2:
        size = " x ".join(str(n) for n in loaded.array.shape)
        raise TrainingDataError(
            f"The labels {path.name} of {image} have the shape {size} ({loaded.axes}).",
            "Labels are one plane: 0 = background, a number for each cell.",
        )
    labels: AnyArray = array.astype("int32")
    return labels


def _check_same_size(path: Path, truth: AnyArray, labels: AnyArray) -> None:
    from cellwire.errors import TrainingDataError

    if truth.shape != labels.shape:
        raise TrainingDataError(
            f"The labels {path.name} are {truth.shape[0]} x {truth.shape[1]} pixels, their image "
            f"{labels.shape[0]} x {labels.shape[1]}.",
            "Give labels of the image itself.",
        )
