"""Engines as processes of their own, started as users start them.

Used by the tests outside CellProfiler (Python 3.11) and inside it (3.8 or 3.9).
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class EngineProcess:
    """An engine that listens on a free port of 127.0.0.1, or where `options` say.

    Attributes
    ----------
    address
        Where it listens.
    """

    def __init__(self, python: str, folder: Path, *options: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._port_file = folder / "address"
        self._port_file.unlink() if self._port_file.exists() else None
        self.log = folder / "engine.log"
        command: list[str] = [python, "-m", "cellwire.cli.app", "serve"]
        command += ["--port-file", str(self._port_file)]
        if "--listen" not in options:
            command += ["--listen", "127.0.0.1:0"]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'engine'}{os.pathsep}{CLIENT}"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *options], env=environment, stdout=log, stderr=log
            )

    def wait_until_ready(self) -> None:
        """Wait until it listens."""
        end = time.monotonic() + 240
        while not self._port_file.exists():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)
        self.address = self._port_file.read_text().strip()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> None:
        """Ask it to stop; kill it if it does not."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()


CLIENT = ROOT / "grpc_protos"
