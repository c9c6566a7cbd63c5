"""A home of models for engines that ImageJ asks, and how these are started."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.engine_process import EngineProcess, serve_command

if TYPE_CHECKING:
    from pathlib import Path


def imagej_engine(folder: Path, home: Path, *options: object) -> EngineProcess:
    """Start an engine with the models of a home, one of them loaded."""
    command = serve_command(sys.executable, folder, "--model", "nuclei", *options)
    return EngineProcess(command, folder, _environment(home))


def add_specks(home: Path) -> None:
    """Add the network of `speck_network` to a home of models, by the command line."""
    from speck_network import save_speck_network

    weights = home / "specks.safetensors"
    save_speck_network(weights)
    command = [sys.executable, "-m", "cellwire.cli.app", "models", "add", "specks", weights]
    subprocess.run(command, env=_environment(home), check=True)


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "CELLWIRE_HOME": str(home)}
