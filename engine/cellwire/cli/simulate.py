"""``cellwire simulate``: make pictures of cells with their labels, to train on."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (typer reads the hints)
from typing import Annotated, Any

import typer

from cellwire.errors import InvalidParameterError

SHEET_COLUMNS = 6
SIDES = (96, 1024)


def simulate(
    out: Annotated[
        Path | None,
        typer.Argument(help="New folder for images/, masks/ and index.csv, as train reads it."),
    ] = None,
    kinds: Annotated[
        str | None,
        typer.Option(
            help="What to make, separated by commas: culture, membrane, processes, tissue, phase, "
            "bacteria, yeast, round, stack (of nuclei), stroma. Default: all."
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="Pictures of each kind.")] = 50,
    size: Annotated[
        int, typer.Option(help=f"Side of a picture in pixels, {SIDES[0]} to {SIDES[1]}.")
    ] = 320,
    seed: Annotated[int, typer.Option(min=0, help="Number that all chance follows from.")] = 0,
    nuclei: Annotated[
        Path | None,
        typer.Option(
            help="Folder of labelled nuclei (images/, masks/, index.csv) whose training images "
            "lend their textures. Default: simulated nuclei."
        ),
    ] = None,
    validation_share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the pictures kept for validation.")
    ] = 0.1,
    sheet: Annotated[
        Path | None,
        typer.Option(help="PNG file for a contact sheet of the first pictures of each kind."),
    ] = None,
) -> None:
    """Make pictures of cells with their labels, to train on."""
    from cellwire.outputs.save import write_whole
    from cellwire.training.simulation import composing, folder
    from cellwire.training.simulation.nuclei import made_bank, real_bank
    from cellwire.training.simulation.sheet import contact_sheet

    if out is None and sheet is None:
        raise InvalidParameterError(
            "Nothing to write was named.", "Give a new folder, or --sheet FILE.png, or both."
        )
    if count < 1:
        raise InvalidParameterError(
            f"The number of pictures of each kind must be at least 1; it is {count}.",
            "Set --count.",
        )
    if not SIDES[0] <= size <= SIDES[1]:
        raise InvalidParameterError(
            f"The side of a picture must be from {SIDES[0]} to {SIDES[1]} pixels; it is {size}.",
            "Set --size.",
        )
    wanted = list(composing.KINDS) if kinds is None else [k for k in kinds.split(",") if k]
    chosen = composing.check_kinds([kind.strip() for kind in wanted])
    if out is not None:
        folder.check_folder(out, count * len(chosen), size)
    bank = made_bank(seed) if nuclei is None else real_bank(nuclei, seed)
    if sheet is not None:
        rows = [
            composing.simulate(kind, index, seed, size, bank)
            for kind in chosen
            for index in range(min(count, SHEET_COLUMNS))
        ]
        write_whole(sheet, contact_sheet(rows, min(count, SHEET_COLUMNS)))
        typer.echo(f"Drew {len(rows)} pictures into {sheet}.")
    if out is None:
        return
    with _progress() as bar:
        task = bar.add_task("simulating", total=count * len(chosen))
        for _ in folder.write_folder(
            out, chosen, count, seed, size, bank, validation_share, write_whole
        ):
            bar.advance(task)
    typer.echo(f"Wrote {count * len(chosen)} pictures to {out}. Train with `cellwire train {out}`.")


def _progress() -> Any:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True))
