"""``cellwire models``: what the engine can run, adding to it, and taking out."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cellwire.cli import engine_options as elsewhere

if TYPE_CHECKING:
    from cellwire.networks.registry import ModelEntry

app = typer.Typer(
    no_args_is_help=True,
    help="List, show, add and export models.",
    add_completion=False,
    rich_markup_mode="rich",
)
Name = Annotated[str, typer.Argument(help="Name of the model.")]
Json = Annotated[bool, typer.Option("--json", help="For scripts.")]


@app.command("list")
def show_all(
    json: Json = False,
    server: elsewhere.Server = None,
    tls_ca: elsewhere.TlsCa = None,
    token_file: elsewhere.TokenFile = None,
) -> None:
    """List the models that there are, here or on an engine elsewhere."""
    from cellwire.cli.terminal import note, out, print_table

    if server is None:
        elsewhere.check_no_server(tls_ca, token_file)
        found = _models_here()
    else:
        found = _models_of(server, tls_ca, token_file)
    if json:
        for values in found:
            out().print(_json(values))
        return
    if not found:
        note("There is no model yet. Add one: cellwire models add NAME FILE")
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("name", "origin", "diameter", "finds diameter", "networks", "description"):
        table.add_column(column, no_wrap=column == "name")
    for values in found:
        table.add_row(
            values["name"],
            values["origin"],
            f"{values['card']['diam_mean']:g} px",
            "yes" if values["size_model"] else "no",
            str(values["networks"]),
            values["card"]["description"],
        )
    print_table(table)


@app.command("show")
def show(name: Name, json: Json = False) -> None:
    """Show a model's card: what it is for, its recipe, figures and limits."""
    from dataclasses import asdict

    from cellwire.cli.terminal import out
    from cellwire.networks.registry import find_model

    entry = find_model(name)
    print_line = out().print
    if json:
        print_line(_json(_values(entry)))
        return
    print_line(f"{entry.name} ({entry.origin})")
    print_line(f"  digest: {entry.digest}")
    print_line(f"  networks: {len(entry.files)}")
    print_line(f"  finds the diameter by itself: {'yes' if entry.size else 'no'}")
    for field, value in asdict(entry.card).items():
        if isinstance(value, dict):
            for key, item in value.items():
                shown = f"{item:.3f}" if field == "figures" else item
                print_line(f"  {field}: {key} {shown}")
            if field == "defaults" and not value:
                print_line("  defaults: the built-in ones, as cellwire segment --help tells them")
        elif value not in ("", None):
            print_line(f"  {field.replace('_', ' ')}: {value}")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Name to give it.")],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help="Weights; several are an ensemble, averaged. Or the folder of a training.",
        ),
    ],
    size: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its size model, Cellpose's *_size.npy.")
    ] = None,
    diam_mean: Annotated[
        float | None,
        typer.Option(
            metavar="PX", help="Diameter that it was trained at, where the file does not say."
        ),
    ] = None,
) -> None:
    """Add weights of Cellpose 1 to 3, or what a training left. Nothing in a file is ever run."""
    from cellwire.cli.terminal import out
    from cellwire.networks.registry import add_model

    entry = add_model(name, [path.expanduser() for path in files], size, diam_mean)
    networks = f"{len(entry.files)} networks, averaged" if len(entry.files) > 1 else "one network"
    finds = "finds the diameter by itself" if entry.size else "does not find diameters"
    out().print(
        f"Added {entry.name}: {networks}, cells of {entry.card.diam_mean:g} pixels, {finds}.\n"
        f"Use it: cellwire segment IMAGE --model {entry.name}"
    )


@app.command("export")
def export(
    name: Name, file: Annotated[Path, typer.Argument(help="File to write, in Cellpose's format.")]
) -> None:
    """Write a model in Cellpose's format."""
    from cellwire.cli.terminal import out
    from cellwire.networks.registry import export_model

    for path in export_model(name, file.expanduser()):
        out().print(str(path))


def _models_here() -> list[dict[str, Any]]:
    from cellwire.networks.registry import list_models

    return [_values(entry) for entry in list_models()]


def _models_of(server: str, tls_ca: Path | None, token_file: Path | None) -> list[dict[str, Any]]:
    from cellwire_client import connect

    with connect(server, ca_file=tls_ca, token_file=token_file) as engine:
        return [
            {
                "name": model.name,
                "origin": model.origin,
                "digest": model.digest,
                "networks": model.networks,
                "size_model": model.has_size_model,
                "card": {
                    "description": model.description,
                    "diam_mean": model.mean_diameter,
                    "channels_in": model.channels,
                    "licence": model.licence,
                    "attribution": model.attribution,
                },
            }
            for model in engine.models()
        ]


def _values(entry: ModelEntry) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "name": entry.name,
        "origin": entry.origin,
        "digest": entry.digest,
        "networks": len(entry.files),
        "size_model": entry.size is not None,
        "card": asdict(entry.card),
    }


def _json(values: dict[str, Any]) -> str:
    import json

    return json.dumps(values, ensure_ascii=False)
