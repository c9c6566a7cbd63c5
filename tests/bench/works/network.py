"""The network alone: one batch of eight tiles of 224²."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench import offered
from tests.bench.comparing import values_agree
from tests.bench.work import GFLOP_PER_TILE, Prepared, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bench.work import Agreement, Answer

TILES = 8
FP32_TOLERANCE, BF16_TOLERANCE = 1e-4, 5e-2


def prepare(precision: str) -> Callable[[Path, bool], Prepared]:
    """Give what writes a batch; a small one has two tiles."""

    def write(folder: Path, small: bool) -> Prepared:
        from tests.bench.fields import nuclei_field

        tiles = 2 if small else TILES
        batch = np.zeros((tiles, 2, 224, 224), np.float32)
        for number in range(tiles):
            image = nuclei_field(224, number)[0].astype(np.float32)
            batch[number, 0] = image / np.percentile(image, 99)
        np.save(folder / "tiles.npy", batch)
        return Prepared({"precision": precision}, tiles * GFLOP_PER_TILE)

    return write


@contextlib.contextmanager
def ours(folder: Path, options: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Run our network."""
    network = offered.network("cpu", options["precision"])
    tiles = np.load(folder / "tiles.npy")

    def run() -> Answer:
        y, style = network(tiles)
        return {"y": y, "style": style}

    run()
    yield run


@contextlib.contextmanager
def peer(folder: Path, options: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Run Cellpose's, as `cellpose.core` does for each batch."""
    import torch
    from cellpose import core, models

    model = models.CellposeModel(
        gpu=False, pretrained_model=options["checkpoint"], device=torch.device("cpu")
    )
    tiles = np.load(folder / "tiles.npy")

    def run() -> Answer:
        y, style = core._forward(model.net, tiles)
        return {"y": y, "style": style}

    run()
    yield run


def in_fp32(_: Path, ours: Answer, peer: Answer) -> Agreement:
    """Differ by rounding alone."""
    return values_agree(ours, peer, FP32_TOLERANCE)


def in_bf16(_: Path, ours: Answer, peer: Answer) -> Agreement:
    """Differ by what eight bits of a number leave."""
    return values_agree(ours, peer, BF16_TOLERANCE)


SIDES = {"ours": f"{__name__}:ours", "peer": f"{__name__}:peer"}
WORKS = (
    Work("network, 8 tiles of 224², fp32", 2.6, 3.0, prepare("fp32"), agree=in_fp32, **SIDES),
    Work(
        "network, 8 tiles of 224², bf16", 4.5, 6.0, prepare("bf16"), agree=in_bf16,
        precision="bf16", missing=offered.no_bf16, **SIDES,
    ),
)  # fmt: skip
