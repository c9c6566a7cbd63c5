"""A model, an engine and a command for all tests of the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for the two below
from blob_network import save_network
from commanding import MODEL, Ended, run_here, serving, write_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Cellpose weights file that finds disks."""
    path = tmp_path_factory.mktemp("weights") / "blobs.pth"
    save_network(path)
    return path


@pytest.fixture(scope="session")
def home(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A $CELLWIRE_HOME to which the command itself added the model."""
    folder = tmp_path_factory.mktemp("home")
    ended = run_here("models", "add", MODEL, str(weights), home=folder)
    assert ended.code == 0, ended.err
    assert "cells of 17 pixels" in ended.out
    return folder


@pytest.fixture(scope="session")
def cellwire(home: Path) -> Callable[..., Ended]:
    """Run a command in this process."""
    return lambda *arguments: run_here(*arguments, home=home)


@pytest.fixture(scope="session")
def environment(home: Path) -> dict[str, str]:
    """Variables for commands in processes of their own."""
    return {**os.environ, "CELLWIRE_HOME": str(home), "COLUMNS": "200"}


@pytest.fixture(scope="session")
def engine(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an engine in a process of its own, that takes images of up to 1 MiB."""
    with serving(environment, tmp_path_factory.mktemp("engine"), "--max-image-mib", "1") as found:
        yield found.address


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A calibrated 16-bit TIFF with 25 cells."""
    return write_image(tmp_path / "field.tif")
