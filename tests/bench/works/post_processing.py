"""What comes after the network: from flows to labels; and back, as training needs it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench import offered
from tests.bench.comparing import exactly, nearly
from tests.bench.work import Prepared, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bench.work import Agreement, Answer

NITER = 200
EARLY_EXIT = 1e-3
"""Pixels that move less in a step have arrived."""
RADII = (12, 18)
SMALL = 256
FIELDS = {
    "1024², 289 cells": (1024, 60, 12.0, 18.0),
    "1024², 1,156 cells, crowded": (1024, 30, 12.0, 18.0),
    "4096², 4,900 cells": (4096, 58, 16.0, 25.0),
}
"""Side and distance of the cells in pixels; floors of the ratio, exact and with early exit."""


def prepare(
    side: int, pitch: int, early_exit: float = 0.0, device: str = "cpu"
) -> Callable[[Path, bool], Prepared]:
    """Give what writes labels (Y, X) and the answer (3, Y, X) of a network that has noise.

    The device is the peer's; ours are always found on the processor.
    """

    def write(folder: Path, small: bool) -> Prepared:
        from tests.bench.fields import noisy_flows, nuclei_field

        labels = nuclei_field(SMALL if small else side, 1, pitch, RADII)[1]
        flows, cellprob = noisy_flows(labels, 2)
        np.save(folder / "answer.npy", np.concatenate([flows, cellprob[None]]))
        np.save(folder / "labels.npy", labels)
        return Prepared({"early_exit": early_exit, "device": device})

    return write


@contextlib.contextmanager
def ours(folder: Path, options: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Find the labels with Cellwire."""
    from cellwire.segmentation.postprocess import masks_from_flows

    answer, parameters = np.load(folder / "answer.npy"), offered.parameters(options["early_exit"])
    masks_from_flows(np.ascontiguousarray(answer[:, :128, :128]), parameters, NITER)
    yield lambda: {"labels": masks_from_flows(answer, parameters, NITER).labels}


@contextlib.contextmanager
def peer(folder: Path, options: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Find them with Cellpose."""
    import torch
    from cellpose.dynamics import resize_and_compute_masks

    answer, device = np.load(folder / "answer.npy"), torch.device(options["device"])

    def run(answer: np.ndarray) -> Answer:
        labels = resize_and_compute_masks(answer[:2], answer[2], niter=NITER, device=device)
        return {"labels": np.asarray(labels)}

    run(np.ascontiguousarray(answer[:, :128, :128]))
    yield lambda: run(answer)


@contextlib.contextmanager
def our_flows(folder: Path, _: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Make flows from labels with Cellwire."""
    from cellwire.segmentation.targets import labels_to_flows

    labels = np.load(folder / "labels.npy")
    labels_to_flows(labels[:128, :128])
    yield lambda: {"flows": labels_to_flows(labels)}


@contextlib.contextmanager
def peer_flows(folder: Path, _: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Make them with Cellpose."""
    from cellpose.dynamics import masks_to_flows_cpu

    labels = np.load(folder / "labels.npy")
    masks_to_flows_cpu(labels[:128, :128])
    yield lambda: {"flows": masks_to_flows_cpu(labels)[0]}


def flows_agree(folder: Path, ours: Answer, peer: Answer) -> Agreement:
    """Differ in one pixel of a cell at most: at the centre of a symmetric one it is 0 by 0."""
    labels = np.load(folder / "labels.npy")
    apart = np.abs(ours["flows"] - peer["flows"]).max(axis=0) > 1e-6
    worst = int(np.bincount(labels[apart], minlength=1).max(initial=0))
    return worst <= 1, f"{int(apart.sum()):,} px apart"


SIDES = {"ours": f"{__name__}:ours", "peer": f"{__name__}:peer"}
WORKS = (
    *(
        Work(
            f"post-processing, exact, {name}", floor, 30.0 if side > 1024 else 25.0,
            prepare(side, pitch), agree=exactly, **SIDES,
        )
        for name, (side, pitch, floor, _) in FIELDS.items()
    ),
    *(
        Work(
            f"post-processing, early exit, {name}", floor, 40.0, prepare(side, pitch, EARLY_EXIT),
            agree=nearly, **SIDES,
        )
        for name, (side, pitch, _, floor) in FIELDS.items()
    ),
    *(
        Work(
            f"on a GPU: the peer's post-processing there, ours beside it, {name}", 1.0, 2.0,
            prepare(side, pitch, device="cuda"), agree=nearly, device="cuda",
            missing=offered.no_gpu, **SIDES,
        )
        for name, (side, pitch, _, _) in FIELDS.items()
    ),
    Work(
        "labels → flows, 4096², 4,900 cells", 25.0, 50.0, prepare(4096, 58), agree=flows_agree,
        ours=f"{__name__}:our_flows", peer=f"{__name__}:peer_flows",
    ),
)  # fmt: skip
