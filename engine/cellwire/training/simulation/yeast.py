"""Yeast: round cells with buds, in transmitted light mostly, with a dark rim and a halo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.training.simulation.layouts import scatter
from cellwire.training.simulation.scene import Field, Optics, Scene
from cellwire.training.simulation.shapes import depth_of, oval, paint, per_label, settle, wavy
from cellwire.training.simulation.textures import TILE, blur, grains, inside_cells, noise
from cellwire.training.simulation.transmission import view

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Labels, Rng


def yeast(rng: Rng, field: Field) -> Scene:
    """Make a field of yeast cells, scattered, in clusters or packed in a layer."""
    side = field.side
    diameter = float(np.clip(field.diameter, 12, 60))
    centres, radii = scatter(
        rng, side, diameter / 2, coverage=rng.uniform(0.1, 0.85), spread=rng.uniform(0.08, 0.22),
        clumping=rng.choice([0.0, 0.7, 0.95]), gap=rng.uniform(0.94, 1.0), rounds=40,
    )  # fmt: skip
    centres, radii, angles = _with_buds(rng, centres, radii)
    count = len(radii)
    tables = oval(rng, count, 1.0, rng.uniform(1.05, 1.45)) * wavy(rng, count, 0.012)
    labels, _ = paint(side, centres, radii, tables, angles)
    labels = settle(labels)
    kept = int(labels.max(initial=0)) + 1
    places, turned = per_label(centres)[:kept], per_label(angles)[:kept]
    sizes = per_label(radii)[:kept]
    if rng.random() < 0.75:
        signal = _unstained(rng, labels, places, turned, sizes, diameter)
        optics = Optics(transmitted=True, sharp=0.04, clutter=0.25)
    else:
        signal = _stained(rng, labels, places, turned, diameter)
        optics = Optics(sharp=0.05, clutter=0.2)
    return Scene(signal, None, labels, diameter, optics)


def _with_buds(
    rng: Rng, centres: FloatArray, radii: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Add to some cells a smaller one that touches them."""
    count = len(radii)
    mothers = np.flatnonzero(rng.random(count) < rng.choice([0.05, 0.3, 0.5]))
    way = rng.uniform(0, 2 * np.pi, len(mothers))
    small = radii[mothers] * rng.uniform(0.35, 0.8, len(mothers))
    far = radii[mothers] + small * 0.88
    buds = centres[mothers] + far[:, None] * np.stack([np.sin(way), np.cos(way)], axis=1)
    apart = np.hypot(*(buds[:, None] - centres[None]).transpose(2, 0, 1)) - radii[None]
    apart[np.arange(len(mothers)), mothers] = np.inf
    free = apart.min(axis=1, initial=np.inf) > 0.7 * small
    buds, small, way = buds[free], small[free], way[free]
    angles = np.concatenate([rng.uniform(0, 2 * np.pi, count), way])
    return (
        np.concatenate([centres, buds]).astype(np.float32),
        np.concatenate([radii, small]).astype(np.float32),
        angles.astype(np.float32),
    )


def _unstained(
    rng: Rng,
    labels: Labels,
    places: FloatArray,
    angles: FloatArray,
    sizes: FloatArray,
    diameter: float,
) -> FloatArray:
    """Thick round bodies with a wall, vacuoles and grains."""
    depth = depth_of(labels)
    count = len(angles)
    share = np.clip(depth / np.maximum(sizes[labels], 1), 0, 1)
    height = np.sqrt(np.clip(1 - (1 - share) ** 2, 0, 1)) * rng.uniform(0.6, 1.4)
    wall = np.exp(-(((depth - 0.05 * diameter) / max(0.7, 0.05 * diameter)) ** 2))
    height = height + wall * rng.uniform(-0.3, 0.8)
    tile = noise(rng, TILE, diameter * 0.3, 1.0, 1.2) * rng.uniform(0.02, 0.12)
    tile = tile + grains(rng, TILE, max(1.3, diameter * 0.06), 0.25) * rng.uniform(0, 0.7)
    height = height + inside_cells(rng, tile, labels, places, angles) * share
    vacuole = _vacuoles(rng, labels, places, sizes)
    height = height - vacuole * rng.uniform(0.0, 0.7)
    each = np.exp(rng.normal(0, rng.uniform(0.03, 0.25), count))
    way = rng.choice(["contrast", "defocus", "shade", "absorb"], p=[0.4, 0.4, 0.1, 0.1])
    shown = (height * each[labels] * (labels > 0)).astype(np.float32)
    light = view(rng, shown, diameter, str(way))
    if rng.random() < 0.4:  # the rim of a cell in focus
        light = light * (1 - rng.uniform(0.1, 0.5) * wall * (labels > 0))
    return np.asarray(light, np.float32)


def _vacuoles(rng: Rng, labels: Labels, places: FloatArray, sizes: FloatArray) -> FloatArray:
    rows, columns = np.indices(labels.shape, dtype=np.float32)
    count = len(sizes)
    centre = places + rng.normal(0, 0.25, (count, 2)) * sizes[:, None]
    size = sizes * rng.uniform(0.2, 0.55, count) * (rng.random(count) < rng.uniform(0, 1))
    away = np.hypot(rows - centre[:, 0][labels], columns - centre[:, 1][labels])
    return blur(((away < size[labels]) & (labels > 0)).astype(np.float32), 0.8)


def _stained(
    rng: Rng, labels: Labels, places: FloatArray, angles: FloatArray, diameter: float
) -> FloatArray:
    """Fluorescence: filled with dark vacuoles, or the wall."""
    depth = depth_of(labels)
    inside = (labels > 0).astype(np.float32)
    rim = np.exp(-depth / max(0.8, diameter * 0.06))
    share = rng.uniform(0, 1)
    body = (1 - np.exp(-depth / (0.15 * diameter))) * (
        1 - 0.8 * _vacuoles(rng, labels, places, np.full(len(angles), diameter / 2, np.float32))
    )
    tile = 1 + 0.25 * noise(rng, TILE, diameter * 0.3, 1.0)
    light = share * rim + (1 - share) * body * inside_cells(rng, tile, labels, places, angles)
    each = np.exp(rng.normal(0, rng.uniform(0.1, 0.6), len(angles)))
    return np.asarray(np.clip(light * each[labels] * inside, 0, 6), np.float32)
