"""The threads that own a device and run pieces of work on it, each one after another."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError as FutureCancelledError
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cellwire.errors import ShuttingDownError
from cellwire.jobs.priority import FairHeap, Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cellwire.jobs.cancellation import CancelToken

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Batch:
    work: Callable[[], Any]
    future: Future[Any]


class DeviceThread:
    """Runs batches in the order of `FairHeap`. A batch belongs to one request and is never mixed.

    Since it is the order of batches and nothing else that depends on other requests, a result
    never depends on who else is served.

    An accelerator has one thread. A processor has one for each tile that its cores compute side
    by side, see `widen`; then no core waits while any request has tiles.
    """

    def __init__(self, name: str = "device") -> None:
        self._heap: FairHeap[_Batch] = FairHeap()
        self._wake = threading.Condition()
        self._closed = False
        self._name = name
        self._threads = [self._started(0)]

    def widen(self, lanes: int) -> None:
        """Use at least so many threads from now on: a processor's cores work side by side."""
        with self._wake:
            while len(self._threads) < lanes and not self._closed:
                self._threads.append(self._started(len(self._threads)))

    def run(
        self,
        work: Callable[[], T],
        cancel: CancelToken,
        *,
        caller: str = "",
        priority: Priority = Priority.INTERACTIVE,
        cost: float = 1.0,
    ) -> T:
        """Run one piece of work; see `run_all`."""
        return self.run_all([work], cancel, caller=caller, priority=priority, cost=cost)[0]

    def run_all(
        self,
        works: Sequence[Callable[[], T]],
        cancel: CancelToken,
        *,
        caller: str = "",
        priority: Priority = Priority.INTERACTIVE,
        cost: float = 1.0,
    ) -> list[T]:
        """Run pieces of work when their turns come; block until all are done.

        What waits is dropped at once when ``cancel`` is; what runs is waited for.

        Parameters
        ----------
        works
            What to run.
        cancel
            Stops it.
        caller, priority
            Whose turn it is.
        cost
            Of each piece.

        Raises
        ------
        CancelledError, DeadlineError
            The work is no longer wanted.
        """
        cancel.check()
        batches: list[_Batch] = [_Batch(work, Future()) for work in works]
        with self._wake:
            if self._closed:
                raise ShuttingDownError("The engine is stopping.", "Start it again.")
            for batch in batches:
                self._heap.push(batch, caller, priority, cost)
            self._wake.notify_all()

        def drop() -> None:
            for batch in batches:
                batch.future.cancel()

        cancel.on_cancel(drop)
        try:
            return [_result(batch.future, cancel, drop) for batch in batches]
        except BaseException:
            drop()
            # What runs is waited for: it has the caller's memory.
            wait([batch.future for batch in batches if not batch.future.cancelled()])
            raise
        finally:
            cancel.forget(drop)

    def close(self) -> None:
        """End the thread after the batch that runs; drop those that wait."""
        with self._wake:
            self._closed = True
            while len(self._heap):
                self._heap.pop().future.cancel()
            self._wake.notify_all()
        for thread in self._threads:
            thread.join()

    def _started(self, lane: int) -> threading.Thread:
        thread = threading.Thread(
            target=self._serve, name=f"cellwire-{self._name}-{lane}", daemon=True
        )
        thread.start()
        return thread

    def _serve(self) -> None:
        while True:
            with self._wake:
                while not len(self._heap) and not self._closed:
                    self._wake.wait()
                if self._closed:
                    return
                batch = self._heap.pop()
            if not batch.future.set_running_or_notify_cancel():
                continue
            try:
                result = batch.work()
            except BaseException as error:
                batch.future.set_exception(error)
            else:
                batch.future.set_result(result)
            del batch


def _result(future: Future[T], cancel: CancelToken, drop: Callable[[], None]) -> T:
    try:
        result = future.result(timeout=cancel.remaining)
    except TimeoutError:
        if future.done():
            raise
        drop()
        if not future.cancelled():
            wait([future])
        cancel.check()
        raise
    except FutureCancelledError:
        cancel.check()
        raise ShuttingDownError("The engine is stopping.", "Start it again.") from None
    cancel.check()
    return result
