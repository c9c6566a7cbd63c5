"""The module within CellProfiler itself: each file there is a pytest run in its environment."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine_process import EngineProcess

INSIDE = Path(__file__).parent / "inside_cellprofiler"
FILES = sorted(path.name for path in INSIDE.glob("test_*.py"))


@pytest.mark.parametrize("name", FILES)
def test_inside_cellprofiler(
    name: str,
    cellprofiler_python: Path,
    cellprofiler_environment: dict[str, str],
    engine: EngineProcess,
    tmp_path: Path,
) -> None:
    arguments = ["-q", "-p", "no:cacheprovider", "-c", INSIDE / "pytest.ini", "-W", "ignore"]
    arguments += ["--rootdir", INSIDE, "--confcutdir", INSIDE, "--basetemp", tmp_path / "inside"]
    done = subprocess.run(
        [cellprofiler_python, "-m", "pytest", *arguments, INSIDE / name],
        env={
            **cellprofiler_environment,
            "CELLWIRE_TEST_ENGINE": engine.address,
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(tmp_path),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    assert " passed" in done.stdout, done.stdout
    assert "skipped" not in done.stdout, done.stdout


def test_there_are_tests() -> None:
    assert len(FILES) >= 6
