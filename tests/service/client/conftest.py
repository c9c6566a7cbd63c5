"""Real engine processes, a model of random weights, and an image with cells."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.engine_process import EngineProcess, port_file

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
            settings["port_file"] = port_file(folder)
            values = json.dumps(settings, default=str)
            command = [*before, sys.executable, "-c", SERVE, values]
            engine = EngineProcess(command, folder, _environment(model_home))
            stack.callback(engine.stop)
            return engine.wait_until_ready()

        yield start


@pytest.fixture(scope="module")
def engine(launch: Callable[..., EngineProcess]) -> EngineProcess:
    """One engine on loopback for all tests of a file that leave it alive."""
    return launch()


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "CELLWIRE_HOME": str(home), "OMP_NUM_THREADS": "1"}
