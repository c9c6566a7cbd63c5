"""All segmentations of a server: begun, attached to, watched, cancelled, forgotten.

Used from the event loop only; the work itself runs on the engine's threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import secrets
import time
from typing import TYPE_CHECKING

from cellwire.errors import (
    CellwireError,
    InvalidParameterError,
    RequestReusedError,
    SegmentationUnknownError,
    ShuttingDownError,
)
from cellwire.serving.convert import read_request
from cellwire.serving.record import Record
from cellwire.serving.result_cache import ResultCache
from cellwire.serving.work import run_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cellwire.jobs.engine import Engine
    from cellwire.serving.convert import Plan
    from cellwire.serving.image_store import ImageStore
    from cellwire.serving.state import State
    from cellwire_api.v1.segmentation_service_pb2 import SegmentRequest

LOG = logging.getLogger(__name__)


class Segmentations:
    """Segmentations by name, and by their callers' request ids.

    Parameters
    ----------
    engine, store, state
        What does the work, where the images are, and whether work is taken.
    result_bytes
        Memory for results that may be asked for again.
    retention
        Seconds that a finished segmentation is kept.
    """

    def __init__(
        self, engine: Engine, store: ImageStore, state: State, result_bytes: int, retention: float
    ) -> None:
        self._engine = engine
        self._store = store
        self._state = state
        self._cache = ResultCache(result_bytes)
        self._result_bytes = result_bytes
        self._retention = retention
        self._records: dict[str, Record] = {}
        self._requests: dict[tuple[str, str], Record] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def active(self) -> int:
        """Number that wait or run."""
        return sum(record.active for record in self._records.values())

    @property
    def watched(self) -> int:
        """Number of attached calls."""
        return sum(record.watchers for record in self._records.values())

    def begin(self, caller: str, request: SegmentRequest) -> Record:
        """Begin a segmentation, or find the one that the same request began.

        Raises
        ------
        RequestReusedError
            The request_id came before with other content.
        CellwireError
            Whatever is wrong with the request.
        """
        self.expire()
        fingerprint = _fingerprint(request)
        key = (caller, request.request_id)
        record = self._requests.get(key) if request.request_id else None
        if record is not None:
            if record.fingerprint != fingerprint:
                raise RequestReusedError(
                    f"The request_id {request.request_id!r} was used before, with other content.",
                    "Choose a new one for each segmentation, such as a UUID.",
                )
            return record
        self._state.check_open()
        plan = read_request(request, caller)
        record = Record(
            name=f"segmentations/{secrets.token_hex(16)}",
            caller=caller,
            request_id=request.request_id,
            fingerprint=fingerprint,
            detached=request.detached,
        )
        self._records[record.name] = record
        if request.request_id:
            self._requests[key] = record
        task = asyncio.create_task(self._work(record, plan))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return record

    def find(self, caller: str, name: str) -> Record:
        """Find a segmentation of the caller's.

        Raises
        ------
        InvalidParameterError, SegmentationUnknownError
            It is no name, or there is none (any more).
        """
        self.expire()
        if not name.startswith("segmentations/"):
            raise InvalidParameterError(
                f"{name[:80]!r} is no name of a segmentation.",
                "Take it from the first event of the segmentation.",
            )
        record = self._records.get(name)
        if record is None or record.caller != caller:
            raise SegmentationUnknownError(
                "The engine knows no such segmentation (any more).", "Send the request again."
            )
        return record

    @contextlib.contextmanager
    def attach(self, record: Record) -> Iterator[None]:
        """Count a call as attached; work that is not detached ends with the last one."""
        record.watchers += 1
        try:
            yield
        finally:
            record.watchers -= 1
            if not record.watchers and record.active and not record.detached:
                self.stop(record)

    def stop(self, record: Record, why: CellwireError | None = None) -> bool:
        """Cancel a segmentation; False if it had ended."""
        was_active = record.active
        record.cancel.cancel(why)
        self._forget_request(record)
        return was_active

    def expire(self) -> None:
        """Forget what ended long ago, and the oldest results if they take too much memory."""
        now = time.monotonic()
        ended = [r for r in self._records.values() if r.ended is not None and not r.watchers]
        ended.sort(key=lambda record: record.ended or 0.0)
        used = sum(record.result.nbytes for record in ended if record.result)
        for record in ended:
            late = now - (record.ended or now) > self._retention
            if late or used > self._result_bytes:
                used -= record.result.nbytes if record.result else 0
                self._records.pop(record.name, None)
                self._forget_request(record)

    async def drain(self, grace: float) -> None:
        """Wait for what runs and is being sent; cancel what is left after ``grace`` seconds."""
        end = time.monotonic() + grace
        while (self.active or self.watched) and time.monotonic() < end:
            await asyncio.sleep(0.05)
        for record in list(self._records.values()):
            if record.active:
                self.stop(record, _stopping())
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=30)

    async def _work(self, record: Record, plan: Plan) -> None:
        try:
            record.finish(
                await run_plan(plan, record, self._engine, self._store, self._cache, self._state)
            )
        except Exception as error:
            if not isinstance(error, CellwireError):
                LOG.error("%s failed", record.name, exc_info=error)
            record.fail(error)
            self._forget_request(record)  # a retry starts anew

    def _forget_request(self, record: Record) -> None:
        key = (record.caller, record.request_id)
        if self._requests.get(key) is record:
            del self._requests[key]


def _stopping() -> ShuttingDownError:
    error = ShuttingDownError(
        "The engine had to stop before the segmentation was done.",
        "Send it again when the engine was started again.",
    )
    error.retry_after = 10.0
    return error


def _fingerprint(request: SegmentRequest) -> bytes:
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
