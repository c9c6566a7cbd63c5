"""CellProfiler's own environment, and an engine for what runs there."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "cellprofiler_plugin"))
from tests.engine_process import EngineProcess, serve_command

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPT = HERE / "make_environment.sh"

collect_ignore = ["inside_cellprofiler"]


@pytest.fixture(scope="session")
def cellprofiler_python() -> Path:
    """The Python in which CellProfiler 4.2.8.1 is installed, built once for all test processes."""
    with (ROOT / ".venv-cellprofiler.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = subprocess.run([SCRIPT], check=False, capture_output=True, text=True)
    if built.returncode != 0:
        reason = f"CellProfiler's environment cannot be built:\n{built.stderr[-2000:]}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Path(built.stdout.strip().splitlines()[-1]) / "bin" / "python"


@pytest.fixture(scope="session")
def cellprofiler_environment() -> dict[str, str]:
    """Variables that CellProfiler wants; nothing of this interpreter's own."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    java = subprocess.run([SCRIPT, "--java"], check=False, capture_output=True, text=True)
    return {**kept, "JAVA_HOME": java.stdout.strip(), "CELLWIRE_TEST_PYTHON": sys.executable}


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """An engine with the shipped models, for all tests that leave it alive."""
    folder = tmp_path_factory.mktemp("engine")
    with EngineProcess(serve_command(sys.executable, folder), folder) as engine:
        yield engine
