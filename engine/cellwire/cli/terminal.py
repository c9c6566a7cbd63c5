"""What is shown on a terminal: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

_UNLIMITED = 10_000

_STAGES = {
    "size": "finding the diameter",
    "sizing": "finding the diameter",
    "normalise": "normalising",
    "preparing": "normalising",
    "network": "network",
    "flow check": "checking flows",
    "clean": "cleaning up",
    "queued": "waiting for its turn",
    "stitching": "stitching planes",
    "linking": "linking frames",
}


def out() -> Console:
    """Give the console of results; it never wraps, so that a script reads whole lines."""
    return Console(file=sys.stdout, soft_wrap=True, highlight=False, markup=False, emoji=False)


def err() -> Console:
    """Give the console of messages."""
    return Console(file=sys.stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)


def print_table(table: Table) -> None:
    """Print a table; where no terminal limits the width, as wide as its cells."""
    from rich.measure import Measurement

    console = out()
    if not console.is_terminal:
        unlimited = console.options.update(max_width=_UNLIMITED)
        console.width = max(1, Measurement.get(console, unlimited, table).maximum)
    for column in table.columns:
        column.overflow = "fold"  # a figure that is cut off is worse than one in two lines
    console.print(table, soft_wrap=False)


def error(text: str) -> None:
    """Say what went wrong."""
    err().print(f"error: {text}", style="bold red" if sys.stderr.isatty() else None)


def note(text: str) -> None:
    """Say what a person should know."""
    err().print(f"note: {text}")


class Bars:
    """Bars for the images, the parts of a stack and the stage at work; only on a terminal."""

    def __init__(self, images: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Elapsed())
        console = err()
        self._progress = Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        )
        self._images = self._progress.add_task("images", total=images, visible=images > 1)
        self._parts = self._progress.add_task("parts of the stack", total=1, visible=False)
        self._stage = self._progress.add_task("starting", total=1)

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def report(self, stage: str, done: int, total: int, part: int = 0, parts: int = 0) -> None:
        """Show how far the stage is, and at which plane or frame of a stack (from 1) it is."""
        name = _STAGES.get(stage, stage.replace("_", " "))
        self._progress.update(
            self._parts, completed=max(part - 1, 0), total=parts, visible=bool(part) and parts > 1
        )
        self._progress.update(self._stage, description=name, completed=done, total=max(total, 1))

    def image_done(self) -> None:
        """Count an image."""
        self._progress.advance(self._images)

    def print(self, text: str, *, to_err: bool = False) -> None:
        """Write a line without tearing the bars."""
        with self._paused():
            (err() if to_err else out()).print(text)

    @contextmanager
    def _paused(self) -> Iterator[None]:
        if self._progress.disable:
            yield
            return
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()
