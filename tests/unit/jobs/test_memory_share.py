from __future__ import annotations

import threading

import pytest

from cellwire.errors import CancelledError
from cellwire.jobs.memory_share import MemoryShare


def quiet(*_: object) -> None: ...


def test_stacks_wait_until_they_fit_together() -> None:
    share, waits, order = MemoryShare(), threading.Event(), []

    def waiting(stage: str, *_: object) -> None:
        assert stage == "waiting for memory"
        waits.set()

    def second() -> None:
        with share.held(60, 100, waiting):
            order.append("second")

    with share.held(40, 100, quiet), share.held(60, 100, quiet):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(20)
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]


def test_one_alone_need_not_fit_and_nothing_is_counted_without_a_budget() -> None:
    share = MemoryShare()
    with share.held(10**12, 100, quiet), share.held(10**12, None, quiet):
        pass


def test_waiting_can_be_cancelled_and_leaves_nothing_behind() -> None:
    share = MemoryShare()

    def stop(*_: object) -> None:
        raise CancelledError("Stopped.")

    with share.held(80, 100, quiet):
        with pytest.raises(CancelledError), share.held(80, 100, stop):
            pass
        with share.held(20, 100, stop):
            pass
    with share.held(100, 100, stop):
        pass
