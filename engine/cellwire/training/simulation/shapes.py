"""Outlines of cells as radii over angles, and how cells share the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from scipy import ndimage

from cellwire.training.simulation.textures import noise

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.training.simulation.scene import Labels, Rng

ANGLES = 180
"""Directions for which a radius is kept."""

LEAST_PIXELS = 15
LEAST_SEEN = 0.15
THETA = np.linspace(0.0, 2.0 * np.pi, ANGLES, endpoint=False)


def wavy(rng: Rng, count: int, amplitude: float, fall: float = 1.0, highest: int = 9) -> FloatArray:
    """Draw round outlines with waves of the orders 2 to ``highest``, as (count, ANGLES) about 1."""
    orders = np.arange(2, highest + 1)
    size = amplitude / (orders - 1.0) ** fall
    a, b = rng.normal(0, 1, (2, count, len(orders))) * size
    table = 1.0 + a @ np.cos(np.outer(orders, THETA)) + b @ np.sin(np.outer(orders, THETA))
    return _unit_area(np.clip(table, 0.25, None))


def oval(rng: Rng, count: int, low: float, high: float, power: float = 2.0) -> FloatArray:
    """Draw superellipses along X, length ÷ width ``low`` to ``high``; power 2 = ellipse."""
    ratio = np.sqrt(rng.uniform(low, high, count))[:, None]
    table = (np.abs(np.cos(THETA) / ratio) ** power + np.abs(np.sin(THETA) * ratio) ** power) ** (
        -1.0 / power
    )
    return _unit_area(table)


def spread_out(rng: Rng, count: int, fewest: int = 2, most: int = 4) -> FloatArray:
    """Draw spread cells: corners pulled out, some far, and edges between them curved inwards."""
    tables = np.empty((count, ANGLES))
    pull = rng.uniform(0.12, 0.4)
    for index in range(count):
        corners = int(rng.integers(fewest, most + 1))
        at = (np.arange(corners) + rng.uniform(-0.36, 0.36, corners)) / corners * 2 * np.pi
        lengths = np.exp(rng.normal(0.25, pull, corners)) * (1.35 if corners <= 2 else 1.0)
        at = np.concatenate([at, at[:1] + 2 * np.pi])
        lengths = np.concatenate([lengths, lengths[:1]])
        theta = np.mod(THETA - at[0], 2 * np.pi) + at[0]
        section = np.clip(np.searchsorted(at, theta, side="right") - 1, 0, corners - 1)
        share = (theta - at[section]) / (at[section + 1] - at[section])
        reach = lengths[section] * (1 - share) + lengths[section + 1] * share
        waists = rng.uniform(0.45, 0.95, corners)
        waist = np.minimum(waists[section], reach)
        sharp = rng.uniform(1.2, 3.5)
        tables[index] = waist + (reach - waist) * np.abs(2 * share - 1) ** sharp
    smooth = ndimage.gaussian_filter1d(tables, rng.uniform(1.5, 4.0), axis=1, mode="wrap")
    return _unit_area(smooth)


def _unit_area(table: AnyArray) -> FloatArray:
    return np.asarray(table / np.sqrt((table**2).mean(axis=1, keepdims=True)), np.float32)


def warping(rng: Rng, side: int, coarse: float, amount: float, ruffle: float = 0.0) -> FloatArray:
    """Make a smooth displacement (2, side, side) in pixels, with ruffles of a few pixels on top."""
    made = [
        amount * noise(rng, side, coarse, coarse * 0.35, 3.0)
        + (ruffle * noise(rng, side, 9.0, 2.5, 2.0) if ruffle else 0.0)
        for _ in range(2)
    ]
    return np.asarray(np.stack(made), np.float32)


def paint(
    side: int,
    centres: FloatArray,
    radii: FloatArray,
    tables: FloatArray,
    angles: FloatArray,
    warp: FloatArray | None = None,
    *,
    covering: bool = False,
    slack: float = 0.0,
) -> tuple[Labels, FloatArray]:
    """Give every pixel to a cell.

    Parameters
    ----------
    centres, radii, tables, angles
        Of N cells, see `outlines`.
    warp
        (2, Y, X) displacement of the plane.
    covering
        Later cells lie over earlier ones; else a border runs in the middle of an overlap.
    slack
        Pixels by which cells reach beyond their outline where nobody else is nearer.

    Returns
    -------
    tuple
        Labels (Y, X), cell ``n`` has the label ``n + 1``, and the area (N,) that each would have
        alone.
    """
    labels = np.zeros((side, side), np.int32)
    nearest = np.full((side, side), np.inf, np.float32)
    rows, columns = np.indices((side, side), dtype=np.float32)
    if warp is not None:
        rows, columns = rows + warp[0], columns + warp[1]
    extra = 3 + slack + (float(np.abs(warp).max()) if warp is not None else 0.0)
    areas = np.zeros(len(radii), np.float32)
    for index, (centre, radius) in enumerate(zip(centres, radii, strict=True)):
        table = tables[index] * radius
        reach = float(table.max()) + extra
        top, left = (int(max(0, np.floor(c - reach))) for c in centre)
        bottom, right = (int(min(side, np.ceil(c + reach) + 1)) for c in centre)
        if top >= bottom or left >= right:
            continue
        window = np.s_[top:bottom, left:right]
        dy, dx = rows[window] - centre[0], columns[window] - centre[1]
        turn = (np.arctan2(dy, dx) - angles[index]) * (ANGLES / (2 * np.pi))
        beyond = np.hypot(dy, dx) - table[turn.astype(np.int32) % ANGLES]
        own = beyond < slack
        areas[index] = np.count_nonzero(own)
        if not covering:
            own &= beyond < nearest[window]
        nearest[window][own] = beyond[own]
        labels[window][own] = index + 1
    return labels, areas


def settle(labels: Labels, areas: FloatArray | None = None, fill: bool = False) -> Labels:
    """Keep of each cell its largest part, if enough of it is seen; number the rest from 1.

    Parameters
    ----------
    labels
        (Y, X), cell n has the label n + 1.
    areas
        (N,) full areas of the cells, to judge how much is hidden.
    fill
        Give what was taken away to the nearest cell instead of the background.

    Returns
    -------
    Labels
        With the same numbers as before, so that the cells' parameters still fit; use `renumber`.
    """
    kept = labels.copy()
    boxes: list[Any] = ndimage.find_objects(labels)
    for index, box in enumerate(boxes):
        if box is None:
            continue
        own = labels[box] == index + 1
        count, parts, stats, _ = cv2.connectedComponentsWithStats(
            own.astype(np.uint8), connectivity=4
        )
        sizes = stats[1:, cv2.CC_STAT_AREA]
        largest = int(sizes.argmax()) + 1 if count > 1 else 0
        least = float(LEAST_PIXELS)
        if areas is not None:
            least = max(least, LEAST_SEEN * float(areas[index]))
        if not largest or sizes[largest - 1] < least:
            kept[box][own] = 0
        elif count > 2:
            kept[box][own & (parts != largest)] = 0
    if fill and kept.any():
        holes = (kept == 0) & (labels > 0)
        if holes.any():
            near = ndimage.distance_transform_edt(
                kept == 0, return_distances=False, return_indices=True
            )
            kept[holes] = kept[near[0][holes], near[1][holes]]
    return kept


def renumber(labels: Labels) -> Labels:
    """Give the same labels numbered from 1 without gaps."""
    present = np.unique(labels)
    table = np.zeros(int(labels.max(initial=0)) + 1, np.int32)
    present = present[present > 0]
    table[present] = np.arange(1, len(present) + 1)
    return np.asarray(table[labels], np.int32)


def edges_of(labels: Labels) -> FloatArray:
    """Give 1 on the pixels of cells that touch another label or the background, else 0."""
    edge = np.zeros(labels.shape, bool)
    down, right = labels[1:] != labels[:-1], labels[:, 1:] != labels[:, :-1]
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= right
    edge[:, :-1] |= right
    return np.asarray(edge & (labels > 0), np.float32)


def depth_of(labels: Labels) -> FloatArray:
    """Give the distance of each pixel of a cell from the cell's edge in pixels, 0 outside."""
    inner = ((edges_of(labels) == 0) & (labels > 0)).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(inner, cv2.DIST_L2, 5), np.float32)


def per_label(values: FloatArray) -> FloatArray:
    """Put a 0 for the background before the values of the cells."""
    return np.concatenate([np.zeros((1, *values.shape[1:]), values.dtype), values]).astype(
        np.float32
    )
