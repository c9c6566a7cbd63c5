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
    size_digest: str = ""
    name: str = ""


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
    assert len(found) == 8
    assert models.holds(Entry("a"))


def test_two_names_of_the_same_files_share_a_network_and_keep_their_cards() -> None:
    network = object()
    loads = []

    def load(entry):
        loads.append(entry)
        return ResidentModel(entry, network, None, 1)

    models = ResidentModels(load, 10)
    first, second = models.get(Entry("a", name="one")), models.get(Entry("a", name="two"))
    assert first.network is second.network
    assert (first.entry.name, second.entry.name) == ("one", "two")
    models.get(Entry("a", "size", "three"))
    assert len(loads) == 2, "another size model is another model"


def test_the_least_recently_used_leaves() -> None:
    models = ResidentModels(lambda entry: ResidentModel(entry, None, None, 4), 10)
    for digest in "abac":
        models.get(Entry(digest))
    assert [models.holds(Entry(digest)) for digest in "abc"] == [True, False, True]


def test_one_model_may_stay_however_large() -> None:
    models = ResidentModels(lambda entry: ResidentModel(entry, None, None, 99), 10)
    models.get(Entry("a"))
    assert models.holds(Entry("a"))
    models.get(Entry("b"))
    assert not models.holds(Entry("a"))
    assert models.holds(Entry("b"))


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
    assert not models.holds(Entry("a"))
    assert models.get(Entry("a")).nbytes == 1
