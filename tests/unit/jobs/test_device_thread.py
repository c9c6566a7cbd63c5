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


def test_errors_come_back_to_who_asked(device) -> None:
    with pytest.raises(ZeroDivisionError):
        device.run(lambda: 1 / 0, CancelToken())
    assert device.run(lambda: 5, CancelToken()) == 5


def test_a_closed_device_takes_nothing() -> None:
    device = DeviceThread()
    device.close()
    with pytest.raises(ShuttingDownError):
        device.run(lambda: None, CancelToken())
