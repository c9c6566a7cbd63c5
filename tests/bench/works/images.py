"""Whole images, from pixels to labels, in this process; on the processor or a GPU."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench import offered
from tests.bench.comparing import as_in_half_precision, nearly, pixels_apart
from tests.bench.work import GFLOP_PER_TILE, Prepared, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bench.work import Agreement, Answer

PITCH = {512: 64, 1024: 60, 2048: 60, 4096: 58}
"""Distance of the cells in pixels: 64, 289, 1,156 and 4,900 cells."""
SMALL = 256
ON_GPU = 1e-3
"""Share of the pixels that may belong to another cell than on the processor in fp32."""


def prepare(
    side: int, count: int = 1, channels: int = 1, precision: str = "fp32", device: str = "cpu"
) -> Callable[[Path, bool], Prepared]:
    """Give what writes images (N, Y, X, C); small ones are two at most, of 256²."""

    def write(folder: Path, small: bool) -> Prepared:
        length, number = (SMALL, min(count, 2)) if small else (side, count)
        model = offered.FOR_TWO_CHANNELS if channels == 2 else offered.MODEL
        images = [_image(length, n, PITCH[side], channels, model) for n in range(number)]
        np.save(folder / "images.npy", np.stack(images))
        options = {"precision": precision, "device": device, "model": model}
        return Prepared(options, number * tiles_of(length) * GFLOP_PER_TILE)

    return write


def _image(side: int, seed: int, pitch: int, channels: int, model: str) -> np.ndarray:
    """Draw (Y, X, C): cells, and where there is a second channel nuclei in the midst of them."""
    from tests.bench.fields import nuclei_field

    shares = (1.0, 0.5)[:channels]
    fields = [nuclei_field(side, seed, pitch, offered.radii(model, each))[0] for each in shares]
    return np.stack(fields, axis=-1)


def tiles_of(side: int) -> int:
    """Count the tiles of an image that is not resized."""
    from cellwire.segmentation.resize import padding
    from cellwire.segmentation.tiles import grid_of

    length = side + sum(padding(side))
    return len(grid_of((length, length)))


def by_name(labels: list[np.ndarray]) -> Answer:
    """Name the label images of a run."""
    return {f"labels_{number}": np.asarray(each) for number, each in enumerate(labels)}


@contextlib.contextmanager
def ours(folder: Path, options: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Segment with Cellwire; a GPU's labels come with those of the processor for the first."""
    from cellwire.segmentation.pipeline import segment_plane

    images, model = np.load(folder / "images.npy"), options["model"]
    parameters = offered.parameters(model=model)
    network = offered.network(options["device"], options["precision"], model)
    beside: Answer = {}
    if options["device"] != "cpu":
        processor = offered.network("cpu", model=model)
        beside["processor"] = segment_plane(images[0], parameters, processor).labels

    def run() -> Answer:
        return beside | by_name(
            [segment_plane(image, parameters, network).labels for image in images]
        )

    for side in (128, min(448, images.shape[1])):  # one tile; a full batch and one more
        segment_plane(np.ascontiguousarray(images[0, :side, :side]), parameters, network)
    yield run


@contextlib.contextmanager
def peer(folder: Path, options: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Segment with Cellpose."""
    import torch
    from cellpose import models

    images, gpu = np.load(folder / "images.npy"), options["device"] != "cpu"
    model = models.CellposeModel(
        gpu=gpu, pretrained_model=options["checkpoint"], device=torch.device(options["device"])
    )
    told = {
        "channels": [1, 2] if images.shape[-1] == 2 else [0, 0],
        "channel_axis": -1,
        "diameter": offered.diameter(options["model"]),
    }

    def run() -> Answer:
        return by_name(model.eval(list(images), **told)[0])

    for side in (128, min(448, images.shape[1])):
        model.eval(np.ascontiguousarray(images[0, :side, :side]), **told)
    yield run


def on_gpu(folder: Path, ours: Answer, peer: Answer) -> Agreement:
    """Nearly as the peer on the same device, and as our own on the processor in fp32."""
    met, text = as_in_half_precision(folder, ours, peer)
    first, processor = ours["labels_0"], ours["processor"]
    apart = pixels_apart(first, processor)
    return met and apart <= ON_GPU * first.size, f"{text}; {apart:,} px apart from the processor"


SIDES = {"ours": f"{__name__}:ours", "peer": f"{__name__}:peer"}
WORKS = (
    Work("one 1024² image, whole, fp32", 2.5, 3.2, prepare(1024), agree=nearly, **SIDES),
    Work(
        "one 1024² image, whole, bf16", 4.2, 6.0, prepare(1024, precision="bf16"),
        agree=as_in_half_precision, precision="bf16", missing=offered.no_bf16, **SIDES,
    ),
    Work(
        "one 4096² image of two channels, whole, fp32", 2.5, 3.2, prepare(4096, channels=2),
        agree=nearly, memory=(1 / 0.55, 1 / 0.35), most_rounds=1, **SIDES,
    ),
    *(
        Work(
            f"on a GPU: {name}", 1.0, 2.0,
            prepare(side, count, precision="bf16", device="cuda"), agree=on_gpu,
            device="cuda", precision="bf16", missing=offered.no_gpu, **SIDES,
        )
        for name, side, count in (
            ("one 512² image", 512, 1),
            ("one 2048² image", 2048, 1),
            ("sixteen 512² images", 512, 16),
        )
    ),
)  # fmt: skip
