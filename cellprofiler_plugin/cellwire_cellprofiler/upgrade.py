"""Settings of pipelines that an earlier revision of the module saved."""

from __future__ import annotations

from typing import List, Sequence, Tuple

REVISION = 2
"""Of the order and meaning of the settings; every earlier one can be loaded for ever."""


_STACKS = (
    "Segment in 3D",
    "0.25",
    "From the image's spacing",
    "1.0",
    "0.0",
    "Automatic",
    "The same model",
    "No",
)
"""Values of the settings that revision 2 added, for stacks, which revision 1 did not take."""


def upgrade(values: Sequence[str], revision: int) -> Tuple[List[str], int]:
    """Bring stored values to the present revision, step by step.

    Parameters
    ----------
    values
        As the pipeline file holds them.
    revision
        That saved them.

    Returns
    -------
    list of str
        Values of `REVISION`.
    int
        `REVISION`.

    Raises
    ------
    ValueError
        If a later version of the module saved them: read as ours, they would mean other things.
    """
    if revision > REVISION:
        raise ValueError(
            f"RunCellwire: this pipeline was saved by a later version of the module (revision "
            f"{revision} of its settings; this one knows {REVISION}). Install the "
            "cellwire-cellprofiler that saved it, or a later one."
        )
    values = list(values)
    if revision == 1:
        values += _STACKS
        revision = 2
    return values, revision
