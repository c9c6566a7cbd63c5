"""An engine that runs on when the terminal is closed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwire.errors import BindRefusedError

if TYPE_CHECKING:
    from cellwire.serving.settings import ServeSettings

START_SECONDS = 300.0
"""Loading and compiling for the first time takes a minute on a slow machine."""


def start_in_background(settings: ServeSettings) -> None:
    """Start this command again without ``--background``, and wait until the engine is ready.

    Raises
    ------
    BindRefusedError
        If it ends instead; with what it said.
    """
    from cellwire.cli.places import log_folder
    from cellwire.cli.terminal import out

    folder = log_folder()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"engine-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    with tempfile.TemporaryDirectory() as own:
        port_file = settings.port_file or Path(own) / "address"
        port_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "cellwire.cli.app", *_arguments()]
        if settings.port_file is None:
            command += ["--port-file", str(port_file)]
        with log.open("wb") as sink:
            engine = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, **_detached()
            )
        address = _wait(engine, port_file, log)
    show = out().print
    show(f"Serving on {address}, process {engine.pid}. Log: {log}")
    show(f"Stop it: {_stop_command(engine.pid)}")


def _arguments() -> list[str]:
    return [argument for argument in sys.argv[1:] if argument != "--background"]


def _detached() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _stop_command(process: int) -> str:
    return f"taskkill /PID {process} /F" if sys.platform == "win32" else f"kill {process}"


def _wait(engine: subprocess.Popen[bytes], port_file: Path, log: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if port_file.exists() and (address := port_file.read_text(encoding="utf-8").strip()):
            return address
        if engine.poll() is not None:
            said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            last = next((s for s in reversed(said) if s.startswith("error: ")), "it said nothing")
            raise BindRefusedError(
                f"The engine did not start: {last.removeprefix('error: ')}", f"Its log is {log}."
            )
        time.sleep(0.1)
    engine.terminate()
    raise BindRefusedError(
        f"The engine was not ready within {START_SECONDS:g} seconds.", f"Its log is {log}."
    )
