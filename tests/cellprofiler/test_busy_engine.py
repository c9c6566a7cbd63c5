"""Many workers at an engine that lets only one wait: each gets its turn."""

from __future__ import annotations

import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cellwire_cellprofiler.connection import EnginePlace, forget
from cellwire_cellprofiler.errors import UnreachableError
from cellwire_cellprofiler.request import Deadline, Found, Wish, segment
from tests.engine_process import EngineProcess, serve_command

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKERS = 5
PARAMETERS = {"diameter": 17.0}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnginePlace]:
    """An engine at which one waits and one is served."""
    options = ("--model", "nuclei", "--max-waiting", "1", "--threads", "1")
    folder = tmp_path_factory.mktemp("busy")
    with EngineProcess(serve_command(sys.executable, folder, *options), folder) as engine:
        where = EnginePlace(engine.address)
        yield where
        forget(where)


def _wish(seed: int) -> Wish:
    y, x = np.mgrid[:200, :200]
    image = np.random.default_rng(seed).normal(300, 15, y.shape)
    image += 900 * (np.hypot(y % 50 - 25, x % 50 - 25) < 9)
    return Wish(image.astype(np.uint16), "nuclei", PARAMETERS)


def test_everybody_gets_a_turn(place: EnginePlace, caplog: pytest.LogCaptureFixture) -> None:
    def work(seed: int) -> Found:
        return segment(place, _wish(seed), Deadline(120))

    with caplog.at_level(logging.INFO), ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(work, range(WORKERS)))
    assert "Asking again in" in caplog.text  # it was too busy for some of them
    for each in found:
        assert each.unedited.max() == 16


def test_one_that_cannot_wait_is_told_so(place: EnginePlace) -> None:
    def work(seed: int) -> str:
        try:
            segment(place, _wish(100 + seed), Deadline(0.5))
        except UnreachableError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(WORKERS) as pool:
        told = [message for message in pool.map(work, range(WORKERS)) if message]
    assert told
    for message in told:
        assert "wait" in message or "time limit" in message
