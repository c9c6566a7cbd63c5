"""The commands that there are; the file of each is read when the command is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand

COMMANDS = {
    "serve": "Start an engine. It stops in order on Ctrl-C or SIGTERM, at once on the second.",
    "segment": "Segment images; write <image>_labels.tif, <image>_rois.zip and so on.",
    "evaluate": "Score models, or labels made elsewhere: AP at IoU 0.5 to 0.95, aggregated "
    "Jaccard, sizes.",
    "train": "Train a network on folders of images and labels: from scratch, or from a model.",
    "simulate": "Make pictures of cells with their labels, to train on.",
    "doctor": "Look at versions, devices, models, ports and threads. Exit code 1 if something "
    "fails.",
    "certificate": "Make a certificate for an engine, and the ca.pem that its clients pin.",
    "models": "List, show, add and export models.",
    "token": "Who may use the engine from another machine.",
}
"""First sentences of their help, by name."""
_FILES = {"token": "tokens"}


def outlines() -> dict[str, Any]:
    """Give all commands with no more than the help of a list; options are not read yet."""
    return {name: TyperCommand(name, help=text) for name, text in COMMANDS.items()}


def load(name: str) -> Any:
    """Read the file of a command and build it."""
    module = import_module(f"cellwire.cli.{_FILES.get(name, name)}")
    own = getattr(module, "app", None)
    if own is None:
        own = typer.Typer(add_completion=False, rich_markup_mode="rich")
        own.command(name)(getattr(module, name))
    command = typer.main.get_command(own)
    command.name = name
    return command
