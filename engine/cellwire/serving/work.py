"""The work of one request: find the model, look in the cache, queue, segment, encode."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from google.protobuf.duration_pb2 import Duration

from cellwire.jobs.resolve import result_key
from cellwire.segmentation.volume.stack import StackSegmentation
from cellwire.serving.encode import encode_output
from cellwire.serving.result_cache import Result
from cellwire_api.v1 import segmentation_service_pb2

if TYPE_CHECKING:
    from cellwire.jobs.engine import Engine
    from cellwire.jobs.job import CompletedSegmentation, SegmentationJob
    from cellwire.serving.convert import Plan
    from cellwire.serving.image_store import ImageStore
    from cellwire.serving.record import Record
    from cellwire.serving.result_cache import ResultCache
    from cellwire.serving.state import State

_API = segmentation_service_pb2
_STAGES = {
    "loading model": _API.STAGE_LOADING_MODEL,
    "waiting for memory": _API.STAGE_QUEUED,
    "reading": _API.STAGE_PREPARING,
    "normalise": _API.STAGE_PREPARING,
    "size": _API.STAGE_SIZING,
    "network": _API.STAGE_NETWORK,
    "network YX": _API.STAGE_NETWORK,
    "network ZX": _API.STAGE_NETWORK,
    "network ZY": _API.STAGE_NETWORK,
    "resize": _API.STAGE_DYNAMICS,
    "smooth": _API.STAGE_DYNAMICS,
    "dynamics": _API.STAGE_DYNAMICS,
    "flow check": _API.STAGE_MASKS,
    "clean": _API.STAGE_MASKS,
    "masks": _API.STAGE_MASKS,
    "stitching": _API.STAGE_STITCHING,
    "linking": _API.STAGE_STITCHING,
    "outputs": _API.STAGE_OUTPUTS,
}
_INTERVAL = 0.1
"""Seconds between two events of progress of the same stage."""


async def run_plan(
    plan: Plan,
    record: Record,
    engine: Engine,
    store: ImageStore,
    cache: ResultCache,
    state: State,
) -> Result:
    """Do what a request asks, noting its events in ``record``."""
    with store.borrow(record.caller, plan.digests) as images:
        await state.ready()
        entry = await asyncio.to_thread(engine.entry, plan.model)
        job = plan.with_pixels(images)
        computing = await asyncio.to_thread(engine.computing, entry)
        orthogonal = None
        if job.stack is not None and job.stack.orthogonal_model:
            orthogonal = await asyncio.to_thread(engine.entry, job.stack.orthogonal_model)
        key = result_key(job, entry, str(computing), orthogonal)
        outputs = plan.output_keys()
        cached = cache.get(key, outputs)
        if cached is not None:
            record.accept(cached=True)
            return cached
        feed = _Feed(record, volumes=job.stack is not None and job.stack.mode == "volume")
        future = engine.submit(
            lambda: _segment(engine, plan, job, record, feed), job, record.cancel, feed.moved
        )
        record.accept(cached=False)
        feed.open()
        result, usual = await asyncio.wrap_future(future)
        if usual:  # what the key says of the device is true
            cache.put(key, outputs, result)
        return result


def _segment(
    engine: Engine, plan: Plan, job: SegmentationJob, record: Record, feed: _Feed
) -> tuple[Result, bool]:
    completed = engine.segment(job, feed.report, record.cancel)
    started = time.perf_counter()
    outputs = []
    for index, kind in enumerate(plan.outputs):
        record.cancel.check()
        feed.report("outputs", index, len(plan.outputs))
        outputs.append(
            encode_output(
                completed,
                kind,
                job.title,
                zstd=plan.zstd,
                check=record.cancel.check,
                scratch=engine.settings.scratch,
            )
        )
    finished = _finished(completed, time.perf_counter() - started)
    return Result(tuple(outputs), finished), completed.usual


def _finished(completed: CompletedSegmentation, encoding: float) -> _API.SegmentationFinished:
    found, origin = completed.segmentation, completed.provenance
    if isinstance(found, StackSegmentation):
        diameters, medians = found.diameters, found.median_diameters
    else:
        diameters, medians = (found.diameter,), (found.median_diameter,)
    finished = _API.SegmentationFinished(
        objects=found.count,
        diameters=diameters,
        median_diameters=medians,
        model=f"models/{origin.model}",
        model_digest=origin.digest,
        provenance=origin.to_json(),
        notices=completed.notices,
    )
    times: dict[_API.Stage, float] = {}
    for name, seconds in {**found.seconds, "outputs": encoding}.items():
        stage = _STAGES.get(name, _API.STAGE_UNSPECIFIED)
        times[stage] = times.get(stage, 0.0) + seconds
    for stage, seconds in times.items():
        duration = Duration()
        duration.FromNanoseconds(int(seconds * 1e9))
        finished.times.add(stage=stage, duration=duration)
    return finished


class _Feed:
    """Takes progress on the engine's threads and notes it in the record on the event loop."""

    def __init__(self, record: Record, *, volumes: bool) -> None:
        self._record = record
        self._volumes = volumes
        self._loop = asyncio.get_running_loop()
        self._stage = ""
        self._seen: set[str] = set()
        self._last = 0.0
        self._opened = False
        self._position: int | None = None

    def open(self) -> None:
        """Let events through: they come after the acceptance."""
        self._opened = True
        if self._position:
            self._record.progress(_API.STAGE_QUEUED, 0, 1, self._position)

    def moved(self, position: int) -> None:
        """Note how many go first."""
        if position != self._position:
            self._position = position
            if position and self._opened:
                self._send(_API.STAGE_QUEUED, 0, 1, position)

    def report(self, stage: str, done: int, total: int, part: int = 0, parts: int = 0) -> None:
        """Note how far a stage is, not too often."""
        if stage == "masks" and not self._volumes:
            return  # it holds dynamics, flow check and cleaning, which tell for themselves
        now = time.monotonic()
        # The stages of a stack's parts are short and many: they come as often as one stage does.
        new = stage not in self._seen if parts else stage != self._stage or done >= total
        if not new and now - self._last < _INTERVAL:
            return
        self._seen.add(stage)
        self._stage, self._last = stage, now
        self._send(_STAGES.get(stage, _API.STAGE_UNSPECIFIED), done, total, 0, part, parts)

    def _send(
        self,
        stage: _API.Stage,
        done: int,
        total: int,
        position: int,
        part: int = 0,
        parts: int = 0,
    ) -> None:
        self._loop.call_soon_threadsafe(
            self._record.progress, stage, done, total, position, part, parts
        )
