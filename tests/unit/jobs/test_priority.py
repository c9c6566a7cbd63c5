from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cellwire.jobs.priority import FairHeap, Priority


def drained(heap: FairHeap[str]) -> list[str]:
    return [heap.pop() for _ in range(len(heap))]


def test_interactive_goes_before_batch() -> None:
    heap: FairHeap[str] = FairHeap()
    heap.push("b", "x", Priority.BATCH)
    heap.push("i", "x", Priority.INTERACTIVE)
    assert drained(heap) == ["i", "b"]


def test_callers_take_turns() -> None:
    heap: FairHeap[str] = FairHeap()
    for name in ("a1", "a2", "a3"):
        heap.push(name, "ada", Priority.INTERACTIVE)
    heap.push("b1", "ben", Priority.INTERACTIVE)
    assert drained(heap) == ["a1", "b1", "a2", "a3"]


def test_batch_work_does_not_starve() -> None:
    heap: FairHeap[str] = FairHeap(patience=-1.0)
    heap.push("i", "x", Priority.INTERACTIVE)
    heap.push("b", "x", Priority.BATCH)
    assert drained(heap) == ["b", "i"]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(Priority)), st.floats(0.1, 9))),
    st.data(),
)
def test_every_item_comes_out_once_and_callers_in_order(items, data) -> None:
    heap: FairHeap[tuple[int, str, Priority]] = FairHeap()
    pushed = []
    for index, (caller, priority, cost) in enumerate(items):
        pushed.append((index, caller, priority))
        heap.push(pushed[-1], caller, priority, cost)
    if pushed:
        gone = data.draw(st.sampled_from(pushed))
        assert heap.remove(gone)
        assert not heap.remove(gone)
        pushed.remove(gone)
    order = [heap.pop() for _ in range(len(heap))]
    assert sorted(order) == pushed
    for caller in "abc":
        for priority in Priority:
            own = [item[0] for item in order if item[1:] == (caller, priority)]
            assert own == sorted(own)
