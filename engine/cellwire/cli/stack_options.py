"""The options that say how planes and frames belong together."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from cellwire.jobs.stack import StackWishes

STACK_PANEL, MEMORY_PANEL = "Stacks and time series", "Engine"
OVERLAP = "0.25"
"""What ``--stitch`` means where no number follows."""

Do3d = Annotated[
    bool,
    typer.Option(
        "--do-3d", help="The planes along Z are one volume: true 3D.", rich_help_panel=STACK_PANEL
    ),
]
Stitch = Annotated[
    float | None,
    typer.Option(
        "--stitch",
        metavar=f"[{OVERLAP}]",
        help="Each plane is segmented by itself; objects that overlap from plane to plane by this "
        "much (intersection over union) are one.",
        rich_help_panel=STACK_PANEL,
    ),
]
EachPlane = Annotated[
    bool,
    typer.Option(
        "--each-plane",
        help="Each plane and frame is segmented by itself, its objects numbered from 1.",
        rich_help_panel=STACK_PANEL,
    ),
]
Link = Annotated[
    str | None,
    typer.Option(
        metavar="time",
        help="Objects keep their number from frame to frame.",
        rich_help_panel=STACK_PANEL,
    ),
]
LinkThreshold = Annotated[
    float | None,
    typer.Option(
        metavar="IOU",
        help="How much objects must overlap from frame to frame (intersection over union) to be "
        f"one, for --link. (default: as --stitch, else {OVERLAP})",
        rich_help_panel=STACK_PANEL,
    ),
]
Anisotropy = Annotated[
    str | None,
    typer.Option(
        metavar="auto|X",
        help="Distance of two planes over the side of a pixel, for --do-3d; auto = from the file. "
        "(default: auto)",
        rich_help_panel=STACK_PANEL,
    ),
]
FlowSmoothing = Annotated[
    float | None,
    typer.Option(
        metavar="SIGMA",
        help="Smooth the flows of a volume, in voxels. (default: 0)",
        rich_help_panel=STACK_PANEL,
    ),
]
IntensityScope = Annotated[
    str | None,
    typer.Option(
        metavar="plane|frame|whole",
        help="What is normalised together. (default: frame with --do-3d, else plane)",
        rich_help_panel=STACK_PANEL,
    ),
]
HalfPrecision = Annotated[
    bool,
    typer.Option(
        "--half-precision",
        help="Half the memory for the flows of a volume, about three digits.",
        rich_help_panel=STACK_PANEL,
    ),
]
OrthogonalModel = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL",
        help="For the ZX and ZY planes of a volume. (default: the same)",
        rich_help_panel=STACK_PANEL,
    ),
]
Memory = Annotated[
    float | None,
    typer.Option(
        metavar="GIB",
        help="For the arrays of a stack, without --server; beyond it they lie in files. "
        "(default: half of the machine's)",
        rich_help_panel=MEMORY_PANEL,
    ),
]
Scratch = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder of these files. (default: the system's for temporary files)",
        rich_help_panel=MEMORY_PANEL,
    ),
]


class StitchCommand(TyperCommand):
    """A command whose ``--stitch`` may stand without its number."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the number in, then go on as usual."""
        return super().parse_args(ctx, with_overlap(args))


def with_overlap(arguments: list[str]) -> list[str]:
    """Give ``--stitch`` its usual number where none follows, so that no image is taken for it."""
    made: list[str] = []
    for place, word in enumerate(arguments):
        if word == "--":
            return [*made, *arguments[place:]]
        following = arguments[place + 1] if place + 1 < len(arguments) else ""
        bare = word == "--stitch" and not _is_number(following)
        made.append(f"--stitch={OVERLAP}" if bare else word)
    return made


