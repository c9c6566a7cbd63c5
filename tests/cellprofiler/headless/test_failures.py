"""What a headless run does when something is wrong: exit code, message, and what is left behind.

The message comes before any image is touched wherever the fault can be known by then.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[..., Path]
    Serve = Callable[..., Any]

FLY = "ExampleFly.cppipe"
SHORT = {"Images", "Metadata", "NamesAndTypes", "Groups", "RunCellwire", "ExportToSpreadsheet"}
ADDRESS = "Address of the engine"
STOP, SKIP = "Stop the run", "Skip the image set and mark it"
POLICY = "If the engine cannot be reached"


@pytest.fixture(scope="module")
def three(fly: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small image sets, cut out of ExampleFly."""
    folder = tmp_path_factory.mktemp("three")
    for path in fly.glob("*_[DR].TIF"):
        tifffile.imwrite(folder / path.name, tifffile.imread(path)[300:420, 300:420])
    assert len(list(folder.iterdir())) == 6
    return folder


def stopped(run: Any, *said: str) -> None:
    """The run ended as failed, with a message, before any image and without results."""
    assert run.code == 1, run.log
    for words in said:
        assert words in run.log, run.log
    assert not run.started_images, run.log
    assert not list(run.out.iterdir())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_no_engine(cellprofiler: Any, pipeline: Write, three: Path, tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    run = cellprofiler.run(
        pipeline(FLY, SHORT, **{ADDRESS: address}), three, tmp_path / "out",
    )
    stopped(run, f"No engine listens at {address}", "cellwire serve")


def test_no_engine_with_a_done_file(
    cellprofiler: Any, pipeline: Write, three: Path, tmp_path: Path
) -> None:
    """Distributed-CellProfiler goes by this file."""
    done = tmp_path / "done"
    changed = pipeline(FLY, SHORT, **{ADDRESS: f"127.0.0.1:{free_port()}"})
    run = cellprofiler.run(changed, three, tmp_path / "out", "-d", str(done))
    assert (run.code, done.read_text().strip()) == (255, "Failure")
