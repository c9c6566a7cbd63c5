"""Round things that are no cells: beads, pebbles, fruit; with shading, gloss and shadows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.training.simulation.layouts import scatter
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
from cellwire.training.simulation.textures import TILE, blur, grains, inside_cells, noise, threads

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Labels, Rng


def round_things(rng: Rng, field: Field) -> Scene:
    """Make a heap or a scatter of things, lit from one side; front ones hide those behind."""
    side = field.side
    diameter = max(field.diameter, 22.0)
    packed = rng.random() < 0.7
    centres, radii = scatter(
        rng, side, diameter / 2,
        coverage=rng.uniform(0.8, 1.5) if packed else rng.uniform(0.2, 0.7),
        spread=rng.choice([0.05, 0.2, 0.4]), gap=rng.uniform(0.65, 0.95) if packed else 1.0,
    )  # fmt: skip
    count = len(radii)
    sorts = ["ball", "pebble", "fruit", "coin", "smear"]
    sort = str(rng.choice(sorts, p=[0.3, 0.22, 0.22, 0.11, 0.15]))
    tables, warp = _outlines(rng, sort, count, side, diameter)
    angles = rng.uniform(0, 2 * np.pi, count).astype(np.float32)
    painted, areas = paint(side, centres, radii, tables, angles, warp, covering=True)
    labels = settle(painted, areas)
    kept = int(labels.max(initial=0)) + 1
    places, turned = per_label(centres)[:kept], per_label(angles)[:kept]
    sizes = per_label(radii)[:kept]
    if sort == "smear":
        light = _smear(rng, labels, places, sizes, diameter)
    else:
        light = _lit(rng, sort, labels, places, turned, sizes, diameter)
    return Scene(
        np.clip(light, 0, 5).astype(np.float32), None, labels, diameter,
        Optics(transmitted=True, invert=0.05, sharp=0.03, clutter=0.1),
    )  # fmt: skip


def _lit(
    rng: Rng,
    sort: str,
    labels: Labels,
    places: FloatArray,
    angles: FloatArray,
    sizes: FloatArray,
    diameter: float,
) -> FloatArray:
    """Light things from one side, on their ground."""
    light = _shading(rng, sort, labels, places, sizes)
    light = light * _surface(rng, labels, places, angles, diameter)
    spread = rng.choice([0.05, 0.25, 0.5])
    each = np.exp(rng.normal(-0.1, spread, len(sizes))).astype(np.float32)
    light = np.where(labels > 0, light * each[labels], _ground(rng, labels, diameter))
    seam = rng.uniform(0, 0.6) * blur(edges_of(labels), max(0.6, 0.02 * diameter))
    return np.asarray(light * (1 - seam), np.float32)


def _smear(
    rng: Rng, labels: Labels, places: FloatArray, sizes: FloatArray, diameter: float
) -> FloatArray:
    """Show discs that swallow light, with a pale middle or a dark nucleus, as blood does."""
    rows, columns = np.indices(labels.shape, dtype=np.float32)
    count = len(sizes)
    centre = places + rng.normal(0, 0.08, (count, 2)) * sizes[:, None]
    away = np.hypot(rows - centre[:, 0][labels], columns - centre[:, 1][labels])
    away = away / np.maximum(sizes, 1)[labels]
    pale = rng.uniform(0, 0.9) * np.exp(rng.normal(0, 0.3, count))
    dark = (1 - np.clip(pale, 0, 0.95)[labels] * np.exp(-((away / rng.uniform(0.3, 0.6)) ** 2))) * (
        labels > 0
    )
    nucleated = rng.random(count) < rng.choice([0.0, 0.05, 0.8])
    cloud = 1 + 0.15 * noise(rng, labels.shape[0], diameter * 0.3, 1.0)
    dark = dark + 1.2 * (nucleated[labels] & (away < rng.uniform(0.4, 0.7))) * cloud
    each = np.exp(rng.normal(0, 0.12, count))[labels]
    return np.asarray(0.8 * np.exp(-rng.uniform(0.2, 0.9) * dark * each), np.float32)


def _outlines(
    rng: Rng, sort: str, count: int, side: int, diameter: float
) -> tuple[FloatArray, FloatArray | None]:
    if sort in ("ball", "coin", "smear"):
        return oval(rng, count, 1.0, 1.08), None
    if sort == "fruit":
        return oval(rng, count, 1.0, rng.uniform(1.1, 2.0)) * wavy(rng, count, 0.025), None
    stones = oval(rng, count, 1.0, 1.8, rng.uniform(2, 3)) * wavy(rng, count, 0.06)
    return stones, warping(rng, side, diameter * 0.7, diameter * 0.03)


def _shading(
    rng: Rng, sort: str, labels: Labels, places: FloatArray, sizes: FloatArray
) -> FloatArray:
    """Light of a lamp on a bulging surface (Lambert), with gloss; the far side is darker."""
    depth = depth_of(labels)
    rows, columns = np.indices(labels.shape, dtype=np.float32)
    size = np.maximum(sizes, 1)[labels]
    ny = (rows - places[:, 0][labels]) / size
    nx = (columns - places[:, 1][labels]) / size
    bulge = rng.uniform(0.1, 0.4) if sort == "coin" else rng.uniform(0.5, 1.0)
    ny, nx = np.clip(ny * bulge, -1, 1), np.clip(nx * bulge, -1, 1)
    nz = np.sqrt(np.clip(1 - ny**2 - nx**2, 0.02, 1))
    turn, rise = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.4)
    lamp = np.array([np.sin(turn) * np.cos(rise), np.cos(turn) * np.cos(rise), np.sin(rise)])
    facing = ny * lamp[0] + nx * lamp[1] + nz * lamp[2]
    ambient = rng.uniform(0.1, 0.5)
    light = ambient + (1 - ambient) * np.clip(facing, 0, 1)
    if rng.random() < 0.6:
        gloss = np.clip(2 * facing * nz - lamp[2], 0, 1) ** rng.uniform(8, 60)
        light = light + gloss * rng.uniform(0.1, 1.2)
    if rng.random() < 0.25:  # clear beads: bright middle, dark rim, or the other way round
        share = np.clip(depth / size, 0, 1)
        light = light * (0.4 + 0.6 * share) if rng.random() < 0.5 else light * (1.2 - 0.7 * share)
    if sort == "coin":
        rim = np.abs(depth / size - 0.1) < 0.04
        light = light * (1 + rng.uniform(-0.4, 0.4) * rim)
    return np.asarray(light * rng.uniform(0.6, 1.0), np.float32)


def _surface(
    rng: Rng, labels: Labels, places: FloatArray, angles: FloatArray, diameter: float
) -> FloatArray:
    """Smooth, mottled, speckled or striped."""
    tile = 1 + rng.uniform(0.0, 0.2) * noise(rng, TILE, diameter * rng.uniform(0.1, 0.8), 1.0, 1.0)
    way = rng.choice(["plain", "speckled", "striped"], p=[0.5, 0.3, 0.2])
    if way == "speckled":
        spots = grains(rng, TILE, max(1.5, diameter * rng.uniform(0.02, 0.08)), 0.35)
        tile = tile * (1 + np.clip(spots, 0, 1) * rng.uniform(-0.7, 0.7))
    elif way == "striped":
        tile = tile * (
            1 + rng.uniform(-0.6, 0.6)
            * threads(rng, TILE, max(2, diameter * 0.08), diameter * 0.6, 0.05)
        )  # fmt: skip
    return np.clip(inside_cells(rng, tile.astype(np.float32), labels, places, angles), 0.05, 2)


def _ground(rng: Rng, labels: Labels, diameter: float) -> FloatArray:
    """Make what lies below: dark, bright or textured, with the shadows of the things."""
    side = labels.shape[0]
    level = rng.choice([rng.uniform(0.02, 0.2), rng.uniform(0.2, 1.0)])
    texture = 1 + rng.uniform(0.0, 0.25) * noise(rng, side, diameter * rng.uniform(0.1, 2), 1, 1.0)
    away = rng.uniform(-0.12, 0.12, 2) * diameter
    shadow = cv2.warpAffine(
        blur((labels > 0).astype(np.float32), max(0.8, diameter * rng.uniform(0.03, 0.15))),
        np.array([[1, 0, away[0]], [0, 1, away[1]]], np.float32),
        (side, side),
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(level * np.clip(texture, 0, None) * (1 - rng.uniform(0, 0.7) * shadow))
