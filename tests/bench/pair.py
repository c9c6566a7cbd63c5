"""Two sides of a work, run alternately: each in its process, only one timed at a time."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.bench.work import Answer, Work


class SideFailedError(Exception):
    """A side ended before its time; the message is the end of its log."""


@dataclass
class Measured:
    """What one side took.

    Attributes
    ----------
    seconds
        Of each run.
    rest_mib, peak_mib
        Memory that it held before the first run, warm, and the most in any run.
    answer
        Of the last run.
    """

    seconds: list[float] = field(default_factory=list)
    rest_mib: float = 0.0
    peak_mib: float = 0.0
    answer: Answer = field(default_factory=dict)

    @property
    def median(self) -> float:
        """Seconds of a run."""
        return statistics.median(self.seconds)


class Side:
    """A process of `tests.bench.side`."""

    def __init__(self, name: str, folder: Path, options: Mapping[str, Any], title: str) -> None:
        self.measured = Measured()
        self._result = folder / f"{title}.npz"
        self._log = folder / f"{title}.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.side", name, str(folder), json.dumps(options),
                 str(self._result)],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip

    def wait_until_ready(self) -> None:
        """Wait for the imports, the weights and the first, untimed run."""
        self.measured.rest_mib = self._next()["rest_mib"]

    def run(self) -> None:
        """Run once."""
        assert self._process.stdin is not None
        self._process.stdin.write("run\n")
        self._process.stdin.flush()
        took = self._next()
        self.measured.seconds.append(took["seconds"])
        self.measured.peak_mib = max(self.measured.peak_mib, took["peak_mib"])
        self._next()

    def read_answer(self) -> None:
        """Take the answer of the last run from disk."""
        with np.load(self._result) as stored:
            self.measured.answer = dict(stored)

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(120)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _next(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SideFailedError(self._log.read_text()[-4000:])
        said: dict[str, float] = json.loads(line)
        return said


def run_alternately(
    work: Work, folder: Path, options: Mapping[str, Any], rounds: int
) -> tuple[Measured, Measured | None]:
    """Run a work; give what ours and the peer took. Whoever begins changes from round to round."""
    names = {"ours": work.ours} | ({"peer": work.peer} if work.peer else {})
    sides: dict[str, Side] = {}
    try:
        for title, name in names.items():
            sides[title] = Side(name, folder, options, title)
            if work.device == "cpu":  # whoever chooses what is fastest there must be alone
                sides[title].wait_until_ready()
        if work.device != "cpu":
            for side in sides.values():
                side.wait_until_ready()
        for number in range(rounds):
            turn = list(sides.values())
            for side in turn if number % 2 == 0 else reversed(turn):
                side.run()
        for side in sides.values():
            side.read_answer()
    finally:
        for side in sides.values():
            side.close()
    return sides["ours"].measured, sides["peer"].measured if "peer" in sides else None
