"""Running commands, as a function or as a process, and the images they are given."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import tifffile
from blob_network import blobs
from typer.testing import CliRunner

from tests.engine_process import EngineProcess, serve_command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np

MODEL = "blobs"


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def serving(environment: dict[str, str], folder: Path, *options: str) -> EngineProcess:
    """Start an engine by the command line, for a ``with``."""
    command = serve_command(sys.executable, folder, "--model", MODEL, *options)
    return EngineProcess(command, folder, environment)


def write_image(path: Path, seed: int = 7) -> Path:
    pixels, _ = blobs(128, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, pixels, imagej=True, resolution=(2, 2), metadata={"unit": "um"})
    return path


def write_array(path: Path, array: np.ndarray, **options: object) -> Path:
    tifffile.imwrite(path, array, **options)
    return path


def in_own_process(
    environment: dict[str, str], *arguments: str, before: Sequence[str] = (), **options: object
) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does, ``before`` it what starts it in another way."""
    command = [*before, sys.executable, "-m", "cellwire.cli.app", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=240, **options
    )


def run_here(*arguments: str, home: Path) -> Ended:
    from cellwire.cli.app import app

    variables = {"CELLWIRE_HOME": str(home), "COLUMNS": "200"}
    result = CliRunner().invoke(app, [str(each) for each in arguments], env=variables)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)
