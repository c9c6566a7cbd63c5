from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from cellwire.jobs.models import ResidentModel, ResidentModels


@dataclass(frozen=True)
class Entry:
    digest: str


def test_many_callers_load_once() -> None:
    loads = []

    def load(entry):
        loads.append(entry.digest)
        time.sleep(0.05)
        return ResidentModel(entry, None, None, 1)

    models = ResidentModels(load, 10)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(models.get, [Entry("a")] * 8))
    assert loads == ["a"]
    assert len({id(model) for model in found}) == 1
    assert models.holds("a")


def test_the_least_recently_used_leaves() -> None:
    models = ResidentModels(lambda entry: ResidentModel(entry, None, None, 4), 10)
    for digest in "abac":
        models.get(Entry(digest))
    assert [models.holds(digest) for digest in "abc"] == [True, False, True]


def test_one_model_may_stay_however_large() -> None:
    models = ResidentModels(lambda entry: ResidentModel(entry, None, None, 99), 10)
    models.get(Entry("a"))
    assert models.holds("a")
    models.get(Entry("b"))
    assert not models.holds("a")
    assert models.holds("b")


def test_a_failed_load_is_tried_again() -> None:
    tries = []

    def load(entry):
        tries.append(threading.get_ident())
        if len(tries) == 1:
            raise OSError("no disk")
        return ResidentModel(entry, None, None, 1)

    models = ResidentModels(load, 10)
    with pytest.raises(OSError, match="no disk"):
        models.get(Entry("a"))
    assert not models.holds("a")
    assert models.get(Entry("a")).nbytes == 1
