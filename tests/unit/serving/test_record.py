from __future__ import annotations

import asyncio
import gc
import weakref

import numpy as np
import pytest

from cellwire.errors import CancelledError
from cellwire.serving.record import Record
from cellwire.serving.result_cache import Result
from cellwire_api.v1 import segmentation_service_pb2 as api


def record() -> Record:
    return Record("segmentations/a", "", "", b"", detached=False)


def test_a_failure_does_not_hold_the_pixels() -> None:
    async def main() -> None:
        kept = record()

        def work() -> weakref.ref[np.ndarray]:
            pixels = np.zeros(10)
            found.append(weakref.ref(pixels))
            raise CancelledError("It was cancelled.")

        found: list[weakref.ref[np.ndarray]] = []
        try:
            work()
        except CancelledError as error:
            kept.fail(error)
        gc.collect()
        assert found[0]() is None
        for _ in range(2):
            with pytest.raises(CancelledError):
                await anext(kept.follow())

    asyncio.run(main())


def test_events_are_numbered_alike_for_early_and_late_watchers() -> None:
    async def main() -> None:
        live = record()
        live.accept(cached=False)

        async def watch(after: int) -> list[int]:
            return [event.sequence async for event in live.follow(after)]

        early, later = asyncio.create_task(watch(0)), asyncio.create_task(watch(2))
        await asyncio.sleep(0)
        live.progress(api.STAGE_NETWORK, 1, 2, 0)
        await asyncio.sleep(0)
        live.finish(Result((), api.SegmentationFinished(objects=1)))
        live.progress(api.STAGE_NETWORK, 2, 2, 0)
        assert await early == [1, 2, 3]
        assert await later == [3]
        assert await watch(0) == [1, 2, 3]
        assert await watch(3) == []

    asyncio.run(main())
