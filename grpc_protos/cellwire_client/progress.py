"""How far the work is, and the two ways it can be ended early: a time limit and a cancel event."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import Any, Callable, Iterator, NamedTuple, Optional

from cellwire_client.errors import SegmentationCancelledError, SegmentationTimeoutError


class Progress(NamedTuple):
    """A step of the work.

    Attributes
    ----------
    stage
        uploading, queued, loading_model, preparing, sizing, network, dynamics, masks, stitching,
        outputs, or reconnecting.
    done, total
        Steps of this stage; bytes while uploading.
    queue_position
        Segmentations that go first, 0 = running.
    part, parts
        Of a stack: the plane (of a volume: the frame) that this is about, from 1, and how many
        there are; 0 = the whole.
    """

    stage: str
    done: int
    total: int
    queue_position: int = 0
    part: int = 0
    parts: int = 0

    def __str__(self) -> str:
        """In words, such as ``network, step 3 of 9 of part 2 of 5``."""
        part = f" of part {self.part} of {self.parts}" if self.part else ""
        return f"{self.stage.replace('_', ' ')}, step {self.done} of {self.total}{part}"


class Supervision:
    """The caller's wishes while a call runs: a time limit, an event that cancels, a report.

    Parameters
    ----------
    timeout
        Seconds for everything together, ``None`` = no limit.
    cancel
        Setting it ends the work.
    report
        Called in the caller's thread with each `Progress`.
    """

    def __init__(
        self,
        timeout: Optional[float] = None,
        cancel: Optional[threading.Event] = None,
        report: Optional[Callable[[Progress], object]] = None,
    ) -> None:
        self._timeout = timeout
        self._end = None if timeout is None else time.monotonic() + timeout
        self._cancel = cancel
        self._report = report

    @property
    def cancelled(self) -> bool:
        """Whether the cancel event is set."""
        return self._cancel is not None and self._cancel.is_set()

    def report(self, step: Progress) -> None:
        """Tell the caller how far the work is."""
        if self._report is not None:
            self._report(step)

    def remaining(self) -> Optional[float]:
        """Seconds that are left, ``None`` without a limit.

        Raises
        ------
        SegmentationCancelledError
            If the cancel event is set.
        SegmentationTimeoutError
            If none are left.
        """
        if self.cancelled:
            raise SegmentationCancelledError("The segmentation was cancelled.")
        if self._end is None:
            return None
        left = self._end - time.monotonic()
        if left <= 0:
            raise SegmentationTimeoutError(
                f"The segmentation was not done within the time limit of {self._timeout:g} s.",
                "Allow more time with timeout=, or segment a region.",
            )
        return left

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the time limit or the cancel event."""
        left = self.remaining()
        seconds = seconds if left is None else min(left, seconds)
        if self._cancel is None:
            time.sleep(seconds)
        else:
            self._cancel.wait(seconds)
        self.remaining()

    @contextmanager
    def over(self, call: Any) -> Iterator[None]:
        """Cancel a gRPC call when the event is set, and whenever the block is left early."""
        over = threading.Event()
        watcher = None
        if self._cancel is not None:
            watcher = threading.Thread(
                target=_watch, args=(self._cancel, over, call), name="cellwire-cancel", daemon=True
            )
            watcher.start()
        try:
            yield
        finally:
            over.set()
            call.cancel()
            if watcher is not None:
                watcher.join()


def _watch(cancel: threading.Event, over: threading.Event, call: Any) -> None:
    while not over.is_set():
        if cancel.wait(0.05):
            call.cancel()
            return
