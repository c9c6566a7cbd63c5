"""One segmentation as the server knows it: its numbered events, who watches, how it ended."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cellwire.jobs.cancellation import CancelToken
from cellwire_api.v1 import segmentation_service_pb2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from cellwire.serving.result_cache import Result

_API = segmentation_service_pb2


@dataclass(eq=False, slots=True)
class Record:
    """A segmentation.

    Attributes
    ----------
    name
        ``segmentations/`` and an id.
    caller, request_id
        Whose it is, and how the caller calls it.
    fingerprint
        Digest of what was asked.
    detached
        Whether it runs on when nobody watches.
    cancel
        Stops it.
    events
        What happened so far; the result's events follow.
    result, error
        How it ended, once it did.
    watchers
        Calls that are attached.
    ended
        Monotonic time of the end.
    """

    name: str
    caller: str
    request_id: str
    fingerprint: bytes
    detached: bool
    cancel: CancelToken = field(default_factory=CancelToken)
    events: list[_API.SegmentationEvent] = field(default_factory=list)
    result: Result | None = None
    error: BaseException | None = None
    watchers: int = 0
    ended: float | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.ended is None

    def accept(self, *, cached: bool) -> None:
        """Note that the engine took the work."""
        accepted = _API.SegmentationAccepted(name=self.name, cached=cached)
        self._add(_API.SegmentationEvent(accepted=accepted))

    def progress(
        self,
        stage: _API.Stage,
        done: int,
        total: int,
        position: int,
        part: int = 0,
        parts: int = 0,
    ) -> None:
        """Note how far it is; ignored after the end."""
        if self.active:
            progress = _API.SegmentationProgress(
                stage=stage,
                done=done,
                total=total,
                queue_position=position,
                part=part,
                parts=parts,
            )
            self._add(_API.SegmentationEvent(progress=progress))

    def finish(self, result: Result) -> None:
        """Note the result."""
        self.result = result
        self._end()

    def fail(self, error: BaseException) -> None:
        """Note why there is no result.

        The error is kept for who asks later; its traceback is not: its frames hold the pixels.
        """
        error.__cause__ = error.__context__ = None
        self.error = error.with_traceback(None)
        self._end()

    async def follow(self, after: int = 0) -> AsyncIterator[_API.SegmentationEvent]:
        """Give the events after number ``after``, those to come included; raise as it failed."""
        sent = after
        while True:
            changed = self._changed
            while sent < len(self.events):
                sent += 1
                yield self.events[sent - 1]
            if self.result is not None:
                first = len(self.events) + 1
                for number, event in enumerate(_events_of(self.result), start=first):
                    if number > sent:
                        event.sequence = number
                        yield event
                return
            if self.error is not None:
                raise self.error
            await changed.wait()

    def _add(self, event: _API.SegmentationEvent) -> None:
        event.sequence = len(self.events) + 1
        self.events.append(event)
        self._wake()

    def _end(self) -> None:
        self.ended = time.monotonic()
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _events_of(result: Result) -> Iterator[_API.SegmentationEvent]:
    for output in result.outputs:
        yield _API.SegmentationEvent(output=output.header)
        for chunk in output.chunks:
            yield _API.SegmentationEvent(chunk=chunk)
    yield _API.SegmentationEvent(finished=result.finished)
