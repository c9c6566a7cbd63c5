"""``cellwire segment``: images in, label images and ROI sets out."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellwire.cli import engine_options as elsewhere
from cellwire.cli import parameter_options as options
from cellwire.cli import stack_options as stacks

if TYPE_CHECKING:
    from cellwire.cli.segmenters import Segmenter
    from cellwire.cli.wishes import Wishes

_IMAGE, _ENGINE = "Images", elsewhere.ENGINE_PANEL
_MODEL, _OUT = options.MODEL_PANEL, "Results"

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(cls=stacks.StitchCommand)
def segment(
    images: Annotated[list[str], typer.Argument(help="Files, or patterns.", metavar="IMAGE…")],
    server: elsewhere.Server = None,
    tls_ca: elsewhere.TlsCa = None,
    token_file: elsewhere.TokenFile = None,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="auto|cpu|cuda|mps", help="Without --server.", rich_help_panel=_ENGINE
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="auto|fp32|bf16", help=options.PRECISION_HELP, rich_help_panel=_ENGINE
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
    do_3d: stacks.Do3d = False,
    stitch: stacks.Stitch = None,
    each_plane: stacks.EachPlane = False,
    link: stacks.Link = None,
    link_threshold: stacks.LinkThreshold = None,
    anisotropy: stacks.Anisotropy = None,
    flow_smoothing: stacks.FlowSmoothing = None,
    intensity_scope: stacks.IntensityScope = None,
    half_precision: stacks.HalfPrecision = False,
    orthogonal_model: stacks.OrthogonalModel = None,
    memory: stacks.Memory = None,
    scratch: stacks.Scratch = None,
    flow_threshold: options.FlowThreshold = None,
    cellprob_threshold: options.CellprobThreshold = None,
    min_size: options.MinSize = None,
    max_size: options.MaxSize = None,
    niter: options.Niter = None,
    tolerance: options.Tolerance = None,
    augment: options.Augment = None,
    resample: options.Resample = None,
    exclude_edges: options.ExcludeEdges = None,
    compat: options.Compat = None,
    invert: options.Invert = None,
    percentiles: options.Percentiles = None,
    intensity_range: options.IntensityRange = None,
    tile_norm: options.TileNorm = None,
    normalise: options.Normalise = None,
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
    from cellwire.cli.inputs import find_inputs, make_folders
    from cellwire.cli.wishes import Wishes, read_mask

    wishes = Wishes(
        model=model,
        diameter=read.read_diameter(diameter),
        given=options.given_parameters(
            flow_threshold=flow_threshold,
            cellprob_threshold=cellprob_threshold,
            min_size=min_size,
            max_size=max_size,
            niter=niter,
            tolerance=tolerance,
            augment=augment,
            resample=resample,
            exclude_edges=exclude_edges,
            compat=compat,
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
        planes=read.read_planes(plane or []),
        stack=stacks.read_stack(
            do_3d=do_3d,
            stitch=stitch,
            each_plane=each_plane,
            link=link,
            link_threshold=link_threshold,
            anisotropy=anisotropy,
            flow_smoothing=flow_smoothing,
            intensity_scope=intensity_scope,
            half_precision=half_precision,
            orthogonal_model=orthogonal_model,
        ),
    )
    kinds = read.read_kinds(save or "labels,rois", is_stack=wishes.stack is not None)
    saving = Saving(kinds, lenient=save is None)
    inputs = find_inputs(images, out, saving.endings, overwrite=overwrite)
    own = {
        "--device": device,
        "--precision": precision,
        "--max-image-mib": max_image_mib,
        "--memory": memory,
        "--scratch": scratch,
    }
    with _segmenter(server, tls_ca, token_file, own) as segmenter:
        segmenter.check(wishes)
        if mask is not None:
            wishes = _with(wishes, read_mask(mask, segmenter.max_image_bytes))
        make_folders(inputs)
        tally = run_batch(inputs, segmenter, wishes, saving, as_json=json, debug=debugging())
    tally.tell(len(inputs))
    raise typer.Exit(tally.code())


def _segmenter(
    server: str | None, tls_ca: Path | None, token_file: Path | None, own: dict[str, Any]
) -> Segmenter:
    from cellwire.cli.segmenters import GIB, InProcess, Remote
    from cellwire.errors import InvalidParameterError

    if server is not None:
        for option, value in own.items():
            if value is not None:
                raise InvalidParameterError(
                    f"{option} is the engine's own choice, and --server names an engine.",
                    f"Leave {option} out, or give it to cellwire serve.",
                )
        return Remote(server, tls_ca, token_file)
    elsewhere.check_no_server(tls_ca, token_file)
    mib, scratch = own["--max-image-mib"], own["--scratch"]
    if scratch is not None and not scratch.is_dir():
        raise InvalidParameterError(
            f"--scratch {scratch} is no folder.", "Name one that is there, on a large disk."
        )
    return InProcess(
        own["--device"] or "auto",
        2 * GIB if mib is None else mib * 2**20,
        own["--precision"] or "auto",
        stacks.read_memory(own["--memory"]),
        scratch,
    )


def _with(wishes: Wishes, mask: Any) -> Wishes:
    from dataclasses import replace

    return replace(wishes, mask=mask)
