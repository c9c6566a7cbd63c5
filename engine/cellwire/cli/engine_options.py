"""The options that name an engine elsewhere, and what goes wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cellwire.errors import InvalidParameterError

ENGINE_PANEL = "Engine"

Server = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT|unix:PATH",
        help="Engine that does it; without it, this process does.",
        rich_help_panel=ENGINE_PANEL,
    ),
]
TlsCa = Annotated[
    Path | None,
    typer.Option(help="The ca.pem of an engine elsewhere.", rich_help_panel=ENGINE_PANEL),
]
TokenFile = Annotated[
    Path | None, typer.Option(help="File with your token.", rich_help_panel=ENGINE_PANEL)
]


def check_no_server(tls_ca: Path | None, token_file: Path | None) -> None:
    """Refuse what only an engine elsewhere needs where none is named.

    Raises
    ------
    InvalidParameterError
        One of them is given.
    """
    for option, path in (("--tls-ca", tls_ca), ("--token-file", token_file)):
        if path is not None:
            raise InvalidParameterError(
                f"{option} is for an engine elsewhere, and no --server is named.",
                f"Add --server HOST:PORT, or leave {option} out.",
            )
