"""Running commands, as a function or as a process, and the images they are given."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import tifffile
from blob_network import blobs
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

MODEL = "blobs"


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class serving:
    """An engine started by the command line."""

    def __init__(self, environment: dict[str, str], folder: Path, *options: str) -> None:
        self._port_file = folder / "address"
        self._log = (folder / "log").open("wb")
        command = [sys.executable, "-m", "cellwire.cli.app", "serve", "--listen", "127.0.0.1:0"]
        command += ["--port-file", str(self._port_file), "--model", MODEL, *options]
        self.process = subprocess.Popen(
            command, env=environment, stdout=self._log, stderr=self._log
        )
        self.log_path = folder / "log"

    def __enter__(self) -> serving:
        end = time.monotonic() + 240
        while not self._port_file.exists():
            assert self.process.poll() is None, self.log_path.read_text()
            assert time.monotonic() < end, self.log_path.read_text()
            time.sleep(0.05)
        self.address = self._port_file.read_text().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(90)
        finally:
            self.process.kill()
            self._log.close()


def write_image(path: Path, seed: int = 7) -> Path:
    pixels, _ = blobs(128, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, pixels, imagej=True, resolution=(2, 2), metadata={"unit": "um"})
    return path


def write_array(path: Path, array: np.ndarray, **options: object) -> Path:
    tifffile.imwrite(path, array, **options)
    return path


def in_own_process(
    environment: dict[str, str], *arguments: str, **options: object
) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does."""
    command = [sys.executable, "-m", "cellwire.cli.app", *arguments]
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
