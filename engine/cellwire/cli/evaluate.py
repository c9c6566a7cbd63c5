"""``cellwire evaluate``: how well models find the cells of images whose labels are known."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellwire.cli import parameter_options as options
from cellwire.cli import stack_options as stacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.cli.evaluation_runs import FileLabeller, Item, Run
    from cellwire.cli.evaluation_settings import Ratio
    from cellwire.cli.segmenters import Segmenter
    from cellwire.cli.wishes import Wishes
    from cellwire.evaluation.rescaling import Rescaling

_DATA, _OUT = "Images and labels", "Results"

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(cls=stacks.StitchCommand)
def evaluate(
    images: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of images.", rich_help_panel=_DATA)
    ],
    labels: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="Folder of their labels, paired by name.", rich_help_panel=_DATA
        ),
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[,NAME…]",
            help="Models to compare; see: cellwire models list. (default: nuclei)",
            rich_help_panel=options.MODEL_PANEL,
        ),
    ] = None,
    predictions: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Label images that another program made, paired by name; may be repeated.",
            rich_help_panel=options.MODEL_PANEL,
        ),
    ] = None,
    diameter: Annotated[
        str | None,
        typer.Option(
            metavar="PX|10um|auto|gt[,…]",
            help="gt = the median diameter of each image's labels, of stacks that of spheres of "
            "their volume, in the plane. Several are compared.",
            rich_help_panel=options.MODEL_PANEL,
        ),
    ] = None,
    flow_threshold: options.FlowThreshold = None,
    cellprob_threshold: options.CellprobThreshold = None,
    min_size: options.MinSize = None,
    niter: options.Niter = None,
    tolerance: options.Tolerance = None,
    augment: options.Augment = None,
    resample: options.Resample = None,
    compat: Annotated[
        str | None,
        typer.Option(
            metavar="cellpose3|none[,…]",
            help="Exactly as Cellpose 3 does, known faults included; both are compared.",
            rich_help_panel=options.MODEL_PANEL,
        ),
    ] = None,
    do_3d: stacks.Do3d = False,
    stitch: stacks.Stitch = None,
    anisotropy: Annotated[
        str | None,
        typer.Option(
            metavar="auto|gt|X",
            help="Distance of two planes over the side of a pixel, for --do-3d and --diameter gt; "
            "auto = from the file, gt = what makes labels as high as wide. (default: auto)",
            rich_help_panel=stacks.STACK_PANEL,
        ),
    ] = None,
    flow_smoothing: stacks.FlowSmoothing = None,
    intensity_scope: stacks.IntensityScope = None,
    invert: options.Invert = None,
    percentiles: options.Percentiles = None,
    intensity_range: options.IntensityRange = None,
    tile_norm: options.TileNorm = None,
    normalise: options.Normalise = None,
    channels: Annotated[
        str | None,
        typer.Option(
            metavar="A[,B]", help="Segmented, nucleus; as in segment.", rich_help_panel=_DATA
        ),
    ] = None,
    axes: Annotated[
        str | None,
        typer.Option(metavar="CYX", help="Where the files do not say.", rich_help_panel=_DATA),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Report apart by this column of the index.csv beside the images, such as kind.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Only images that the index.csv has in this split, such as val.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[,NAME…]",
            help="Only these images, by the names of their files without the ending.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    rescale: Annotated[
        str | None,
        typer.Option(
            metavar="FACTOR[,…]",
            help="Resize images and labels first; several are compared.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    rescale_to: Annotated[
        str | None,
        typer.Option(
            metavar="PX[,…]",
            help="The same, so that the median diameter becomes this.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps")] = "auto",
    precision: Annotated[
        str, typer.Option(metavar="auto|fp32|bf16", help=options.PRECISION_HELP)
    ] = "auto",
    json: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write all scores here.", rich_help_panel=_OUT),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Save the best, median and worst image of each group, with both outlines.",
            rich_help_panel=_OUT,
        ),
    ] = None,
    each_image: Annotated[
        bool,
        typer.Option(
            "--each-image", help="Also a table with a row for each image.", rich_help_panel=_OUT
        ),
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a Markdown table.", rich_help_panel=_OUT)
    ] = False,
) -> None:
    """Score models, or labels made elsewhere: AP at IoU 0.5 to 0.95, aggregated Jaccard, sizes."""
    from cellwire.cli import reading_options as read
    from cellwire.cli.evaluation_settings import (
        Setting,
        model_labeller,
        read_ratio,
        ways_of_stacks,
    )
    from cellwire.cli.segmenters import InProcess
    from cellwire.cli.wishes import Wishes

    models = read.read_names("--model", model or ([] if predictions else ["nuclei"]))
    wishes = Wishes(
        given=options.given_parameters(
            flow_threshold=flow_threshold,
            cellprob_threshold=cellprob_threshold,
            min_size=min_size,
            niter=niter,
            tolerance=tolerance,
            augment=augment,
            resample=resample,
            compat=None,
            normalisation=options.given_normalisation(
                invert=invert,
                percentiles=percentiles,
                intensity_range=intensity_range,
                tile_norm=tile_norm,
                normalise=normalise,
            ),
        ),
        channels=read.read_channels(channels),
        axes=axes,
    )
    rescalings = read.read_rescalings(rescale, rescale_to)
    if rescalings != [None] and predictions:
        raise _no_rescaling()
    items = _items(images, labels, group, split, read.read_names("--only", only or []))
    given = [_file_labeller(folder, images, items) for folder in predictions or []]
    ratio = None if anisotropy is None else read_ratio(anisotropy)
    diameters = (diameter or "").split(",")
    truly = "gt" in [each.strip().lower() for each in diameters]
    settings = [
        Setting(name, each, how, as_peer)
        for name in models
        for each in diameters
        for how in ways_of_stacks(
            do_3d, stitch, ratio, flow_smoothing, intensity_scope, truly=truly
        )
        for as_peer in ([None] if compat is None else read.read_names("--compat", [compat]))
    ]
    with InProcess(device, precision=precision) as engine:
        labellers = [model_labeller(engine, wishes, setting) for setting in settings]
        reports, drawn = _reports(
            items, [*labellers, *given], rescalings, engine, wishes, pictures, ratio or "auto"
        )
    _show(reports, drawn, json, markdown=markdown, each_image=each_image)


def _items(
    images: Path, labels: Path, group: str | None, split: str | None, only: Sequence[str]
) -> list[Item]:
    from cellwire.cli.evaluation_runs import Item
    from cellwire.errors import TrainingDataError
    from cellwire.evaluation.image_index import column_of, read_index
    from cellwire.evaluation.pairing import IMAGE_ENDINGS, bare_stem, pair_by_stem

    pairs = pair_by_stem(images, labels)
    absent = [name for name in only if name not in {image.stem for image, _ in pairs}]
    if absent:
        raise TrainingDataError(
            f"There is no image {absent[0]!r} in {images}.",
            "Name files without their ending, such as --only field1,field2.",
        )
    pairs = [pair for pair in pairs if not only or pair[0].stem in only]
    stems = [bare_stem(image, IMAGE_ENDINGS) for image, _ in pairs]
    index = read_index(images) if group or split else {}
    groups = column_of(index, group, stems, images) if group else [""] * len(pairs)
    items = [Item(*pair, name) for pair, name in zip(pairs, groups, strict=True)]
    if split is None:
        return items
    splits = column_of(index, "split", stems, images)
    kept = [item for item, name in zip(items, splits, strict=True) if name == split]
    if not kept:
        raise TrainingDataError(
            f"No image in {images} is in the split {split!r}.",
            f"The index.csv has {', '.join(sorted(set(splits)))}.",
        )
    return kept


def _file_labeller(folder: Path, images: Path, items: Sequence[Item]) -> FileLabeller:
    from cellwire.cli.evaluation_runs import FileLabeller
    from cellwire.evaluation.pairing import pair_by_stem

    wanted = {item.image for item in items}
    pairs = pair_by_stem(images, folder, wanted)
    return FileLabeller({"model": folder.name, "diameter": ""}, dict(pairs))


def _reports(
    items: Sequence[Item],
    labellers: Sequence[Any],
    rescalings: Sequence[Rescaling | None],
    engine: Segmenter,
    wishes: Wishes,
    pictures: Path | None,
    anisotropy: Ratio,
) -> tuple[list[dict[str, Any]], list[tuple[str, str, Path]]]:
    from functools import partial

    from cellwire.cli.evaluation_runs import save_pictures, score_all, see
    from cellwire.cli.terminal import Bars
    from cellwire.evaluation.report import report_of

    reports: list[dict[str, Any]] = []
    drawn: list[tuple[str, str, Path]] = []
    with Bars(len(items) * len(labellers) * len(rescalings)) as bars:
        for labeller in labellers:
            runs: list[Run] = []
            for rescaling in rescalings:
                look = partial(
                    see,
                    rescaling=rescaling,
                    axes=wishes.axes,
                    max_bytes=engine.max_image_bytes,
                    anisotropy=anisotropy,
                )
                run = score_all(items, labeller, look, bars.report, bars.image_done)
                runs.append(run)
                head = dict(labeller.told)
                if rescaling is not None:
                    head["rescaled"] = str(rescaling)
                reports.append({**head, **report_of(run.scores)})
                if pictures is not None:
                    title = "-".join(text for text in head.values() if text)
                    drawn += save_pictures(pictures, title, items, run, look, wishes)
            if len(runs) > 1:
                together = [scores for run in runs for scores in run.scores]
                reports.append({**head, "rescaled": "all of these", **report_of(together)})
    return reports, drawn


def _show(
    reports: list[dict[str, Any]],
    drawn: list[tuple[str, str, Path]],
    file: Path | None,
    *,
    markdown: bool,
    each_image: bool,
) -> None:
    from cellwire.cli.terminal import out, print_table
    from cellwire.evaluation import score_table as tables

    if file is not None:
        from json import dumps

        from cellwire.outputs.save import write_whole

        content = reports[0] if len(reports) == 1 else {"runs": reports}
        write_whole(file, (dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
    if markdown:
        out().print(tables.markdown_table(*tables.summary_rows(reports)))
        if each_image:
            out().print("\n" + tables.markdown_table(*tables.image_rows(reports)))
        if drawn:
            out().print("\n" + tables.gallery(drawn))
        return
    if len(reports) == 1:
        print_table(tables.score_table(reports[0]))
    if len(reports) > 1 or "groups" in reports[0] or "sizes" in reports[0]:
        print_table(tables.summary_table(reports))
    if each_image and len(reports) > 1:
        print_table(tables.image_table(reports))


def _no_rescaling() -> Exception:
    from cellwire.errors import InvalidParameterError

    return InvalidParameterError(
        "--rescale resizes images before a model segments them; --predictions are labels that are "
        "there already.",
        "Leave one of the two out.",
    )
