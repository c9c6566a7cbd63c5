"""``cellwire certificate``: what an engine shows to other machines."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import Annotated

import typer


def certificate(
    hosts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[HOST…]", help="Names and addresses of this machine, as desktops write them."
        ),
    ] = None,
    host: Annotated[
        list[str] | None, typer.Option(help="The same, as an option; may be repeated.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder. (default: the engine's own)")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is good.")] = 825,
) -> None:
    """Make a certificate for an engine, and the ca.pem that its clients pin."""
    import socket

    from cellwire.cli.places import engine_folder
    from cellwire.cli.terminal import note
    from cellwire.cli.terminal import out as console
    from cellwire.serving.certificates import make_certificates

    names = [*(hosts or []), *(host or [])]
    if not names:
        names = [socket.gethostname()]
        note(f"No host was named; the certificate is for {names[0]}.")
    files = make_certificates(out or engine_folder(), names, days)
    show = console().print
    show(f"For the engine:   {files.certificate}")
    show(f"                  {files.key}   (secret)")
    show(f"For its clients:  {files.authority}")
    show("")
    show("Start the engine with them (and a token: cellwire token add NAME):")
    show(f"  cellwire serve --listen 0.0.0.0:50051 --tls-certificate {files.certificate} \\")
    show(f"    --tls-key {files.key} --token-file {engine_folder() / 'tokens'}")
    show("Copy ca.pem to the desktops and use it there:")
    show(
        f"  cellwire segment IMAGE --server {names[0]}:50051 --tls-ca ca.pem --token-file my.token"
    )
