"""The rows of a table of scores: models, diameters and ways of segmenting, as typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from cellwire.cli.evaluation_runs import ModelLabeller
    from cellwire.cli.segmenters import Segmenter
    from cellwire.cli.wishes import Wishes
    from cellwire.jobs.stack import StackWishes

Ratio = float | Literal["auto", "gt"]
"""Anisotropy of stacks: a number, what the file says, or what the labels show."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table, as typed."""

    model: str
    diameter: str
    stack: StackWishes | None
    compat: str | None


def ways_of_stacks(
    do_3d: bool,
    stitch: float | None,
    anisotropy: Ratio | None,
    flow_smoothing: float | None,
    intensity_scope: str | None,
    *,
    truly: bool = False,
) -> list[StackWishes | None]:
    """Put together the ways in which stacks are segmented, each for a row of the table.

    Parameters
    ----------
    do_3d, stitch, flow_smoothing, intensity_scope
        As typed; see `cellwire.cli.stack_options`.
    anisotropy
        As `read_ratio` gives it; ``None`` = none was typed.
    truly
        Whether a row has its diameter from the labels, and so needs the anisotropy also where no
        volume is segmented.

    Returns
    -------
    list
        ``[None]`` if none was asked for.

    Raises
    ------
    InvalidParameterError
        Values out of range, or options that need another one.
    """
    from cellwire.cli.stack_options import read_stack

    none: dict[str, Any] = {
        "each_plane": False, "link": None, "link_threshold": None, "half_precision": False,
        "orthogonal_model": None, "intensity_scope": intensity_scope,
    }  # fmt: skip
    found = []
    for_stitched = truly and stitch is not None and flow_smoothing is None
    if do_3d or ((anisotropy, flow_smoothing) != (None, None) and not for_stitched):
        typed = None if anisotropy is None else str(anisotropy).replace("gt", "auto")
        found.append(
            read_stack(
                do_3d=do_3d, stitch=None, anisotropy=typed, flow_smoothing=flow_smoothing, **none
            )
        )
    if stitch is not None:
        found.append(
            read_stack(do_3d=False, stitch=stitch, anisotropy=None, flow_smoothing=None, **none)
        )
    if not found:
        found.append(
            read_stack(do_3d=False, stitch=None, anisotropy=None, flow_smoothing=None, **none)
        )
    return found


def read_ratio(text: str) -> Ratio:
    """Read the anisotropy of stacks as evaluation takes it.

    Raises
    ------
    InvalidParameterError
        It is neither a number above 0 nor one of the two words.
    """
    from cellwire.cli.stack_options import read_anisotropy
    from cellwire.jobs.stack import StackWishes

    if text.strip().lower() == "gt":
        return "gt"
    ratio = StackWishes(anisotropy=read_anisotropy(text, "auto or gt")).anisotropy
    return "auto" if ratio is None else ratio


def model_labeller(engine: Segmenter, wishes: Wishes, setting: Setting) -> ModelLabeller:
    """Make ready what segments for a row of the table.

    Parameters
    ----------
    engine
        Checks the setting, and segments.
    wishes
        What is the same for all rows.
    setting
        What is this row's.
    """
    from dataclasses import replace

    from cellwire.cli.evaluation_runs import ModelLabeller
    from cellwire.cli.reading_options import read_diameter

    text = setting.diameter.strip().lower()
    given = dict(wishes.given)
    if setting.compat is not None:
        given["compat"] = "" if setting.compat == "none" else setting.compat
    own = replace(
        wishes,
        model=setting.model,
        diameter=read_diameter(None if text in ("", "gt") else text),
        given=given,
        stack=setting.stack,
    )
    engine.check(own)
    told = {"model": setting.model, "diameter": text or "model"}
    if setting.stack is not None:
        told["stack"] = str(setting.stack.mode)
    if setting.compat is not None:
        told["compat"] = setting.compat
    return ModelLabeller(told, engine, own, truly=text == "gt")
