"""A bounded queue of whole jobs in front of a few threads."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from cellwire.errors import QueueFullError, ShuttingDownError
from cellwire.jobs.priority import FairHeap, Priority

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.jobs.cancellation import CancelToken

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Job:
    work: Callable[[], Any]
    cancel: CancelToken
    moved: Callable[[int], None]
    priority: Priority
    future: Future[Any] = field(default_factory=Future)


class WorkQueue:
    """Runs jobs on ``threads`` threads, at most ``max_waiting`` others wait.

    Jobs of low priority take at most all threads but one, so that a person never waits for a whole
    batch job, only for a batch of its tiles.
    """

    def __init__(self, threads: int, max_waiting: int) -> None:
        self._heap: FairHeap[_Job] = FairHeap(patience=60.0)
        self._wake = threading.Condition()
        self._closed = False
        self._max_waiting = max_waiting
        self._running = 0
        self._running_batch = 0
        self._mean_seconds = 1.0
        self._slots = threads
        self._threads = [
            threading.Thread(target=self._serve, name=f"cellwire-job-{i}", daemon=True)
            for i in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def active(self) -> int:
        """Number of jobs that wait or run."""
        with self._wake:
            return len(self._heap) + self._running

    def submit(
        self,
        work: Callable[[], T],
        cancel: CancelToken,
        moved: Callable[[int], None],
        *,
        caller: str,
        priority: Priority,
    ) -> Future[T]:
        """Queue a job; ``moved(n)`` is called when ``n`` jobs go before it, 0 when it starts.

        Raises
        ------
        QueueFullError
            Too many wait already; its ``retry_after`` is an estimate from recent jobs.
        ShuttingDownError
            The queue is closed.
        """
        job = _Job(work, cancel, moved, priority)
        with self._wake:
            if self._closed:
                raise ShuttingDownError(
                    "The engine is stopping and takes no new work.", "Try again in a minute."
                )
            waiting = len(self._heap)
            if waiting - (self._slots - self._running) >= self._max_waiting:
                error = QueueFullError(
                    f"{waiting} segmentations wait already; the limit is {self._max_waiting}.",
                    "Send it again a little later.",
                )
                error.retry_after = max(1.0, waiting * self._mean_seconds / self._slots)
                raise error
            self._heap.push(job, caller, priority)
            self._wake.notify()
            self._tell_positions()
        cancel.on_cancel(lambda: self._drop(job))
        return job.future

    def close(self) -> None:
        """Drop what waits and end the threads after what they run."""
        with self._wake:
            self._closed = True
            dropped = [self._heap.pop() for _ in range(len(self._heap))]
            self._wake.notify_all()
        for job in dropped:
            job.future.set_exception(ShuttingDownError("The engine stopped.", "Start it again."))
        for thread in self._threads:
            thread.join()

    def _drop(self, job: _Job) -> None:
        with self._wake:
            found = self._heap.remove(job)
            if found:
                self._tell_positions()
        if found:
            try:
                job.cancel.check()
            except Exception as error:
                job.future.set_exception(error)

    def _serve(self) -> None:
        while True:
            with self._wake:
                while not self._may_start() and not self._closed:
                    self._wake.wait()
                if self._closed:
                    return
                job = self._heap.pop(None if self._batch_may_start() else Priority.INTERACTIVE)
                is_batch = job.priority is Priority.BATCH
                self._running += 1
                self._running_batch += is_batch
                self._tell_positions()
            started = time.monotonic()
            try:
                job.cancel.check()
                job.moved(0)
                result = job.work()
            except BaseException as error:
                job.future.set_exception(error)
            else:
                job.future.set_result(result)
            finally:
                del job
                with self._wake:
                    self._running -= 1
                    self._running_batch -= is_batch
                    self._wake.notify_all()
                    spent = time.monotonic() - started
                    self._mean_seconds += 0.2 * (spent - self._mean_seconds)

    def _may_start(self) -> bool:
        if self._heap.waiting(Priority.INTERACTIVE):
            return True
        return self._batch_may_start() and self._heap.waiting(Priority.BATCH) > 0

    def _batch_may_start(self) -> bool:
        return self._running_batch < max(1, self._slots - 1)

    def _tell_positions(self) -> None:
        for position, job in enumerate(self._heap.ordered(), start=1):
            job.moved(position)
