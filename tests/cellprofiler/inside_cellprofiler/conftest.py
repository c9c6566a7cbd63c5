"""A module, images and a workspace, as CellProfiler's own tests make them."""

import os
import sys
from pathlib import Path

from cellprofiler_core.preferences import set_headless

set_headless()  # before anything else of CellProfiler is imported

import numpy as np  # noqa: E402
import pytest  # noqa: E402

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(ROOT / "tests"))  # for engine_process
sys.path.insert(0, str(ROOT / "cellprofiler_plugin"))

import scenes  # noqa: E402
from engine_process import EngineProcess, serve_command  # noqa: E402


@pytest.fixture(scope="session")
def address():
    """Where the engine listens that all tests share."""
    return os.environ["CELLWIRE_TEST_ENGINE"]


@pytest.fixture(scope="session")
def engine(address):
    """The client's own connection, to compare with."""
    from cellwire_cellprofiler.libraries import client

    with client().connect(address) as found:
        yield found


@pytest.fixture(scope="session")
def nuclei_image():
    """(160, 170) uint16 of 16-bit counts with bright discs; some touch the border, one is small."""
    return scenes.discs((160, 170), scenes.CENTRES, 10)


@pytest.fixture
def make(address):
    """Make a module that talks to the shared engine; other settings by keyword."""
    return lambda **values: scenes.module(address, **values)


@pytest.fixture
def start_engine(tmp_path):
    """Start engines of one's own, that may be killed."""
    running = []

    def start(*options):
        folder = tmp_path / "engine{}".format(len(running))
        command = serve_command(os.environ["CELLWIRE_TEST_PYTHON"], folder, *options)
        # Its Python is another, and finds this checkout's code so.
        code = os.pathsep.join([str(ROOT / "engine"), str(ROOT / "grpc_protos")])
        running.append(EngineProcess(command, folder, dict(os.environ, PYTHONPATH=code)))
        return running[-1].wait_until_ready()

    yield start
    for process in running:
        process.stop()


@pytest.fixture(autouse=True)
def _one_connection_a_test():
    yield
    from cellwire_cellprofiler import connection

    for _, place in list(connection._engines):
        connection.forget(place)


assert np.__version__ < "2"
