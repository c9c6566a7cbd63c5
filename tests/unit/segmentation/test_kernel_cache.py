from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cellwire.segmentation.kernel_cache import VARIABLE, choose_kernel_cache, usual_places

KERNEL = """
import sys
from pathlib import Path
from cellwire.segmentation import kernel_cache
kernel_cache.choose_kernel_cache(places=[Path(sys.argv[1])])
import numpy as np
from cellwire.segmentation.outlines import trace_outlines
trace_outlines(np.ones((2, 2), np.int32))
from cellwire.segmentation.outlines import _trace
print(_trace._cache.cache_path)
print(sum(_trace.stats.cache_hits.values()), sum(_trace.stats.cache_misses.values()))
"""


@pytest.fixture
def unwritable(tmp_path: Path) -> Path:
    """A folder that even root cannot make."""
    (tmp_path / "file").touch()
    return tmp_path / "file" / "folder"


def test_a_folder_that_can_be_written_is_left_to_numba(unwritable: Path, tmp_path: Path) -> None:
    variables: dict[str, str] = {}
    choose_kernel_cache(variables, [unwritable, tmp_path / "made"])
    assert variables == {}
    assert (tmp_path / "made").is_dir()


def test_what_the_user_has_chosen_stays(unwritable: Path) -> None:
    variables = {VARIABLE: "/somewhere"}
    choose_kernel_cache(variables, [unwritable])
    assert variables == {VARIABLE: "/somewhere"}


def test_without_any_the_process_gets_its_own(
    unwritable: Path, caplog: pytest.LogCaptureFixture
) -> None:
    variables: dict[str, str] = {}
    choose_kernel_cache(variables, [unwritable])
    folder = Path(variables[VARIABLE])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert str(unwritable) in caplog.text
    assert VARIABLE in caplog.text


def test_numba_looks_where_we_think() -> None:
    from numba.misc.appdirs import AppDirs

    beside, users = usual_places()
    assert beside.parent.name == "segmentation"
    assert users == Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)


def run_kernel(place: Path, variables: dict[str, str]) -> tuple[Path, str]:
    ended = subprocess.run(
        [sys.executable, "-c", KERNEL, str(place)],
        env={**os.environ, **variables}, capture_output=True, text=True, timeout=240, check=True,
    )  # fmt: skip
    folder, counts = ended.stdout.splitlines()
    return Path(folder), counts


def test_kernels_are_compiled_once(tmp_path: Path) -> None:
    variables = {VARIABLE: str(tmp_path / "kept")}
    assert run_kernel(tmp_path, variables)[1] == "0 1"
    assert run_kernel(tmp_path, variables)[1] == "1 0"


def test_a_read_only_machine_leaves_nothing_behind(unwritable: Path, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    folder, counts = run_kernel(unwritable, {"TMPDIR": str(tmp_path / "temporary")})
    assert tmp_path / "temporary" in folder.parents
    assert counts == "0 1"
    assert list((tmp_path / "temporary").iterdir()) == []
