"""Engines as processes of their own, for every test and bench that wants one.

Used inside CellProfiler as well: Python 3.8, the standard library alone.
"""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, List, Mapping, Optional, Sequence

if TYPE_CHECKING:
    from pathlib import Path


INTERRUPTIBLE = ("env", "--default-signal=INT")
"""Before a command that is to be interrupted: under nohup SIGINT is ignored.

A ``preexec_fn`` would do it too, but may hang in a process with gRPC's threads.
"""


class EngineNotStartedError(Exception):
    """The engine ended, or was not ready in time; the message is its log."""


class EngineProcess:
    """An engine that runs, with its ``with`` as a limit if there is one.

    Parameters
    ----------
    command
        Starts it, and has it write its address to `port_file` of the folder.
    folder
        Gets its log and its address; made if need be.
    environment
        Its variables; ``None`` = our own.

    Attributes
    ----------
    process
        The process.
    address
        Where it listens; empty before `wait_until_ready`.
    log
        File of all that it prints.
    """

    def __init__(
        self,
        command: Sequence[object],
        folder: Path,
        environment: Optional[Mapping[str, str]] = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.address = ""
        self.log = folder / "log"
        self._port_file = port_file(folder)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> EngineProcess:
        try:
            return self.wait_until_ready()
        except EngineNotStartedError:
            self.kill()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_until_ready(self, seconds: float = 240.0) -> EngineProcess:
        """Wait until it listens; give it."""
        end = time.monotonic() + seconds
        while not self._port_file.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise EngineNotStartedError(self.log.read_text())
            time.sleep(0.05)
        self.address = self._port_file.read_text().strip()
        return self

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> int:
        """Ask it to stop, and give its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(90)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


def port_file(folder: Path) -> Path:
    """Give the file of a folder that an engine writes its address to."""
    return folder / "address"


def serve_command(python: str, folder: Path, *options: object) -> List[object]:
    """Give ``cellwire serve`` with these options, on a free port unless they say where."""
    command = [python, "-m", "cellwire.cli.app", "serve", "--port-file", port_file(folder)]
    if "--listen" not in options:
        command += ["--listen", "127.0.0.1:0"]
    return [*command, *options]