def read_stack(
    *,
    do_3d: bool,
    stitch: float | None,
    each_plane: bool,
    link: str | None,
    link_threshold: float | None,
    anisotropy: str | None,
    flow_smoothing: float | None,
    intensity_scope: str | None,
    half_precision: bool,
    orthogonal_model: str | None,
) -> StackWishes | None:
    """Put together what was asked of stacks; ``None`` = nothing, one plane is segmented.

    Raises
    ------
    InvalidParameterError
        Options that exclude each other or need one that was not given, or values out of range.
    """
    from cellwire.errors import InvalidParameterError
    from cellwire.jobs.stack import IntensityScope as Scope
    from cellwire.jobs.stack import StackMode, StackWishes
    from cellwire.segmentation.volume.parameters import VolumeParameters

    ways = {
        "--do-3d": (StackMode.VOLUME, do_3d),
        "--stitch": (StackMode.STITCHED, stitch is not None),
        "--each-plane": (StackMode.PLANES, each_plane),
    }
    chosen = [option for option, (_, is_given) in ways.items() if is_given]
    if len(chosen) > 1:
        raise InvalidParameterError(
            f"{' and '.join(chosen)} exclude each other.", "Give one of them."
        )
    links = _one_of("--link", link, ("time",)) is not None
    if link_threshold is not None and not links:
        raise InvalidParameterError(
            "--link-threshold is about linking frames, and --link was not given.",
            "Add --link time, or leave it out.",
        )
    for_volumes = {
        "--anisotropy": anisotropy is not None,
        "--flow-smoothing": flow_smoothing is not None,
        "--half-precision": half_precision,
        "--orthogonal-model": orthogonal_model is not None,
    }
    for option, is_given in for_volumes.items():
        if is_given and not do_3d:
            raise InvalidParameterError(
                f"{option} is about volumes, and --do-3d was not given.",
                f"Add --do-3d, or leave {option} out.",
            )
    scope = _one_of("--intensity-scope", intensity_scope, ("plane", "frame", "whole"))
    if not chosen and not links:
        if scope is not None:
            raise InvalidParameterError(
                "--intensity-scope is about stacks, and it was not said how they are segmented.",
                "Add --do-3d, --stitch, --each-plane or --link time, or leave it out.",
            )
        return None
    ratio = read_anisotropy(anisotropy)
    VolumeParameters(anisotropy=1.0 if ratio is None else ratio, flow_smoothing=flow_smoothing or 0)
    return StackWishes(
        mode=ways[chosen[0]][0] if chosen else StackMode.PLANES,
        link_frames=links,
        link_threshold=link_threshold,
        anisotropy=ratio,
        stitch_threshold=float(OVERLAP) if stitch is None else stitch,
        flow_smoothing=flow_smoothing or 0.0,
        intensity_scope=None if scope is None else Scope(scope),
        half_precision=half_precision,
        orthogonal_model=orthogonal_model or "",
    )


def read_memory(gib: float | None) -> int | None:
    """Turn GiB into bytes; ``None`` = the engine's own choice.

    Raises
    ------
    InvalidParameterError
        It is not above 0.
    """
    from cellwire.errors import InvalidParameterError

    if gib is None:
        return None
    if not 0 < gib < math.inf:
        raise InvalidParameterError(
            f"--memory must be above 0 GiB; it is {gib:g}.", "Write --memory 4 for example."
        )
    return int(gib * 2**30)


def _one_of(option: str, text: str | None, words: tuple[str, ...]) -> str | None:
    from cellwire.errors import InvalidParameterError

    if text is not None and text not in words:
        raise InvalidParameterError(
            f"{option} takes {' or '.join(words)}; it is {text!r}.",
            f"Write {option} {words[0]}, or leave it out.",
        )
    return text


def read_anisotropy(text: str | None, words: str = "auto") -> float | None:
    """Read a number, or ``auto``: ``None``; `words` may be said instead of one.

    Raises
    ------
    InvalidParameterError
        It is neither.
    """
    from cellwire.errors import InvalidParameterError

    if text is None or text.strip().lower() == "auto":
        return None
    if not _is_number(text):
        raise InvalidParameterError(
            f"--anisotropy takes a number or {words}; it is {text!r}.",
            "Give the distance of two planes over the side of a pixel (--anisotropy 2), or "
            f"{words}.",
        )
    return float(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
