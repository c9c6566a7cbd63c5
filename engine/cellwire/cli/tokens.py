"""``cellwire token``: who may use an engine from another machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Who may use the engine from another machine.",
    add_completion=False,
    rich_markup_mode="rich",
)

File = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="Token file. (default: the engine's)")
]


@app.command("add")
def add(name: Annotated[str, typer.Argument(help="Who, such as anna.")], file: File = None) -> None:
    """Make a token for someone and print it; it is not stored and cannot be shown again."""
    from cellwire.cli.terminal import note, out
    from cellwire.serving.tokens import add_token, token_names

    path = _path(file)
    replaced = name in token_names(path)
    token = add_token(path, name)
    out().print(token)
    note(f"{name}'s {'new ' if replaced else ''}token, for a file of mode 0600 on their machine.")
    if replaced:
        note(f"{name}'s earlier token is no longer good.")
    note(f"Engines started with --token-file {path} take it at once.")


@app.command("list")
def show(file: File = None) -> None:
    """List who has a token."""
    from cellwire.cli.terminal import note, out
    from cellwire.serving.tokens import token_names

    path = _path(file)
    names = token_names(path)
    for name in names:
        out().print(name)
    if not names:
        note(f"Nobody has a token in {path}. Add someone: cellwire token add NAME")


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="Whose token is no longer good.")], file: File = None
) -> None:
    """Take someone's token away; a running engine refuses it at once."""
    from cellwire.cli.terminal import out
    from cellwire.errors import InvalidParameterError
    from cellwire.serving.tokens import remove_token, token_names

    path = _path(file)
    names = token_names(path)
    if not names or not remove_token(path, name):
        raise InvalidParameterError(
            f"{name!r} has no token in {path}; those who have: {', '.join(names) or 'nobody'}.",
            "See cellwire token list.",
        )
    out().print(f"{name}'s token is no longer good.")


def _path(file: Path | None) -> Path:
    from cellwire.cli.places import engine_folder

    return file if file is not None else engine_folder() / "tokens"
