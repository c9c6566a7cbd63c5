"""The options of a segmentation that several commands share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

PRECISION_HELP = "Of the network's numbers; auto = bf16 where it is fast and known to be as good."
MODEL_PANEL, NORMALISE_PANEL = "Model and parameters", "Normalisation"

FlowThreshold = Annotated[
    float | None,
    typer.Option(
        help="Greatest flow error of a cell; 0 = keep all. (default: 0.4)",
        rich_help_panel=MODEL_PANEL,
    ),
]
CellprobThreshold = Annotated[
    float | None,
    typer.Option(
        help="Pixels with a higher cell probability (logit) belong to cells. (default: 0)",
        rich_help_panel=MODEL_PANEL,
    ),
]
MinSize = Annotated[
    int | None,
    typer.Option(
        help="Least area of a cell in pixels; -1 = keep all. (default: 15; with --do-3d a fiftieth "
        "of a ball of the diameter, in voxels)",
        rich_help_panel=MODEL_PANEL,
    ),
]
MaxSize = Annotated[
    int | None,
    typer.Option(
        help="Greatest area of a cell in pixels; 0 = no limit.", rich_help_panel=MODEL_PANEL
    ),
]
Niter = Annotated[
    int | None,
    typer.Option(help="Steps of the dynamics; 0 = from the diameter.", rich_help_panel=MODEL_PANEL),
]
Tolerance = Annotated[
    float | None,
    typer.Option(
        metavar="PX",
        help="Pixels that move no farther in eight steps stop: faster, such as 1e-3; 0 = exact. "
        "(default: 0)",
        rich_help_panel=MODEL_PANEL,
    ),
]
Augment = Annotated[
    bool | None,
    typer.Option(
        "--augment/--no-augment", help="Average over flips: slower.", rich_help_panel=MODEL_PANEL
    ),
]
Resample = Annotated[
    bool | None,
    typer.Option(
        "--resample/--no-resample",
        help="Dynamics at the image's scale, or the network's. (default: the image's)",
        rich_help_panel=MODEL_PANEL,
    ),
]
ExcludeEdges = Annotated[
    bool | None,
    typer.Option(
        "--exclude-edges/--keep-edges",
        help="Drop cells that touch the border, or keep them. (default: keep)",
        rich_help_panel=MODEL_PANEL,
    ),
]
Compat = Annotated[
    str | None,
    typer.Option(
        metavar="cellpose3|none",
        help="Exactly as Cellpose 3 does, known faults included.",
        rich_help_panel=MODEL_PANEL,
    ),
]
Invert = Annotated[
    bool | None,
    typer.Option(
        "--invert/--no-invert",
        help="Dark cells on bright ground.",
        rich_help_panel=NORMALISE_PANEL,
    ),
]
Percentiles = Annotated[
    str | None,
    typer.Option(
        metavar="LO,HI",
        help="Become 0 and 1; a few bright cells widen the range. (default: 1,99)",
        rich_help_panel=NORMALISE_PANEL,
    ),
]
IntensityRange = Annotated[
    str | None,
    typer.Option(
        metavar="LO,HI",
        help="Intensities that become 0 and 1, instead.",
        rich_help_panel=NORMALISE_PANEL,
    ),
]
TileNorm = Annotated[
    int | None,
    typer.Option(
        metavar="PX",
        help="Normalise in blocks of this side; 0 = the whole image.",
        rich_help_panel=NORMALISE_PANEL,
    ),
]
Normalise = Annotated[
    bool | None,
    typer.Option(
        "--normalise/--no-normalise",
        help="Scale the values, or take them as they are. (default: scale)",
        rich_help_panel=NORMALISE_PANEL,
    ),
]


def given_parameters(
    *,
    flow_threshold: float | None,
    cellprob_threshold: float | None,
    min_size: int | None,
    max_size: int | None = None,
    niter: int | None,
    tolerance: float | None,
    augment: bool | None,
    resample: bool | None,
    exclude_edges: bool | None = None,
    compat: str | None,
    normalisation: dict[str, Any],
) -> dict[str, Any]:
    """Name the parameters that were given as `SegmentationJob.given`; the rest is the model's."""
    return _named(
        {
            "flow_threshold": flow_threshold,
            "cellprob_threshold": cellprob_threshold,
            "min_size": min_size,
            "max_size": max_size,
            "niter": niter,
            "tolerance": tolerance,
            "augment": augment,
            "resample": resample,
            "exclude_on_edges": exclude_edges,
            "compat": "" if compat == "none" else compat,
            "normalisation": normalisation or None,
        }
    )


def given_normalisation(
    *,
    invert: bool | None,
    percentiles: str | None,
    intensity_range: str | None,
    tile_norm: int | None,
    normalise: bool | None,
) -> dict[str, Any]:
    """Name what was given of the normalisation.

    Raises
    ------
    InvalidParameterError
        A range is no pair of numbers.
    """
    from cellwire.cli.reading_options import read_pair

    return _named(
        {
            "enabled": normalise,
            "percentiles": read_pair("--percentiles", percentiles),
            "fixed_range": read_pair("--intensity-range", intensity_range),
            "tile_blocksize": tile_norm,
            "invert": invert,
        }
    )


def _named(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
