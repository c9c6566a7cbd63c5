from __future__ import annotations

from cellwire.serving.encode import EncodedOutput
from cellwire.serving.result_cache import Result, ResultCache
from cellwire_api.v1 import array_pb2, segmentation_service_pb2


def result(*sizes: int) -> Result:
    outputs = tuple(
        EncodedOutput(
            segmentation_service_pb2.OutputHeader(kind=1),
            (array_pb2.ArrayChunk(data=bytes(size)),),
        )
        for size in sizes
    )
    return Result(outputs, segmentation_service_pb2.SegmentationFinished(objects=1))


def test_outputs_of_one_work_add_up() -> None:
    cache = ResultCache(10_000)
    first, second = result(10), result(20)
    cache.put("w", ["labels"], first)
    assert cache.get("w", ["labels", "rois"]) is None
    cache.put("w", ["rois"], second)
    found = cache.get("w", ["rois", "labels"])
    assert found is not None
    assert found.outputs == (*second.outputs, *first.outputs)
    assert cache.get("other", ["labels"]) is None


def test_the_least_recently_used_leave() -> None:
    cache = ResultCache(2_500)
    for key in "ab":
        cache.put(key, ["labels"], result(1_000))
    cache.get("a", ["labels"])
    cache.put("c", ["labels"], result(1_000))
    assert [cache.get(key, ["labels"]) is not None for key in "abc"] == [True, False, True]
    assert cache.used <= 2_500


def test_what_is_larger_than_all_is_not_kept() -> None:
    cache = ResultCache(500)
    cache.put("a", ["labels"], result(1_000))
    assert cache.get("a", ["labels"]) is None
    assert cache.used == 0
