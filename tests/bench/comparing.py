"""Whether the answers of both sides agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.work import Agreement, Answer


def pixels_apart(labels: np.ndarray, reference: np.ndarray) -> int:
    """Count pixels that belong to another cell, whatever the numbers of the cells.

    Every object of `labels` stands for the object of the reference that it shares most pixels with,
    and no two for the same one; ground stands for ground.
    """
    pairs = labels.astype(np.uint64) << np.uint64(32) | reference.astype(np.uint64)
    found, counts = np.unique(pairs, return_counts=True)
    mine, theirs = found >> np.uint64(32), found & np.uint64(2**32 - 1)
    equal = int(counts[(mine == 0) & (theirs == 0)].sum())
    taken: set[int] = {0}
    matched: set[int] = {0}
    for index in np.argsort(-counts, kind="stable"):
        a, b = int(mine[index]), int(theirs[index])
        if a not in matched and b not in taken:
            matched.add(a)
            taken.add(b)
            equal += int(counts[index])
    return labels.size - equal


def labels_agree(
    ours: Answer, peer: Answer, apart: float, least_ap: float, iou: float = 0.9
) -> Agreement:
    """Compare label images, pixel by pixel and by average precision.

    Parameters
    ----------
    ours, peer
        Label images by name.
    apart
        Greatest share of pixels that may belong to another cell.
    least_ap
        Least average precision of an image, the peer's labels being the truth.
    iou
        Overlap at which a cell counts as found.
    """
    from cellwire.evaluation.matching import average_precision

    names = sorted(peer)
    pixels = sum(pixels_apart(ours[name], peer[name]) for name in names)
    total = sum(peer[name].size for name in names)
    scores = [average_precision([peer[name]], [ours[name]], [iou])[0] for name in names]
    worst, cells = float(np.min(scores)), sum(int(peer[name].max()) for name in names)
    met = cells > 0 and pixels <= apart * total and worst >= least_ap
    return met, f"{cells:,} cells, {pixels:,} px apart, AP@{iou:g} {worst:.4f}"


def values_agree(ours: Answer, peer: Answer, tolerance: float) -> Agreement:
    """Compare numbers; the tolerance is relative to the greatest of an array."""
    worst = max(
        float(np.abs(ours[name] - peer[name]).max() / np.abs(peer[name]).max()) for name in peer
    )
    return worst <= tolerance, f"relative error {worst:.1e}"


def exactly(_: Path, ours: Answer, peer: Answer) -> Agreement:
    """Every pixel belongs to the same cell."""
    return labels_agree(ours, peer, apart=0, least_ap=1)


def nearly(_: Path, ours: Answer, peer: Answer) -> Agreement:
    """99.99 % of the pixels belong to the same cell, and each cell is found."""
    return labels_agree(ours, peer, apart=1e-4, least_ap=1)


def as_in_half_precision(_: Path, ours: Answer, peer: Answer) -> Agreement:
    """Nearly all pixels belong to the same cell; the network's numbers have 8 bits."""
    return labels_agree(ours, peer, apart=2e-3, least_ap=0.98, iou=0.75)
