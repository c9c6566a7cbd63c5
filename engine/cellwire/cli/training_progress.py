"""How a training shows itself: a bar on a terminal, a line a minute in a log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cellwire.cli.terminal import err, note

if TYPE_CHECKING:
    from cellwire.training.settings import Moment

SECONDS_BETWEEN_LINES = 60.0


class TrainingProgress:
    """Tells of a training; see `cellwire.training.recipe.Listener`.

    Parameters
    ----------
    seconds
        Time between the lines of a log.
    """

    def __init__(self, seconds: float = SECONDS_BETWEEN_LINES) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._console = err()
        self._plain = not self._console.is_terminal
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console, disable=self._plain)
        self._tasks: dict[str, object] = {}
        self._seconds = seconds
        self._told = time.monotonic()
        self._losses: list[float] = []
        self._views = 0

    def __enter__(self) -> TrainingProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def notice(self, text: str) -> None:
        """Write a sentence."""
        note(text)

    def stage(self, name: str, done: int, total: int) -> None:
        """Show how far the work before and after the training is."""
        self._show(name, name, done / max(1, total))
        if self._plain and (done == total or self._is_time()):
            self._line(f"{name}: {done} of {total}")

    def moment(self, moment: Moment) -> None:
        """Show a step."""
        self._losses.append(moment.loss)
        self._views += moment.views
        text = f"step {moment.step}  loss {moment.loss:.3f}"
        self._show("training", text, moment.done)
        measured = moment.validation
        if measured is not None:
            self._report(moment)
            line = f"validation loss {measured.loss:.3f}"
            if measured.score is not None:
                kinds = ", ".join(f"{k} {v:.3f}" for k, v in measured.score_by_kind.items())
                line += f"  AP@0.5 {measured.score:.3f} ({kinds})"
            self._line(f"step {moment.step}  {line}")
        elif self._plain and (self._is_time() or moment.done >= 1.0):
            self._report(moment)

    def _report(self, moment: Moment) -> None:
        seconds = time.monotonic() - self._told
        if self._plain and self._losses:
            mean = sum(self._losses) / len(self._losses)
            self._line(
                f"step {moment.step}  {100.0 * moment.done:.1f} %  loss {mean:.4f}  "
                f"{moment.minutes:.1f} minutes  {self._views / max(seconds, 1e-9):.1f} crops/s"
            )
        self._losses, self._views = [], 0

    def _show(self, key: str, text: str, done: float) -> None:
        if self._plain:
            return
        if key not in self._tasks:
            self._tasks[key] = self._progress.add_task(text, total=1.0)
        self._progress.update(self._tasks[key], completed=done, description=text)  # type: ignore[arg-type]

    def _is_time(self) -> bool:
        return time.monotonic() - self._told >= self._seconds

    def _line(self, text: str) -> None:
        self._console.print(text)
        self._told = time.monotonic()
