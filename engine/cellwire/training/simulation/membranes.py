"""Membranes and walls: epithelia, endothelia, plant tissue, cells whose edges are stained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.training.simulation.layouts import scatter
from cellwire.training.simulation.nuclei import deepest, set_nuclei
from cellwire.training.simulation.scene import Field, Optics, Scene
from cellwire.training.simulation.shapes import (
    depth_of,
    edges_of,
    oval,
    paint,
    per_label,
    settle,
    warping,
    wavy,
)
from cellwire.training.simulation.textures import TILE, blur, grains, inside_cells, noise

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Labels, Rng


def membrane(rng: Rng, field: Field) -> Scene:
    """Make a tissue whose borders are stained, or whose borders are dark between bright cells."""
    side, diameter = field.side, field.diameter
    labels, angles = tissue_labels(rng, side, diameter, rng.choice([0.08, 0.22, 0.4]))
    style = str(rng.choice(["junctions", "walls", "cells", "gaps"], p=[0.5, 0.15, 0.2, 0.15]))
    places, depths = deepest(labels)
    size = np.minimum(depths * rng.uniform(0.4, 0.85), diameter * 0.3)
    light, cover = set_nuclei(rng, labels, field.bank, places, size, angles, (1.0, 1.6))
    if style == "walls":
        labels, signal = _walls(rng, labels, diameter)
    elif style == "gaps":
        signal = _gaps(rng, labels, diameter, cover)
    else:
        signal = _junctions(rng, labels, diameter, places)
        signal = signal + _interior(rng, labels, diameter, light, style == "cells")
    missing = 0.5 if style in ("junctions", "cells") else 0.9
    return Scene(
        np.clip(signal, 0, 6).astype(np.float32), light, labels, diameter,
        Optics(missing_nuclei=missing, invert=0.06, sharp=0.05, clutter=0.2),
    )  # fmt: skip


def tissue_labels(rng: Rng, side: int, diameter: float, spread: float) -> tuple[Labels, FloatArray]:
    """Fill the plane with cells, holes left in some tissues; give angles of each label from 0."""
    radius = diameter / 2
    centres, radii = scatter(
        rng, side, radius * 1.05, coverage=rng.uniform(0.85, 1.05), spread=spread,
        gap=rng.uniform(0.75, 1.0), rounds=int(rng.integers(3, 25)),
    )  # fmt: skip
    count = len(radii)
    pull = rng.uniform(1.0, 2.2) if rng.random() < 0.35 else 1.0
    tables = oval(rng, count, 1.0, 1.25 * pull) * wavy(rng, count, rng.uniform(0.0, 0.06))
    heading = rng.uniform(0, 2 * np.pi)
    angles = (heading + rng.normal(0, 0.25 if pull > 1 else 2, count)).astype(np.float32)
    zigzag = rng.choice([0.0, 0.6, 1.5], p=[0.6, 0.2, 0.2]) * min(1.0, (diameter / 50) ** 1.5)
    warp = warping(rng, side, diameter * 0.9, diameter * rng.uniform(0.0, 0.06), zigzag)
    warp = warp + warping(rng, side, diameter * 3, diameter * rng.uniform(0.0, 0.5))
    labels, _ = paint(side, centres, radii, tables, angles, warp, slack=3 * radius)
    labels = settle(labels, fill=True)
    if rng.random() < 0.4:  # holes, the tissue's end, and cells that took no stain
        far = noise(rng, side, diameter * rng.uniform(1.5, 6), diameter, 3)
        cut = rng.uniform(0.7, 2.0)
        gone = np.zeros(count + 1, bool)
        places, _ = deepest(labels)
        at = np.clip(places, 0, side - 1).astype(int)
        gone[: len(places)] = far[at[:, 0], at[:, 1]] > cut
        if np.count_nonzero(~gone[np.unique(labels)]) > 4:
            labels[gone[labels]] = 0
    return labels, per_label(angles)[: int(labels.max(initial=0)) + 1]


def _pairwise(rng: Rng, labels: Labels, spread: float) -> FloatArray:
    """Give every border between two cells a brightness of its own, on the pixels around it."""
    wide = labels.astype(np.float32)
    kernel = np.ones((3, 3), np.uint8)
    high = cv2.dilate(wide, kernel).astype(np.int64)
    low = cv2.erode(wide, kernel).astype(np.int64)
    draws = np.exp(rng.normal(0, spread, 4096)).astype(np.float32)
    return np.asarray(draws[(high * 7919 + low * 104729) % 4096])


def _junctions(rng: Rng, labels: Labels, diameter: float, places: FloatArray) -> FloatArray:
    """Light on the borders: of uneven strength, with gaps, beads and bright corners."""
    side = labels.shape[0]
    edge = edges_of(labels)
    strength = _pairwise(rng, labels, rng.choice([0.1, 0.35, 0.7]))
    along = 1 + rng.uniform(0.0, 0.6) * noise(rng, side, diameter * 0.4, 1.2, 1.2)
    line = edge * strength * np.clip(along, 0.0, None)
    if rng.random() < 0.35:  # interrupted or beaded lines
        line = line * (noise(rng, side, diameter * rng.uniform(0.1, 0.5), 1.5) > -0.6)
    if rng.random() < 0.4:  # corners where three cells meet
        kernel = np.ones((3, 3), np.uint8)
        wide = labels.astype(np.float32)
        high, low = cv2.dilate(wide, kernel), cv2.erode(wide, kernel)
        corner = (labels != high) & (labels != low) & (edge > 0)
        line = line + corner * rng.uniform(0.5, 2.0)
    thick = max(0.5, diameter * rng.uniform(0.004, 0.04))
    drawn = blur(line.astype(np.float32), thick) * (1.6 * thick + 0.6)
    if rng.random() < 0.4:  # a wider, weaker band: membranes that lean
        wide_band = max(1.0, diameter * rng.uniform(0.04, 0.12))
        drawn = drawn + blur(line.astype(np.float32), wide_band) * wide_band * rng.uniform(0.2, 0.9)
    return np.asarray(drawn * rng.uniform(0.5, 1.2), np.float32)


def _interior(
    rng: Rng, labels: Labels, diameter: float, nuclear: FloatArray, bright: bool
) -> FloatArray:
    """Dim light inside: each cell its own, grains, the nucleus bright, dark or not seen."""
    count = int(labels.max(initial=0)) + 1
    level = rng.uniform(0.25, 0.9) if bright else rng.uniform(0.0, 0.3)
    each = np.exp(rng.normal(0, rng.uniform(0.1, 0.5), count))
    each[0] = rng.uniform(0, 0.4)
    light = level * each.astype(np.float32)[labels]
    cloud = noise(rng, labels.shape[0], diameter * rng.uniform(0.1, 0.5), 1.0, 1.2)
    light = light * np.clip(1 + rng.uniform(0.1, 0.5) * cloud, 0, None)
    if rng.random() < 0.35:
        tile = grains(rng, TILE, max(1.2, diameter * 0.03), rng.uniform(0.1, 0.4))
        places = np.zeros((count, 2), np.float32)
        spots = inside_cells(rng, tile, labels, places, np.zeros(count, np.float32))
        light = light + spots * rng.uniform(0.05, 0.35)
    way = rng.random()
    if way < 0.3:
        light = light + nuclear * (rng.uniform(0.1, 0.7) if bright else rng.uniform(0.05, 0.4))
    elif way < 0.6:
        light = light * (1 - 0.7 * np.clip(nuclear, 0, 1))
    return np.asarray(light, np.float32)


def _walls(rng: Rng, labels: Labels, diameter: float) -> tuple[Labels, FloatArray]:
    """Plant walls: bright walls with thickness, rounded dark cells, the cell is within the wall."""
    thick = max(0.8, diameter * rng.uniform(0.02, 0.1))
    depth = depth_of(labels)
    rounded = blur((depth > thick).astype(np.float32), max(0.7, diameter * 0.05)) > 0.5
    wall = (~rounded & (labels > 0)).astype(np.float32)
    varied = 1 + 0.25 * noise(rng, labels.shape[0], diameter, 2.0)
    count = int(labels.max(initial=0)) + 1
    inner = np.exp(rng.normal(-2.2, 0.7, count)).astype(np.float32)[labels]
    ring = np.exp(-(((depth - thick * 1.2) / (0.6 * thick + 0.4)) ** 2)) * rng.uniform(0, 0.8)
    signal = wall * varied * rng.uniform(0.5, 1) + ring * (labels > 0) + inner * rng.uniform(0, 1.5)
    if rng.random() < 0.5:
        labels = settle(np.where(rounded, labels, 0).astype(np.int32))
    return labels, np.asarray(signal, np.float32)


def _gaps(rng: Rng, labels: Labels, diameter: float, cover: FloatArray) -> FloatArray:
    """Bright cells with dark borders, as endothelium in reflected light has them."""
    depth = depth_of(labels)
    dome = 1 - np.exp(-depth / (diameter * rng.uniform(0.04, 0.18)))
    count = int(labels.max(initial=0)) + 1
    each = np.exp(rng.normal(0, 0.15, count)).astype(np.float32)[labels]
    cloud = 1 + rng.uniform(0.05, 0.25) * noise(rng, labels.shape[0], diameter * 0.5, 1.0, 1.2)
    floor = rng.uniform(0.1, 0.4)
    nucleus = 1 + rng.uniform(-0.3, 0.3) * blur(cover, 1.0)
    shown = (floor + (1 - floor) * dome) * each * cloud * nucleus
    return np.asarray(np.where(labels > 0, shown, floor * 0.8), np.float32)
