from __future__ import annotations

import pytest

from cellwire.errors import CancelledError, DeadlineError, ShuttingDownError
from cellwire.jobs.cancellation import CancelToken


def test_it_passes_until_it_is_cancelled() -> None:
    token = CancelToken()
    token.check()
    assert not token.stopped
    token.cancel()
    token.cancel()
    assert token.stopped
    with pytest.raises(CancelledError):
        token.check()


def test_callbacks_are_called_once_or_at_once() -> None:
    token, called = CancelToken(), []
    first, second = (lambda: called.append(1)), (lambda: called.append(2))
    token.on_cancel(first)
    token.on_cancel(second)
    token.forget(second)
    token.cancel()
    token.cancel()
    assert called == [1]
    token.on_cancel(second)
    assert called == [1, 2]


def test_the_time_limit_is_named() -> None:
    token = CancelToken(0.0)
    assert token.remaining == 0.0
    with pytest.raises(DeadlineError, match="0 seconds"):
        token.check()


def test_another_reason_is_raised_instead() -> None:
    token = CancelToken()
    token.cancel(ShuttingDownError("The engine stops."))
    token.cancel()
    with pytest.raises(ShuttingDownError):
        token.check()
