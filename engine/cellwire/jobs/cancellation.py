"""A token by which the owner of some work, or its time limit, stops it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from cellwire.errors import CancelledError, DeadlineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.errors import CellwireError


class CancelToken:
    """Says whether work is still wanted; safe to use from any thread.

    Parameters
    ----------
    seconds
        Time limit from now on, ``None`` for none.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._why: CellwireError | None = None
        self._seconds = seconds
        self._end = None if seconds is None else time.monotonic() + seconds
        self._callbacks: list[Callable[[], None]] = []

    @property
    def stopped(self) -> bool:
        """Whether the work is to end."""
        return self._cancelled or self._late()

    @property
    def remaining(self) -> float | None:
        """Seconds until the time limit, ``None`` if there is none."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def cancel(self, why: CellwireError | None = None) -> None:
        """Stop the work; calling it again does nothing.

        Parameters
        ----------
        why
            What `check` is to raise, if it was not the owner's wish.
        """
        with self._lock:
            if self._cancelled:
                return
            self._why = why
            self._cancelled = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once when the work is cancelled, at once if it is already."""
        with self._lock:
            if not self._cancelled:
                self._callbacks.append(callback)
                return
        callback()

    def forget(self, callback: Callable[[], None]) -> None:
        """Take back what was given to `on_cancel`."""
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def check(self) -> None:
        """Raise if the work is to end.

        Raises
        ------
        CancelledError
            The owner cancelled it, unless `cancel` was told another reason.
        DeadlineError
            Its time limit passed.
        """
        if self._cancelled:
            if self._why is not None:
                raise self._why
            raise CancelledError(
                "The segmentation was cancelled.", "Send it again if it is wanted."
            )
        if self._late():
            raise DeadlineError(
                f"The time limit of {self._seconds:g} seconds passed.",
                "Allow more time, segment a smaller region or lower the load of the engine.",
            )

    def _late(self) -> bool:
        return self._end is not None and time.monotonic() >= self._end
