"""Cultured cells in fluorescence: cytoplasm, and nuclei in the second channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.training.simulation.branches import branched
from cellwire.training.simulation.cytoplasm import cytoplasm
from cellwire.training.simulation.layouts import scatter
from cellwire.training.simulation.nuclei import deepest, set_nuclei
from cellwire.training.simulation.scene import Field, Optics, Scene
from cellwire.training.simulation.shapes import (
    oval,
    paint,
    per_label,
    settle,
    spread_out,
    warping,
    wavy,
)
from cellwire.training.simulation.textures import noise

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import BoolArray, FloatArray
    from cellwire.training.simulation.scene import Labels, Rng

FORMS = ("round", "lumpy", "polygon", "spread", "spindle", "mixed")


def culture(rng: Rng, field: Field) -> Scene:
    """Make a field of cultured cells; every property is drawn anew for each image."""
    diameter = field.diameter
    if rng.random() < 0.15:
        diameter = max(diameter, 30.0)
        habit = str(rng.choice(["bipolar", "macrophage", "neuron"], p=[0.4, 0.35, 0.25]))
        labels, angles, body = branched(rng, field.side, diameter, habit, rng.uniform(0.08, 0.45))
        sizes = np.full(len(angles), 1.4 * body, np.float32)
        balls = np.zeros(len(angles), bool)
    else:
        labels, angles, sizes, balls = _compact(rng, field.side, diameter)
    places, depths = deepest(labels)
    count = len(depths)
    size = np.minimum(sizes * rng.uniform(0.38, 0.68), depths * 0.92)
    size = size * np.exp(rng.normal(0, 0.1, count))
    free = (depths - size * 0.9).clip(0)[:, None]
    places = places + rng.normal(0, 0.5, places.shape) * free
    light, cover = set_nuclei(
        rng, labels, field.bank, places, size, angles, (1.0, rng.uniform(1.2, 1.8))
    )
    deviation = rng.uniform(0.1, 0.35) if rng.random() < 0.6 else rng.uniform(0.35, 0.65)
    brightness = np.exp(rng.normal(0, deviation, count) - deviation**2 / 2)
    brightness[balls] *= rng.uniform(1.3, 4)
    signal = cytoplasm(
        rng, labels, places, angles, cover, light, diameter, brightness.astype(np.float32)
    )
    uneven = np.exp(rng.normal(0, rng.uniform(0.05, 0.45), count)).astype(np.float32)[labels]
    return Scene(signal, light * uneven, labels, diameter, Optics())


def _compact(
    rng: Rng, side: int, diameter: float
) -> tuple[Labels, FloatArray, FloatArray, BoolArray]:
    """Lay out cells without long processes.

    Returns
    -------
    tuple
        Labels (Y, X), and of each label from 0 its angle, its radius, and whether it is rounded,
        as dividing or dying cells are.
    """
    radius = diameter / 2
    form = str(rng.choice(FORMS, p=[0.15, 0.2, 0.15, 0.2, 0.12, 0.18]))
    full = rng.random() < 0.45
    centres, radii = scatter(
        rng, side, radius,
        coverage=rng.uniform(0.8, 1.3) if full else rng.uniform(0.15, 0.7),
        spread=rng.uniform(0.08, 0.3),
        clumping=0.0 if full else rng.choice([0.0, 0.5, 0.9]),
        gap=rng.uniform(0.7, 0.95),
    )  # fmt: skip
    count = len(radii)
    angles = _angles(rng, centres, side)
    tables = outlines(rng, form, count)
    balls = rng.random(count) < (rng.uniform(0.02, 0.15) if rng.random() < 0.3 else 0.0)
    tables = np.where(balls[:, None], wavy(rng, count, 0.02), tables).astype(np.float32)
    radii = np.where(balls, radii * rng.uniform(0.55, 0.8), radii).astype(np.float32)
    warp = warping(
        rng, side, diameter, radius * rng.uniform(0.01, 0.12),
        rng.choice([0.0, 0.25, 0.7]) * min(1.0, (radius / 25) ** 1.5),
    )  # fmt: skip
    covering = not full and rng.random() < 0.35
    slack = radius * rng.uniform(0.0, 0.4) if full else 0.0
    painted, areas = paint(
        side, centres, radii, tables, angles, warp, covering=covering, slack=slack
    )
    labels = settle(painted, areas if covering else None, fill=full)
    kept = int(labels.max(initial=0)) + 1
    rounded = per_label(balls.astype(np.float32))[:kept] > 0
    return labels, per_label(angles)[:kept], per_label(radii)[:kept], rounded


def outlines(rng: Rng, form: str, count: int) -> FloatArray:
    """Draw outlines of one form, or of several."""
    if form == "round":
        return wavy(rng, count, rng.uniform(0.01, 0.05))
    if form == "lumpy":
        return wavy(rng, count, rng.uniform(0.06, 0.14), 0.9) * oval(rng, count, 1, 1.7)
    if form == "polygon":
        return np.asarray(spread_out(rng, count, 3, 6) ** rng.uniform(0.35, 0.7), np.float32)
    if form == "spread":
        return spread_out(rng, count, 2, 4) * wavy(rng, count, rng.uniform(0, 0.06))
    if form == "spindle":
        return oval(rng, count, 1.8, rng.uniform(3, 6), rng.uniform(1.1, 2.0)) * wavy(
            rng, count, 0.04
        )
    tables = np.stack([outlines(rng, each, count) for each in FORMS[:-1]])
    return np.asarray(tables[rng.integers(0, len(tables), count), np.arange(count)], np.float32)


def _angles(rng: Rng, centres: FloatArray, side: int) -> FloatArray:
    """Give directions: of each cell its own, or such as neighbours share."""
    count = len(centres)
    if rng.random() < 0.5:
        return rng.uniform(0, 2 * np.pi, count).astype(np.float32)
    field = noise(rng, 32, rng.uniform(10, 40), 3, 3) * rng.uniform(0.3, 1.0)
    at = np.clip(centres / side * 31, 0, 31).astype(int)
    start = rng.uniform(0, 2 * np.pi)
    return np.asarray(start + field[at[:, 0], at[:, 1]] + rng.normal(0, 0.2, count), np.float32)
