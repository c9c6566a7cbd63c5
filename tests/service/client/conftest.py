"""Real engine processes, a model of random weights, and an image with cells."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SERVE = """
import json, sys, logging
from pathlib import Path
from cellwire.errors import CellwireError
from cellwire.serving.lifecycle import serve
from cellwire.serving.settings import ServeSettings

values = json.loads(sys.argv[1])
for name in ("port_file", "certificate", "key", "token_file"):
    if name in values:
        values[name] = Path(values[name])
values["models"] = tuple(values.get("models", ()))
logging.basicConfig(level="INFO")
try:
    sys.exit(serve(ServeSettings(**values)))
except CellwireError as error:
    sys.exit(f"{error.reason}: {error}")
"""


@dataclass
class EngineProcess:
    """An engine in a process of its own."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
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


@pytest.fixture(scope="session")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of models with one of random weights in it."""
    import torch

    from cellwire.networks.architecture import Architecture
    from cellwire.networks.unet import CellposeNet

    home = tmp_path_factory.mktemp("home")
    torch.manual_seed(5)
    weights = home / "random.pth"
    torch.save(CellposeNet(Architecture()).state_dict(), weights)
    script = (
        "import sys; from pathlib import Path; from cellwire.networks.registry import add_model\n"
        "add_model('random', [Path(sys.argv[1])], diam_mean=30.0)"
    )
    subprocess.run([sys.executable, "-c", script, weights], env=_environment(home), check=True)
    return home


@pytest.fixture(scope="session")
def model(model_home: Path) -> str:
    """Name of the model in every engine of these tests."""
    assert model_home.is_dir()
    return "random"


@pytest.fixture(scope="session")
def cells() -> np.ndarray[Any, Any]:
    """(200, 190) uint16: round cells on a noisy ground."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:200, :190]
    image = rng.normal(300, 20, y.shape)
    for cy, cx in rng.uniform(12, 180, (20, 2)):
        image += 900 * np.exp(-((((y - cy) ** 2 + (x - cx) ** 2) / 90.0) ** 2))
    return image.clip(0).astype(np.uint16)


@pytest.fixture(scope="module")
def launch(
    model_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., EngineProcess]]:
    """Start engines; those that still run are stopped at the end."""
    with contextlib.ExitStack() as stack:

        def start(*before: str, **settings: Any) -> EngineProcess:
            folder = tmp_path_factory.mktemp("engine")
            settings.setdefault("listen", "127.0.0.1:0")
            settings["port_file"] = str(folder / "port")
            log = folder / "log"
            with log.open("wb") as file:
                process = subprocess.Popen(
                    [*before, sys.executable, "-c", SERVE, json.dumps(settings, default=str)],
                    env=_environment(model_home),
                    stdout=file,
                    stderr=subprocess.STDOUT,
                )
            engine = EngineProcess(process, "", log)
            stack.callback(engine.stop)
            engine.address = _wait_for_address(process, folder / "port", log)
            return engine

        yield start


@pytest.fixture(scope="module")
def engine(launch: Callable[..., EngineProcess]) -> EngineProcess:
    """One engine on loopback for all tests of a file that leave it alive."""
    return launch()


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "CELLWIRE_HOME": str(home), "OMP_NUM_THREADS": "1"}


def _wait_for_address(process: subprocess.Popen[bytes], file: Path, log: Path) -> str:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        if file.exists():
            return file.read_text().strip()
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise EngineNotStartedError(log.read_text())


class EngineNotStartedError(Exception):
    """The engine ended or hung before it listened; holds its log."""
