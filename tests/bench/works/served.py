"""Images by way of a real engine on loopback: ten against the peer, one against no engine."""

from __future__ import annotations

import contextlib
import itertools
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench import offered
from tests.bench.comparing import exactly, nearly
from tests.bench.work import Work
from tests.bench.works.images import by_name, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bench.work import Answer

AT_ONCE = 4
GIVEN: dict[str, Any] = {"cellprob_threshold": 0.0}
"""Cellpose's own, whatever the model's card says."""


@contextlib.contextmanager
def engine(folder: Path, _: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Segment by the Python client, four images at a time.

    One pixel of each image changes from run to run, so that nothing is uploaded or known before.
    """
    from cellwire_client import connect
    from tests.engine_process import EngineProcess, serve_command

    images = np.load(folder / "images.npy")[..., 0]
    with (
        EngineProcess(
            serve_command(sys.executable, folder / "engine"), folder / "engine"
        ) as served,
        connect(served.address) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        count = itertools.count()

        def segment(image: np.ndarray) -> np.ndarray:
            found = client.segment(
                image, offered.MODEL, diameter=offered.diameter(), outputs=["labels"], **GIVEN
            )
            return np.asarray(found.labels)

        def run() -> Answer:
            images[:, 0, 0] = next(count)
            return by_name(list(pool.map(segment, images)))

        run()
        yield run


@contextlib.contextmanager
def in_process(folder: Path, _: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Segment as ``cellwire segment`` does, without an engine beside."""
    from cellwire.jobs.engine import Engine
    from cellwire.jobs.job import ChannelInput, Diameter, SegmentationJob
    from cellwire.jobs.settings import EngineSettings

    images = np.load(folder / "images.npy")[..., 0]
    segmenter, count = Engine(EngineSettings(threads=1)), itertools.count()

    def segment(image: np.ndarray) -> np.ndarray:
        job = SegmentationJob(
            offered.MODEL,
            (ChannelInput(image),),
            diameter=Diameter(offered.diameter()),
            given=GIVEN,
        )
        return segmenter.segment(job).segmentation.labels

    def run() -> Answer:
        images[:, 0, 0] = next(count)
        return by_name([segment(image) for image in images])

    run()
    yield run
    segmenter.close()


WORKS = (
    Work(
        "ten 512² images through the engine, fp32", 2.8, 3.5, prepare(512, 10),
        ours=f"{__name__}:engine", peer="tests.bench.works.images:peer", agree=nearly,
    ),
    Work(
        "one 1024² image by the engine on loopback, against our own without", 1 / 1.03, 1 / 1.01,
        prepare(1024), ours=f"{__name__}:engine", peer=f"{__name__}:in_process", agree=exactly,
        least_rounds=49,
    ),
)  # fmt: skip
