"""The stages of a segmentation: told to whoever waits, and timed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Progress(Protocol):
    """Is told how far the work is, between batches and stages; may raise to stop it.

    Stages of a plane are, in this order: ``normalise``, ``size`` (with an automatic diameter),
    ``network``, ``masks``, and within that ``dynamics``, ``flow check`` and ``clean``. Those of a
    stack are in `cellwire.segmentation.volume.pipeline.segment_volume`.
    """

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note of ``done`` parts out of ``total`` of a stage."""


class PartProgress(Protocol):
    """As `Progress`, of a whole that has parts: the planes or the frames of a stack."""

    def __call__(self, stage: str, done: int, total: int, part: int = 0, parts: int = 0) -> None:
        """Take note; ``part`` counts from 1, 0 = the stage is about the whole."""


def of_part(report: PartProgress | None, part: int, parts: int) -> Progress:
    """Give what tells of one part, counted from 1."""

    def tell(stage: str, done: int, total: int) -> None:
        if report is not None:
            report(stage, done, total, part, parts)

    return tell


class Clock:
    """Times the stages and passes the progress on.

    Attributes
    ----------
    seconds
        Time of each finished stage.
    """

    def __init__(self, report: Progress | None) -> None:
        self._report = report
        self.seconds: dict[str, float] = {}

    def stage(self, name: str) -> Stage:
        """Time a stage; tells its start."""
        self.within(name)(0, 1)
        return Stage(self.seconds, name)

    def within(self, name: str) -> Callable[[int, int], None]:
        """Give what a step calls with (done, total)."""

        def tell(done: int, total: int) -> None:
            if self._report is not None:
                self._report(name, done, total)

        return tell


class Stage:
    """Times what is done within it."""

    def __init__(self, seconds: dict[str, float], name: str) -> None:
        self._seconds = seconds
        self._name = name

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._seconds[self._name] = time.perf_counter() - self._start
