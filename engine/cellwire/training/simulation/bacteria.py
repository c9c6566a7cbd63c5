"""Bacteria: rods alone, in chains, in dense colonies; cocci."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.training.simulation.layouts import scatter
from cellwire.training.simulation.scene import Field, Optics, Scene
from cellwire.training.simulation.shapes import (
    depth_of,
    edges_of,
    paint,
    renumber,
    settle,
    warping,
    wavy,
)
from cellwire.training.simulation.textures import blur, noise
from cellwire.training.simulation.transmission import view

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.training.simulation.scene import Labels, Rng


def bacteria(rng: Rng, field: Field) -> Scene:
    """Make a field of bacteria in phase contrast, brightfield or fluorescence."""
    side = field.side
    diameter = float(np.clip(field.diameter * 0.6, 10, 40))
    ratio = rng.uniform(1.8, 5.0)
    width = max(5.0, diameter / np.sqrt(ratio))
    way = str(rng.choice(["colony", "scattered", "chains", "cocci"], p=[0.4, 0.3, 0.2, 0.1]))
    if way == "colony":
        labels = _colony(rng, side, width, ratio)
    elif way == "cocci":
        labels = _cocci(rng, side, width)
    else:
        labels = _rods(rng, side, width, ratio, way == "chains")
    labels = renumber(settle(labels))
    if labels.max(initial=0) < 3:
        labels = renumber(settle(_rods(rng, side, width, ratio, False)))
    transmitted = rng.random() < 0.6
    signal = _transmitted(rng, labels, width) if transmitted else _stained(rng, labels, width)
    return Scene(
        signal, None, labels, width * 1.5,
        Optics(transmitted=transmitted, invert=0.05, sharp=0.09, clutter=0.25),
    )  # fmt: skip


def _colony(rng: Rng, side: int, width: float, ratio: float) -> Labels:
    """Lay rods in rows within domains of their own directions, bent, and cut to colonies."""
    rows, columns = np.indices((side, side), dtype=np.float32)
    scale = width * rng.uniform(6, 20)
    bend = warping(rng, side, scale, scale * rng.uniform(0.01, 0.06))
    y, x = rows + bend[0], columns + bend[1]
    domain = width * ratio * rng.uniform(1.5, 4)
    seeds, _ = scatter(rng, side, domain / 2, coverage=0.9, spread=0.2, rounds=5)
    nearest = np.argmin(
        (y[..., None] - seeds[:, 0]) ** 2 + (x[..., None] - seeds[:, 1]) ** 2, axis=2
    )
    heading = rng.uniform(0, np.pi)
    turns = heading + rng.normal(0, rng.uniform(0.1, 0.9), len(seeds))
    c, s = np.cos(turns)[nearest], np.sin(turns)[nearest]
    u = x * c + y * s
    v = y * c - x * s + nearest * 1000.0 * width
    lane = np.floor(v / width).astype(np.int64)
    across = (v / width - lane - 0.5) * width
    period = 40
    lengths = width * ratio * rng.uniform(0.65, 1.35, (97, period))
    ends = np.concatenate([np.zeros((97, 1)), np.cumsum(lengths, axis=1)], axis=1)
    which = lane % 97
    position = np.mod(u + which * 37.7, ends[:, -1][which])
    number = _place(ends, which, position)
    start, stop = ends[which, number], ends[which, number + 1]
    middle, half = (start + stop) / 2, (stop - start) / 2
    tight = rng.uniform(0.4, 0.49)
    along = np.clip(np.abs(position - middle) - (half - width / 2), 0, None)
    inside = np.hypot(along, across) < width * tight
    turn = np.floor((u + which * 37.7) / ends[:, -1][which]).astype(np.int64)
    key = (lane * period + number) * 64 + turn % 64
    inside &= _complete(key, inside, stop - start, width)
    if rng.random() < 0.75:
        shape = noise(rng, side, side * rng.uniform(0.15, 0.6), width * 2, 3)
        inside &= _whole(key, shape > rng.uniform(-0.8, 0.5))
    _, dense = np.unique(np.where(inside, key, key.min() - 1), return_inverse=True)
    return np.asarray(dense.reshape(side, side), np.int32)


def _place(ends: AnyArray, which: AnyArray, position: AnyArray) -> AnyArray:
    """Find in which rod of its lane each pixel lies; lanes are put end to end for one search."""
    span = float(ends.max()) + 1
    starts = (ends[:, :-1] + np.arange(len(ends))[:, None] * span).ravel()
    found = np.searchsorted(starts, position + which * span, side="right") - 1
    return np.asarray(found - which * (ends.shape[1] - 1), np.int64)


def _complete(key: AnyArray, inside: AnyArray, length: AnyArray, width: float) -> AnyArray:
    """Keep the rods that no domain's end has cut; the image's edge may cut them."""
    _, dense = np.unique(np.where(inside, key, key.min() - 1), return_inverse=True)
    dense = dense.reshape(key.shape)
    seen = np.bincount(dense.ravel())
    full = np.bincount(dense.ravel(), length.ravel()) / seen * width * 0.8
    kept = seen > 0.85 * full
    edge = np.concatenate([dense[0], dense[-1], dense[:, 0], dense[:, -1]])
    kept[edge] = True
    return np.asarray(kept[dense])


def _whole(key: AnyArray, wanted: AnyArray) -> AnyArray:
    """Keep the rods that lie mostly within what is wanted, whole."""
    _, dense = np.unique(key, return_inverse=True)
    dense = dense.reshape(key.shape)
    share = np.bincount(dense.ravel(), wanted.ravel()) / np.bincount(dense.ravel())
    return np.asarray(share[dense] > 0.5)


def _rods(rng: Rng, side: int, width: float, ratio: float, chains: bool) -> Labels:
    """Draw single rods, bent ones, and chains of them."""
    reach = width * ratio / 2
    centres, _ = scatter(
        rng, side, reach * (1.5 if chains else 0.9), coverage=rng.uniform(0.15, 0.7), spread=0.1,
        clumping=rng.choice([0.0, 0.7]), gap=rng.uniform(0.5, 1.0),
    )  # fmt: skip
    labels = np.zeros((side, side), np.int32)
    number = 0
    curve = rng.choice([0.0, 0.05, 0.25])
    for centre in centres[:250]:
        at, heading = centre.astype(float), rng.uniform(0, 2 * np.pi)
        for _ in range(int(rng.integers(2, 7)) if chains else 1 + (rng.random() < 0.2)):
            number += 1
            heading += rng.normal(0, 0.25)
            length = max(width * 1.05, width * ratio * rng.uniform(0.6, 1.4)) - width
            points = [at]
            for _ in range(6):
                heading += curve * rng.normal(0.3, 0.7)
                points.append(
                    points[-1] + length / 6 * np.array([np.sin(heading), np.cos(heading)])
                )
            mask = np.zeros((side, side), np.uint8)
            drawn = np.round(np.asarray(points)[:, ::-1] * 16).astype(np.int32)
            cv2.polylines(mask, [drawn], False, 1, max(2, round(width)), cv2.LINE_8, 4)
            labels[(mask > 0) & (labels == 0)] = number
            at = points[-1] + width * 1.02 * np.array([np.sin(heading), np.cos(heading)])
    return labels


def _cocci(rng: Rng, side: int, width: float) -> Labels:
    centres, radii = scatter(
        rng, side, max(4.0, width * 0.6), coverage=rng.uniform(0.15, 0.6), spread=0.12,
        clumping=rng.choice([0.3, 0.9]), gap=rng.uniform(0.9, 1.0),
    )  # fmt: skip
    count = len(radii)
    labels, _ = paint(side, centres, radii, wavy(rng, count, 0.03), np.zeros(count, np.float32))
    return labels


def _transmitted(rng: Rng, labels: Labels, width: float) -> FloatArray:
    """Phase contrast or brightfield: dark or bright bodies, halos, dark seams."""
    depth = depth_of(labels)
    height = 1 - np.exp(-depth / (width * rng.uniform(0.08, 0.3)))
    count = int(labels.max(initial=0)) + 1
    height = height * np.exp(rng.normal(0, rng.uniform(0.03, 0.3), count))[labels]
    cloud = 1 + 0.12 * noise(rng, labels.shape[0], width, 1.0)
    way = rng.choice(["contrast", "defocus", "absorb"], p=[0.6, 0.2, 0.2])
    return view(rng, (height * cloud * 1.6).astype(np.float32), width * 2.5, str(way))


def _stained(rng: Rng, labels: Labels, width: float) -> FloatArray:
    """Fluorescence: filled, patchy, with a nucleoid, or the membrane."""
    depth = depth_of(labels)
    inside = (labels > 0).astype(np.float32)
    count = int(labels.max(initial=0)) + 1
    way = rng.random()
    if way < 0.25:
        light = 0.15 * inside + edges_of(labels) * rng.uniform(0.6, 1.2)
    else:
        light = inside * (0.3 + 0.7 * (1 - np.exp(-depth / (width * rng.uniform(0.1, 0.4)))))
        if way < 0.5:
            light = light * np.clip(1 + 0.4 * noise(rng, labels.shape[0], width, 1.0), 0.2, None)
    each = np.exp(rng.normal(0, rng.uniform(0.1, 0.45), count))
    light = light * each[labels]
    return blur(light.astype(np.float32), 0.5)
