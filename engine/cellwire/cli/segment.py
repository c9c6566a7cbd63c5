"""``cellwire segment``: images in, label images and ROI sets out."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cellwire.cli.segmenters import Segmenter
    from cellwire.cli.wishes import Wishes

_IMAGE, _ENGINE, _MODEL, _NORMALISE, _OUT = (
    "Images",
    "Engine",
    "Model and parameters",
    "Normalisation",
    "Results",
)


def segment(
    images: Annotated[list[str], typer.Argument(help="Files, or patterns.", metavar="IMAGE…")],
    server: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT|unix:PATH",
            help="Engine that does the work; without it, this process does.",
            rich_help_panel=_ENGINE,
        ),
    ] = None,
    tls_ca: Annotated[
        Path | None,
        typer.Option(help="The ca.pem of an engine elsewhere.", rich_help_panel=_ENGINE),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="File with your token.", rich_help_panel=_ENGINE)
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="auto|cpu|cuda|mps", help="Without --server.", rich_help_panel=_ENGINE
        ),
    ] = None,
    max_image_mib: Annotated[
        int | None,
        typer.Option(
            min=1, help="Largest image in MiB, without --server.", rich_help_panel=_ENGINE
        ),
    ] = None,
    model: Annotated[
        str, typer.Option(help="See: cellwire models list.", rich_help_panel=_MODEL)
    ] = "nuclei",
    diameter: Annotated[
        str | None,
        typer.Option(
            metavar="PX|10um|auto",
            help="Of the cells. Unless given: found by the model if it can, else its own mean.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    channels: Annotated[
        str | None,
        typer.Option(
            metavar="A[,B]",
            help="Segmented, nucleus: from 1, or names; 0 = mean of all / none.",
            rich_help_panel=_IMAGE,
        ),
    ] = None,
    axes: Annotated[
        str | None,
        typer.Option(
            metavar="CYX",
            help="What the dimensions are, where the file does not say: T, Z, C, Y, X.",
            rich_help_panel=_IMAGE,
        ),
    ] = None,
    plane: Annotated[
        list[str] | None,
        typer.Option(
            metavar="Z=3", help="Plane or frame of a stack, from 1.", rich_help_panel=_IMAGE
        ),
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(help="Image whose zeros are no cell.", rich_help_panel=_IMAGE),
    ] = None,
    flow_threshold: Annotated[
        float | None,
        typer.Option(
            help="Greatest flow error of a cell; 0 = keep all. (default: 0.4)",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    cellprob_threshold: Annotated[
        float | None,
        typer.Option(
            help="Pixels with a higher cell probability (logit) belong to cells. (default: 0)",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    min_size: Annotated[
        int | None,
        typer.Option(
            help="Least area of a cell in pixels; -1 = keep all. (default: 15)",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    max_size: Annotated[
        int | None,
        typer.Option(
            help="Greatest area of a cell in pixels; 0 = no limit.", rich_help_panel=_MODEL
        ),
    ] = None,
    niter: Annotated[
        int | None,
        typer.Option(help="Steps of the dynamics; 0 = from the diameter.", rich_help_panel=_MODEL),
    ] = None,
    augment: Annotated[
        bool | None,
        typer.Option(
            "--augment/--no-augment", help="Average over flips: slower.", rich_help_panel=_MODEL
        ),
    ] = None,
    resample: Annotated[
        bool | None,
        typer.Option(
            "--resample/--no-resample",
            help="Dynamics at the image's scale, or the network's. (default: the image's)",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    exclude_edges: Annotated[
        bool | None,
        typer.Option(
            "--exclude-edges/--keep-edges",
            help="Drop cells that touch the border, or keep them. (default: keep)",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    compat: Annotated[
        str | None,
        typer.Option(
            metavar="cellpose3|none",
            help="Exactly as Cellpose 3 does, known faults included.",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    invert: Annotated[
        bool | None,
        typer.Option(
            "--invert/--no-invert",
            help="Dark cells on bright ground.",
            rich_help_panel=_NORMALISE,
        ),
    ] = None,
    percentiles: Annotated[
        str | None,
        typer.Option(
            metavar="LO,HI", help="Become 0 and 1. (default: 1,99)", rich_help_panel=_NORMALISE
        ),
    ] = None,
    intensity_range: Annotated[
        str | None,
        typer.Option(
            metavar="LO,HI",
            help="Intensities that become 0 and 1, instead.",
            rich_help_panel=_NORMALISE,
        ),
    ] = None,
    tile_norm: Annotated[
        int | None,
        typer.Option(
            metavar="PX",
            help="Normalise in blocks of this side; 0 = the whole image.",
            rich_help_panel=_NORMALISE,
        ),
    ] = None,
    normalise: Annotated[
        bool | None,
        typer.Option(
            "--normalise/--no-normalise",
            help="Scale the values, or take them as they are. (default: scale)",
            rich_help_panel=_NORMALISE,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the results. (default: beside each image)",
            rich_help_panel=_OUT,
        ),
    ] = None,
    save: Annotated[
        str | None,
        typer.Option(
            metavar="KINDS",
            help="Of labels, rois, overlay, table, flows, cellprob, style, unedited, seg. "
            "(default: labels,rois)",
            rich_help_panel=_OUT,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option(help="Replace results of an earlier run.", rich_help_panel=_OUT)
    ] = True,
    json: Annotated[
        bool, typer.Option("--json", help="One object a line.", rich_help_panel=_OUT)
    ] = False,
) -> None:
    """Segment images; write <image>_labels.tif, <image>_rois.zip and so on.

    A default in brackets holds where the model's card sets no other; cellwire models show tells.
    """
    from cellwire.cli import reading_options as read
    from cellwire.cli.app import debugging
    from cellwire.cli.batch import Saving, run_batch
    from cellwire.cli.inputs import find_inputs
    from cellwire.cli.wishes import Wishes, read_mask

    given = {
        "flow_threshold": flow_threshold,
        "cellprob_threshold": cellprob_threshold,
        "min_size": min_size,
        "max_size": max_size,
        "niter": niter,
        "augment": augment,
        "resample": resample,
        "exclude_on_edges": exclude_edges,
        "compat": "" if compat == "none" else compat,
    }
    normalisation = {
        "enabled": normalise,
        "percentiles": read.read_pair("--percentiles", percentiles),
        "fixed_range": read.read_pair("--intensity-range", intensity_range),
        "tile_blocksize": tile_norm,
        "invert": invert,
    }
    wishes = Wishes(
        model=model,
        diameter=read.read_diameter(diameter),
        given=_named({**given, "normalisation": _named(normalisation) or None}),
        channels=read.read_channels(channels),
        axes=axes,
        planes=read.read_planes(plane or []),
    )
    saving = Saving(read.read_kinds(save or "labels,rois"), lenient=save is None)
    inputs = find_inputs(images, out, saving.endings, overwrite=overwrite)
    with _segmenter(server, tls_ca, token_file, device, max_image_mib) as segmenter:
        segmenter.check(wishes)
        if mask is not None:
            wishes = _with(wishes, read_mask(mask, segmenter.max_image_bytes))
        tally = run_batch(inputs, segmenter, wishes, saving, as_json=json, debug=debugging())
    tally.tell(len(inputs))
    raise typer.Exit(tally.code())


def _segmenter(
    server: str | None,
    tls_ca: Path | None,
    token_file: Path | None,
    device: str | None,
    max_image_mib: int | None,
) -> Segmenter:
    from cellwire.cli.segmenters import GIB, InProcess, Remote
    from cellwire.errors import InvalidParameterError

    if server is not None:
        for option, value in (("--device", device), ("--max-image-mib", max_image_mib)):
            if value is not None:
                raise InvalidParameterError(
                    f"{option} is the engine's own choice, and --server names an engine.",
                    f"Leave {option} out, or give it to cellwire serve.",
                )
        return Remote(server, tls_ca, token_file)
    for option, path in (("--tls-ca", tls_ca), ("--token-file", token_file)):
        if path is not None:
            raise InvalidParameterError(
                f"{option} is for an engine elsewhere, and no --server is named.",
                f"Add --server HOST:PORT, or leave {option} out.",
            )
    limit = 2 * GIB if max_image_mib is None else max_image_mib * 2**20
    return InProcess(device or "auto", limit)


def _named(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _with(wishes: Wishes, mask: Any) -> Wishes:
    from dataclasses import replace

    return replace(wishes, mask=mask)
