"""Tissue in fluorescence: dim cells close together in a bright and uneven surrounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.training.simulation.layouts import scatter
from cellwire.training.simulation.membranes import tissue_labels
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
from cellwire.training.simulation.textures import blur, elsewhere, noise, threads

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Labels, Rng


def tissue(rng: Rng, field: Field) -> Scene:
    """Make a section of tissue: cells of several sorts, matrix, and light of other depths.

    Where the matrix hides cells the nucleus channel is never missing, and no cell is without a
    nucleus: nobody outlines what neither channel shows.
    """
    side = field.side
    packed = rng.random() < 0.4
    diameter = min(field.diameter, 32.0 if packed else 55.0)
    way = rng.random()
    if way < 0.4 and not packed:
        labels, angles = tissue_labels(rng, side, diameter, rng.uniform(0.1, 0.35))
    else:
        labels, angles = loose_labels(rng, side, diameter)
    busy = packed or rng.random() < 0.35
    places, depths = deepest(labels)
    count = len(depths)
    size = depths * (rng.uniform(0.8, 1.0) if packed else rng.uniform(0.65, 0.95))
    size = size if packed else np.minimum(size, diameter * 0.42)
    size = np.where(rng.random(count) < (0 if busy else 0.08), 0, size)
    light, cover = set_nuclei(rng, labels, field.bank, places, size, angles[:count], (1.0, 1.8))
    levels = np.exp(rng.normal(-0.2, rng.uniform(0.2, 0.6), count)).astype(np.float32)
    if packed:  # a marker that few cells carry
        levels = levels * np.where(rng.random(count) < rng.uniform(0.05, 0.5), 1, 0.25)
    signal = _cells(rng, labels, levels.astype(np.float32), cover, diameter)
    signal = signal + _matrix(rng, labels, diameter, busy)
    nuclear = light * np.exp(rng.normal(0, 0.35, count)).astype(np.float32)[labels]
    below = blur(elsewhere(rng, nuclear.astype(np.float32)), diameter * 0.2)
    nuclear = nuclear + below * rng.uniform(0, 0.5)
    return Scene(
        np.clip(signal, 0, 6).astype(np.float32), nuclear.astype(np.float32), labels, diameter,
        Optics(missing_nuclei=0.0 if busy else 0.2, sharp=0.08, clutter=0.3),
    )  # fmt: skip


def loose_labels(rng: Rng, side: int, diameter: float) -> tuple[Labels, FloatArray]:
    """Cells that touch here and there, round to long."""
    centres, radii = scatter(
        rng, side, diameter / 2, coverage=rng.uniform(0.35, 0.95), spread=rng.uniform(0.1, 0.3),
        clumping=rng.choice([0.0, 0.5, 0.8]), gap=rng.uniform(0.8, 1.0),
    )  # fmt: skip
    count = len(radii)
    tables = oval(rng, count, 1.0, rng.uniform(1.2, 2.6)) * wavy(rng, count, 0.06)
    heading = noise(rng, 32, 20, 4, 3) * rng.uniform(0.3, 2)
    at = np.clip(centres / side * 31, 0, 31).astype(int)
    angles = (heading[at[:, 0], at[:, 1]] + rng.normal(0, 0.3, count)).astype(np.float32)
    warp = warping(rng, side, diameter, diameter * rng.uniform(0.02, 0.08))
    labels, _ = paint(side, centres, radii, tables, angles, warp)
    labels = settle(labels)
    return labels, per_label(angles)[: int(labels.max(initial=0)) + 1]


def _cells(
    rng: Rng, labels: Labels, levels: FloatArray, cover: FloatArray, diameter: float
) -> FloatArray:
    """Cytoplasm: filled, in a ring about the nucleus, or at the membrane, each cell its own."""
    depth = depth_of(labels)
    inside = (labels > 0).astype(np.float32)
    ring = np.exp(-depth / max(0.8, diameter * rng.uniform(0.03, 0.15)))
    filled = 1 - np.exp(-depth / (diameter * rng.uniform(0.05, 0.2)))
    share = rng.uniform(0, 1)
    light = (share * ring + (1 - share) * filled) * (1 - rng.uniform(0, 0.8) * blur(cover, 0.8))
    light = light * levels[labels] * inside
    cloud = noise(rng, labels.shape[0], diameter * rng.uniform(0.15, 0.8), 1.0, 1.2)
    light = light * np.clip(1 + rng.uniform(0.1, 0.5) * cloud, 0, None)
    return np.asarray(light * (1 - 0.3 * rng.random() * edges_of(labels)), np.float32)


def _matrix(rng: Rng, labels: Labels, diameter: float, busy: bool) -> FloatArray:
    """Make what lies between cells, and above them if it is ``busy``: haze, patches, fibres."""
    side = labels.shape[0]
    patches = np.exp(
        noise(rng, side, diameter * rng.uniform(1.5, 6), diameter * 0.3, 1.5)
        * rng.uniform(0.2, 0.65)
    )
    light = rng.uniform(0.1, 0.7) * patches
    if rng.random() < 0.4:
        width = rng.uniform(1.0, max(3.0, diameter * 0.3) if busy else 3.0)
        strands = threads(rng, side, width, diameter * rng.uniform(1, 4), 0.5)
        strands = np.rot90(strands) if rng.random() < 0.5 else strands
        light = light + strands * rng.uniform(0.1, 1.5 if busy else 0.6)
    if not busy:
        inside = blur((labels > 0).astype(np.float32), 1.0)
        light = light * (1 - rng.uniform(0.5, 0.95) * inside)
    return np.asarray(light, np.float32)
