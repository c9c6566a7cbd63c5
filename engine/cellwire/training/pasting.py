"""Cells of one view pasted beside those of another: crowded fields that were never imaged.

Networks trained on few images merge what touches and overlook what is dim beside something bright;
copy and paste of objects (Ghiasi et al. 2021) makes both common.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from cellwire.segmentation.arrays import BoolArray, FloatArray  # noqa: TC001  of a NamedTuple
from cellwire.segmentation.targets import labels_to_flows
from cellwire.training.augmentation import Seen, border_cells

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray

MOST_PASTED = 14
MARGIN = 3
"""Pixels around a cell that come with it: its light reaches beyond its outline."""
MOST_COVERED = 0.25
"""Share of a cell, pasted or there before, that may be hidden behind another."""
DIMMEST = 0.25
"""Least factor by which a pasted cell's contrast is changed; the greatest is 1.25."""
FAR = 2.5
"""Greatest distance from the cell that it is put beside, in radii of both; 1 = they touch."""


def paste_cells(rng: np.random.Generator, seen: Seen, source: Seen) -> Seen:
    """Paste whole cells of a view beside the cells of another, touching or near.

    Parameters
    ----------
    rng
        Source of chance.
    seen
        The view that gets cells.
    source
        The view that they are taken from, of the same kind of image, as large and with as many
        channels. If its cells are brighter where the other's are darker, nothing is pasted.

    Returns
    -------
    Seen
        A new view. A pasted cell lies in front: those that it partly hides end where it begins, at
        most a quarter of them. Flows are computed anew for cells that came or changed.
    """
    sign = _contrast(source)
    if not sign or sign != _contrast(seen) or len(source.image) != len(seen.image):
        return seen
    grounds = np.array([_ground(channel, source.labels) for channel in source.image], np.float32)
    image, labels = seen.image.copy(), seen.labels.copy()
    candidates = _whole_cells(source.labels)
    areas = np.bincount(labels.ravel())
    left = areas.copy()
    locked = border_cells(labels)
    anchors = np.flatnonzero(areas[1:]) + 1
    changed: set[int] = set()
    rng.shuffle(candidates)
    for number in candidates[: int(rng.integers(1, MOST_PASTED + 1))]:
        patch = _patch(source, grounds, int(number))
        place = _place(rng, labels, patch.cell, int(rng.choice(anchors)))
        if place is None:
            continue
        there = labels[place]
        area = np.count_nonzero(patch.cell)
        hidden = np.bincount(there[patch.cell], minlength=len(areas))
        met = np.flatnonzero(hidden[1:]) + 1
        if (
            hidden[1:].sum() > MOST_COVERED * area
            or (areas[met] - left[met] + hidden[met] > MOST_COVERED * areas[met]).any()
            or locked.intersection(met.tolist())
        ):
            continue
        gain = float(np.exp(rng.uniform(np.log(DIMMEST), np.log(1.25))))
        image[(slice(None), *place)] += gain * patch.light
        left[met] -= hidden[met]
        areas, left = np.append(areas, area), np.append(left, area)
        there[patch.cell] = len(areas) - 1
        changed.update(met.tolist())
        changed.add(len(areas) - 1)
    if not changed:
        return seen
    targets = seen.targets.copy()
    anew = np.isin(labels, list(changed))
    targets[1:, anew] = labels_to_flows(np.where(anew, labels, 0))[:, anew]
    targets[0] = labels > 0
    return Seen(image, targets, seen.weights, labels)


class _Patch(NamedTuple):
    """A cell (h, w) and the light (C, h, w) that it adds to its surroundings."""

    cell: BoolArray
    light: FloatArray


def _patch(source: Seen, grounds: FloatArray, number: int) -> _Patch:
    rows, columns = (
        slice(max(0, int(at.min()) - MARGIN), int(at.max()) + MARGIN + 1)
        for at in np.nonzero(source.labels == number)
    )
    around = source.labels[rows, columns]
    cell = around == number
    soft = cv2.GaussianBlur(
        cv2.dilate(cell.astype(np.float32), np.ones((3, 3), np.uint8)), (0, 0), 1.0
    )
    soft[(around > 0) & ~cell] = 0.0
    image = source.image[:, rows, columns]
    return _Patch(cell, (image - grounds[:, None, None]) * soft)


def _place(
    rng: np.random.Generator, labels: AnyArray, cell: BoolArray, anchor: int
) -> tuple[slice, slice] | None:
    """Choose where the corner of a cell's box goes, beside the anchor; ``None`` = outside."""
    ys, xs = np.nonzero(labels == anchor)
    if not len(ys):
        return None
    radius = np.sqrt(len(ys) / np.pi) + np.sqrt(np.count_nonzero(cell) / np.pi)
    distance = radius * (rng.uniform(0.8, 1.1) if rng.random() < 0.6 else rng.uniform(1.1, FAR))
    angle = rng.uniform(0.0, 2.0 * np.pi)
    height, width = cell.shape
    y = round(float(ys.mean() + distance * np.sin(angle) - height / 2.0))
    x = round(float(xs.mean() + distance * np.cos(angle) - width / 2.0))
    if y < 0 or x < 0 or y + height > labels.shape[0] or x + width > labels.shape[1]:
        return None
    return slice(y, y + height), slice(x, x + width)


def _contrast(seen: Seen) -> int:
    """Give 1 if the cells are brighter than their ground, -1 if darker, 0 if there are none."""
    inside = seen.labels > 0
    if not inside.any() or inside.all():
        return 0
    segmented = seen.image[0]
    return int(np.sign(np.median(segmented[inside]) - _ground(segmented, seen.labels)))


def _ground(channel: FloatArray, labels: AnyArray) -> float:
    # What lies outside of the image is exactly 0.
    outside = channel[(labels == 0) & (channel != 0.0)]
    return float(np.median(outside)) if outside.size else 0.0


def _whole_cells(labels: AnyArray) -> AnyArray:
    found = set(np.unique(labels).tolist()) - {0} - border_cells(labels)
    return np.array(sorted(found), np.int64)
