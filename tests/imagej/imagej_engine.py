"""Real engines, started as a person starts them: ``cellwire serve``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CELLWIRE = [sys.executable, "-m", "cellwire.cli.app"]


class EngineProcess:
    """An engine in a process of its own; leaves with its ``with``.

    Attributes
    ----------
    address
        Where it listens.
    process
        The process.
    """

    def __init__(self, folder: Path, home: Path, *options: str, listen: str = "127.0.0.1:0"):
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "log"
        port_file = folder / "address"
        command = [*CELLWIRE, "serve", "--listen", listen, "--port-file", str(port_file)]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--model", "nuclei", *options],
                env={**os.environ, "CELLWIRE_HOME": str(home)},
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + 240
        while not port_file.exists():
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < end, self._log.read_text()
            time.sleep(0.05)
        self.address = port_file.read_text().strip()

    def __enter__(self) -> EngineProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def log(self) -> str:
        return self._log.read_text()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(90)
        finally:
            self.process.kill()


def add_specks(home: Path) -> None:
    """Add the network of `speck_network` to a home of models, by the command line."""
    from speck_network import save_speck_network

    weights = home / "specks.safetensors"
    save_speck_network(weights)
    environment = {**os.environ, "CELLWIRE_HOME": str(home)}
    subprocess.run(
        [*CELLWIRE, "models", "add", "specks", str(weights)], env=environment, check=True
    )
