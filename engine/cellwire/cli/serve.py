"""``cellwire serve``: the engine, for this machine or for a lab."""

from __future__ import annotations

import socket
from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cellwire.cli.parameter_options import PRECISION_HELP

if TYPE_CHECKING:
    from cellwire.serving.settings import ServeSettings

_LIMITS, _REMOTE = "Limits", "Other machines"


def serve(
    listen: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT|unix:PATH", help="Where; port 0 = any free one (see --port-file)."
        ),
    ] = "127.0.0.1:50051",
    port_file: Annotated[
        Path | None, typer.Option(help="Gets the address when the engine is ready.")
    ] = None,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps")] = "auto",
    precision: Annotated[str, typer.Option(metavar="auto|fp32|bf16", help=PRECISION_HELP)] = "auto",
    model: Annotated[
        list[str] | None,
        typer.Option(help="Load at the start; may be repeated. (default: all shipped)"),
    ] = None,
    background: Annotated[
        bool, typer.Option("--background", help="Return when it is ready; it runs on.")
    ] = False,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="See: cellwire certificate.", rich_help_panel=_REMOTE)
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="Its secret.", rich_help_panel=_REMOTE)
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="See: cellwire token.", rich_help_panel=_REMOTE)
    ] = None,
    threads: Annotated[
        int, typer.Option(min=1, max=64, help="Images at work at once.", rich_help_panel=_LIMITS)
    ] = 4,
    max_waiting: Annotated[
        int, typer.Option(min=1, help="Segmentations that may wait.", rich_help_panel=_LIMITS)
    ] = 64,
    max_image_mib: Annotated[
        int, typer.Option(min=1, help="Largest image.", rich_help_panel=_LIMITS)
    ] = 2048,
    store_mib: Annotated[
        int, typer.Option(min=1, help="Memory for images.", rich_help_panel=_LIMITS)
    ] = 4096,
    result_mib: Annotated[
        int, typer.Option(min=1, help="Memory for results.", rich_help_panel=_LIMITS)
    ] = 1024,
    memory: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            metavar="GIB",
            help="Memory for stacks at work. (default: half of the machine's)",
            rich_help_panel=_LIMITS,
        ),
    ] = None,
    scratch: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            metavar="DIR",
            help="Folder for the files of stacks that are larger than that.",
            rich_help_panel=_LIMITS,
        ),
    ] = None,
    model_mib: Annotated[
        int, typer.Option(min=1, help="Memory for models.", rich_help_panel=_LIMITS)
    ] = 2048,
    retention: Annotated[
        float,
        typer.Option(
            min=1, help="Seconds that an unused image or a result is kept.", rich_help_panel=_LIMITS
        ),
    ] = 600.0,
    grace: Annotated[
        float,
        typer.Option(
            min=0, help="Seconds for running work when asked to stop.", rich_help_panel=_LIMITS
        ),
    ] = 60.0,
) -> None:
    """Start an engine. It stops in order on Ctrl-C or SIGTERM, at once on the second."""
    from cellwire.jobs.settings import GIB, MIB, EngineSettings
    from cellwire.networks.precision import check_precision
    from cellwire.serving.settings import ServeSettings

    check_precision(precision)
    settings = ServeSettings(
        listen=listen,
        port_file=port_file,
        certificate=tls_certificate,
        key=tls_key,
        token_file=token_file,
        models=tuple(model) if model else None,
        store_bytes=store_mib * MIB,
        result_bytes=result_mib * MIB,
        retention=retention,
        grace=grace,
        engine=EngineSettings(
            device=device,
            precision=precision,
            threads=threads,
            max_waiting=max_waiting,
            max_image_bytes=max_image_mib * MIB,
            model_bytes=model_mib * MIB,
            memory_bytes=None if memory is None else int(memory * GIB),
            scratch=scratch,
        ),
    )
    if background:
        from cellwire.cli.background import start_in_background

        start_in_background(settings)
        return
    _serve(settings)


def _serve(settings: ServeSettings) -> None:
    import logging

    from cellwire.cli.terminal import out
    from cellwire.serving.lifecycle import serve as run

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)

    def ready(address: str) -> None:
        # What listens on every address is reached by the machine's own name.
        reached = address.replace("0.0.0.0:", f"{socket.gethostname()}:")
        out().print(f"Serving on {address}. Try: cellwire segment IMAGE --server {reached}")

    raise typer.Exit(run(settings, ready))
