"""Real servers: in this process on a thread of their own, or as a process of their own."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cellwire.jobs.settings import EngineSettings
from cellwire.serving.server import Server
from cellwire.serving.settings import ServeSettings
from tests.engine_process import EngineProcess, port_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np

sys.path.insert(0, str(Path(__file__).parent))  # for `wire`, the protocol by hand
from wire import make_cells

MODEL = "random"
"""A network with random weights, in a registry folder of the tests' own."""


class RunningServer:
    """A `Server` on a thread with an event loop of its own.

    Attributes
    ----------
    address
        Where it listens.
    server
        The server itself, to look at its store and its segmentations.
    """

    def __init__(self, settings: ServeSettings) -> None:
        self._settings = settings
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(120), "the server did not start"
        if self._failure is not None:
            raise self._failure
        self.address = self.server.address

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(60)
        assert not self._thread.is_alive(), "the server did not stop"

    def call(self, function: Callable[..., object], *arguments: object) -> object:
        """Call a function on the server's event loop."""

        async def run() -> object:
            return function(*arguments)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)

    def wait_until(self, condition: Callable[[Server], bool], seconds: float = 60) -> None:
        """Wait until something is true of the server."""
        end = time.monotonic() + seconds
        while not self.call(condition, self.server):
            assert time.monotonic() < end, "it did not become true in time"
            time.sleep(0.02)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._failure = error
            self._started.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        self.server = Server(self._settings)
        await self.server.start()
        await self.server.warm_up()
        self._started.set()
        await self._end.wait()
        await self.server.stop()


@pytest.fixture(scope="session")
def models_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of models that holds `MODEL`; $CELLWIRE_HOME names it for the whole session."""
    home = tmp_path_factory.mktemp("cellwire-home")
    before = os.environ.get("CELLWIRE_HOME")
    os.environ["CELLWIRE_HOME"] = str(home)
    _add_random_model(home / "random.pth")
    yield home
    if before is None:
        del os.environ["CELLWIRE_HOME"]
    else:
        os.environ["CELLWIRE_HOME"] = before


def _add_random_model(path: Path) -> None:
    import torch

    from cellwire.networks.registry import add_model
    from cellwire.networks.unet import CellposeNet

    torch.manual_seed(7)
    network = CellposeNet()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    torch.save(network.state_dict(), path)
    add_model(MODEL, [path])


@pytest.fixture
def start_server(models_home: Path) -> Iterator[Callable[..., RunningServer]]:
    """Start servers with settings of one's own; all are stopped at the end of the test."""
    running: list[RunningServer] = []

    def start(**changes: object) -> RunningServer:
        running.append(RunningServer(_settings(**changes)))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture(scope="session")
def server(models_home: Path) -> Iterator[RunningServer]:
    """One server for all tests that leave it as it was: loopback, any free port, no tokens."""
    running = RunningServer(_settings())
    yield running
    running.stop()


def _settings(**changes: object) -> ServeSettings:
    values: dict[str, object] = {
        "listen": "127.0.0.1:0",
        "models": (MODEL,),
        "engine": EngineSettings(device="cpu"),
    }
    return ServeSettings(**{**values, **changes})


PROGRAM = """
import sys
from pathlib import Path
from cellwire.jobs.settings import EngineSettings
from cellwire.serving.lifecycle import serve
from cellwire.serving.settings import ServeSettings
listen, port_file, model, grace = sys.argv[1:]
settings = ServeSettings(
    listen=listen, port_file=Path(port_file), models=(model,), grace=float(grace),
    engine=EngineSettings(device="cpu"),
)
sys.exit(serve(settings))
"""


@pytest.fixture
def start_process(models_home: Path, tmp_path: Path) -> Iterator[Callable[..., EngineProcess]]:
    """Start engines as processes of their own."""
    running: list[EngineProcess] = []

    def start(listen: str = "127.0.0.1:0", grace: float = 20) -> EngineProcess:
        folder = tmp_path / f"engine{len(running)}"
        command = [sys.executable, "-c", PROGRAM, listen, port_file(folder), MODEL, grace]
        running.append(EngineProcess(command, folder))
        return running[-1].wait_until_ready(120)

    yield start
    for engine in running:
        engine.kill()


@pytest.fixture
def cells() -> np.ndarray:
    """A small image (96, 120) uint16 of blurred discs."""
    return make_cells(96, 120)
