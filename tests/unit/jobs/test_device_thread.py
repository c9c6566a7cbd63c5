from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cellwire.errors import CancelledError, DeadlineError, ShuttingDownError
from cellwire.jobs.cancellation import CancelToken
from cellwire.jobs.device_thread import DeviceThread
from cellwire.jobs.priority import Priority


@pytest.fixture
def device():
    device = DeviceThread()
    yield device
    device.close()


def hold(device: DeviceThread, pool: ThreadPoolExecutor) -> threading.Event:
    """Occupy the device until the event is set."""
    busy, go = threading.Event(), threading.Event()
    pool.submit(device.run, lambda: (busy.set(), go.wait(10)), CancelToken())
    assert busy.wait(5)
    return go


def test_all_work_runs_on_one_thread(device) -> None:
    with ThreadPoolExecutor(4) as pool:
        names = [pool.submit(device.run, threading.get_ident, CancelToken()) for _ in range(20)]
    assert len({name.result() for name in names}) == 1


def test_an_interactive_batch_overtakes_those_that_wait(device) -> None:
    order: list[str] = []
    with ThreadPoolExecutor(4) as pool:
        go = hold(device, pool)
        first = pool.submit(
            device.run, lambda: order.append("batch"), CancelToken(), priority=Priority.BATCH
        )
        while not len(device._heap):
            time.sleep(0.001)
        second = pool.submit(device.run, lambda: order.append("interactive"), CancelToken())
        while len(device._heap) < 2:
            time.sleep(0.001)
        go.set()
        first.result(5)
        second.result(5)
    assert order == ["interactive", "batch"]


def test_a_waiting_batch_is_dropped_when_cancelled(device) -> None:
    ran: list[int] = []
    with ThreadPoolExecutor(2) as pool:
        go = hold(device, pool)
        token = CancelToken()
        waiting = pool.submit(device.run, lambda: ran.append(1), token)
        while not len(device._heap):
            time.sleep(0.001)
        token.cancel()
        with pytest.raises(CancelledError):
            waiting.result(5)
        go.set()
    assert device.run(lambda: list(ran), CancelToken()) == []


def test_a_waiting_batch_ends_at_its_time_limit(device) -> None:
    with ThreadPoolExecutor(1) as pool:
        go = hold(device, pool)
        with pytest.raises(DeadlineError):
            device.run(lambda: None, CancelToken(0.05))
        go.set()


def test_the_time_limit_waits_for_what_runs_without_spinning(device) -> None:
    done: list[int] = []
    before = time.thread_time()
    with pytest.raises(DeadlineError):
        device.run(lambda: (time.sleep(0.4), done.append(1)), CancelToken(0.05))
    assert done == [1]
    assert time.thread_time() - before < 0.2


def test_lanes_work_side_by_side_and_answers_keep_their_order(device) -> None:
    device.widen(3)
    together = threading.Barrier(3, timeout=20)  # breaks unless three are at work at once
    results = device.run_all([lambda i=i: (together.wait(), i)[1] for i in range(3)], CancelToken())
    assert results == [0, 1, 2]


def test_what_was_not_begun_is_dropped_when_cancelled(device) -> None:
    token, begun, go = CancelToken(), threading.Event(), threading.Event()
    ran: list[int] = []

    def first() -> None:
        begun.set()
        go.wait(10)

    works = [first, *(lambda i=i: ran.append(i) for i in range(7))]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(device.run_all, works, token)
        assert begun.wait(5)
        token.cancel()
        go.set()
        with pytest.raises(CancelledError):
            waiting.result(5)
    assert device.run(lambda: list(ran), CancelToken()) == []


def test_one_that_fails_ends_the_others(device) -> None:
    ran: list[int] = []
    with pytest.raises(ZeroDivisionError):
        device.run_all(
            [lambda: 1 / 0, lambda: time.sleep(0.3), lambda: ran.append(1)], CancelToken()
        )
    assert device.run(lambda: list(ran), CancelToken()) == []


def test_errors_come_back_to_who_asked(device) -> None:
    with pytest.raises(ZeroDivisionError):
        device.run(lambda: 1 / 0, CancelToken())
    assert device.run(lambda: 5, CancelToken()) == 5


def test_a_closed_device_takes_nothing() -> None:
    device = DeviceThread()
    device.close()
    with pytest.raises(ShuttingDownError):
        device.run(lambda: None, CancelToken())
