from __future__ import annotations

import threading

import pytest

from cellwire.errors import CancelledError, QueueFullError, ShuttingDownError
from cellwire.jobs.cancellation import CancelToken
from cellwire.jobs.priority import Priority
from cellwire.jobs.work_queue import WorkQueue


def submit(queue, work, token=None, moved=lambda n: None, priority=Priority.INTERACTIVE):
    return queue.submit(work, token or CancelToken(), moved, caller="x", priority=priority)


def test_positions_go_down_to_zero() -> None:
    queue, go, positions = WorkQueue(1, 8), threading.Event(), []
    first = submit(queue, go.wait)
    while queue._running < 1:
        pass
    second = submit(queue, go.wait)
    third = submit(queue, lambda: 3, moved=positions.append)
    go.set()
    assert third.result(5) == 3
    assert first.result(5)
    assert second.result(5)
    assert positions[0] == 2
    assert positions[-1] == 0
    assert positions == sorted(positions, reverse=True)
    queue.close()


def test_a_full_queue_refuses_with_a_time_to_come_back() -> None:
    queue, go = WorkQueue(1, 2), threading.Event()
    futures = [submit(queue, go.wait) for _ in range(3)]
    with pytest.raises(QueueFullError, match="limit is 2") as caught:
        submit(queue, go.wait)
    assert caught.value.retry_after >= 1
    go.set()
    assert all(future.result(5) for future in futures)
    queue.close()


def test_a_waiting_job_is_dropped_when_cancelled() -> None:
    queue, go, token = WorkQueue(1, 8), threading.Event(), CancelToken()
    first = submit(queue, go.wait)
    while queue._running < 1:
        pass
    second = submit(queue, lambda: 1, token)
    token.cancel()
    with pytest.raises(CancelledError):
        second.result(5)
    assert queue.active == 1
    go.set()
    first.result(5)
    queue.close()


def test_batch_jobs_leave_a_thread_free() -> None:
    queue, go = WorkQueue(2, 8), threading.Event()
    slow = [submit(queue, go.wait, priority=Priority.BATCH) for _ in range(2)]
    assert submit(queue, lambda: "at once").result(5) == "at once"
    go.set()
    assert all(future.result(5) for future in slow)
    queue.close()


def test_closing_drops_what_waits() -> None:
    queue, go = WorkQueue(1, 8), threading.Event()
    first = submit(queue, go.wait)
    while queue._running < 1:
        pass
    second = submit(queue, lambda: 1)
    closer = threading.Thread(target=queue.close)
    closer.start()
    with pytest.raises(ShuttingDownError):
        second.result(5)
    go.set()
    closer.join(5)
    assert first.result(5)
    with pytest.raises(ShuttingDownError):
        submit(queue, lambda: 1)
