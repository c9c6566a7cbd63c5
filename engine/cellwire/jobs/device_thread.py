"""The one thread that owns a device and runs batches of tiles, one after another."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError as FutureCancelledError
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cellwire.errors import ShuttingDownError
from cellwire.jobs.priority import FairHeap, Priority

if TYPE_CHECKING:
    from collections.abc import Callable

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
    """

    def __init__(self, name: str = "device") -> None:
        self._heap: FairHeap[_Batch] = FairHeap()
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=f"cellwire-{name}", daemon=True)
        self._thread.start()

    def run(
        self,
        work: Callable[[], T],
        cancel: CancelToken,
        *,
        caller: str = "",
        priority: Priority = Priority.INTERACTIVE,
        cost: float = 1.0,
    ) -> T:
        """Run ``work`` on the device thread when its turn comes; block until it is done.

        A batch that waits is dropped at once when ``cancel`` is; one that runs is waited for.

        Raises
        ------
        CancelledError, DeadlineError
            The work is no longer wanted.
        """
        cancel.check()
        future: Future[T] = Future()
        batch = _Batch(work, future)
        with self._wake:
            if self._closed:
                raise ShuttingDownError("The engine is stopping.", "Start it again.")
            self._heap.push(batch, caller, priority, cost)
            self._wake.notify()

        def drop() -> None:
            future.cancel()

        cancel.on_cancel(drop)
        try:
            while True:
                try:
                    result = future.result(timeout=cancel.remaining)
                except TimeoutError:
                    if future.done():
                        raise
                    if future.cancel():
                        cancel.check()
                except FutureCancelledError:
                    cancel.check()
                    raise ShuttingDownError("The engine is stopping.", "Start it again.") from None
                else:
                    break
        finally:
            cancel.forget(drop)
        cancel.check()
        return result

    def close(self) -> None:
        """End the thread after the batch that runs; drop those that wait."""
        with self._wake:
            self._closed = True
            while len(self._heap):
                self._heap.pop().future.cancel()
            self._wake.notify()
        self._thread.join()

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
