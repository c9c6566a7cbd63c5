"""Cultured cells in fluorescence: cytoplasm, and nuclei in the second channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    spread_out,
    warping,
    wavy,
)
from cellwire.training.simulation.textures import (
    TILE,
    blur,
    grains,
    inside_cells,
    net,
    noise,
    threads,
)

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Labels, Rng

FORMS = ("round", "lumpy", "polygon", "spread", "spindle", "mixed")


def culture(rng: Rng, field: Field) -> Scene:
    """Make a field of cultured cells; every property is drawn anew for each image."""
    radius = field.diameter / 2
    form = str(rng.choice(FORMS, p=[0.15, 0.2, 0.15, 0.2, 0.12, 0.18]))
    full = rng.random() < 0.45
    coverage = rng.uniform(0.8, 1.3) if full else rng.uniform(0.15, 0.7)
    centres, radii = scatter(
        rng, field.side, radius,
        coverage=coverage,
        spread=rng.uniform(0.08, 0.3),
        clumping=0.0 if full else rng.choice([0.0, 0.5, 0.9]),
        gap=rng.uniform(0.7, 0.95),
    )  # fmt: skip
    count = len(radii)
    angles = _angles(rng, centres, field.side)
    tables = outlines(rng, form, count)
    warp = warping(
        rng, field.side, field.diameter, radius * rng.uniform(0.02, 0.16),
        rng.choice([0.0, 0.3, 0.8]) * min(1.0, radius / 20),
    )  # fmt: skip
    covering = not full and rng.random() < 0.35
    slack = radius * rng.uniform(0.0, 0.5) if full else 0.0
    painted, areas = paint(
        field.side, centres, radii, tables, angles, warp, covering=covering, slack=slack
    )
    labels = settle(painted, areas if covering else None, fill=full)
    places, depths = deepest(labels)
    kept = int(labels.max(initial=0)) + 1
    turned = per_label(angles)[:kept]
    share = rng.uniform(0.38, 0.68)
    size = np.minimum(per_label(radii)[:kept] * share, depths * 0.92)
    size = size * np.exp(rng.normal(0, 0.1, kept))
    places = places + rng.normal(0, 1, places.shape) * (depths - size * 0.9).clip(0)[:, None] * 0.5
    light, cover = set_nuclei(
        rng, labels, field.bank, places, size, turned, (1.0, rng.uniform(1.2, 1.8))
    )
    signal = cytoplasm(rng, labels, places, turned, cover, light, field.diameter)
    uneven = np.exp(rng.normal(0, rng.uniform(0.05, 0.45), kept)).astype(np.float32)[labels]
    return Scene(signal, light * uneven, labels, field.diameter, Optics())


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


def cytoplasm(
    rng: Rng,
    labels: Labels,
    places: FloatArray,
    angles: FloatArray,
    nuclei: FloatArray,
    nuclear_light: FloatArray,
    diameter: float,
) -> FloatArray:
    """Light the cytoplasm: thickness, gradient from the nucleus, textures, rims, the nucleus.

    Parameters
    ----------
    places, angles
        (N + 1, 2) and (N + 1,) of the nuclei.
    nuclei, nuclear_light
        (Y, X) where nuclei are, and their texture.
    diameter
        Typical diameter in pixels.
    """
    count = len(angles)
    inside = (labels > 0).astype(np.float32)
    depth = depth_of(labels)
    thickness = 1 - np.exp(-depth / (diameter * rng.uniform(0.03, 0.3)))
    light = 0.25 + 0.75 * thickness if rng.random() < 0.7 else np.ones_like(depth)
    if rng.random() < 0.6:
        light = light * _around(labels, places, diameter * rng.uniform(0.25, 0.8), rng)
    light = light * _texture(rng, labels, places, angles, diameter)
    if rng.random() < 0.4:
        rim = np.exp(-depth / max(0.7, diameter * rng.uniform(0.01, 0.05)))
        ragged = 1 + 0.5 * noise(rng, labels.shape[0], diameter * 0.3, 2.0)
        light = light + rim * np.clip(ragged, 0, None) * rng.uniform(0.2, 2.0)
    nucleus = blur(nuclei, max(0.5, diameter * 0.012))
    way = rng.random()
    if way < 0.45:
        light = light * (1 - rng.uniform(0.2, 0.9) * nucleus)
    elif way < 0.75:
        light = light * (1 - 0.3 * nucleus) + nuclear_light * rng.uniform(0.2, 1.5)
    spread = rng.uniform(0.1, 0.35) if rng.random() < 0.6 else rng.uniform(0.35, 0.8)
    each = np.exp(rng.normal(0, spread, count) - spread**2 / 2)
    if rng.random() < 0.3:  # a few rounded, dividing or dying cells
        each[rng.random(count) < 0.06] *= rng.uniform(1.5, 4)
    light = light * each.astype(np.float32)[labels] * inside
    seam = edges_of(labels) * rng.uniform(-0.5, 0.4)
    return np.asarray(np.clip(light * (1 + seam), 0, 6), np.float32)


def _around(labels: Labels, places: FloatArray, reach: float, rng: Rng) -> FloatArray:
    """Brightness that falls with the distance from each cell's nucleus."""
    rows, columns = np.indices(labels.shape, dtype=np.float32)
    distance = np.hypot(rows - places[:, 0][labels], columns - places[:, 1][labels])
    floor = rng.uniform(0.15, 0.6)
    return np.asarray(floor + (1.6 - floor) * np.exp(-((distance / reach) ** 2)), np.float32)


def _texture(
    rng: Rng, labels: Labels, places: FloatArray, angles: FloatArray, diameter: float
) -> FloatArray:
    """Multiply what the stain shows: clouds always, then filaments, grains, nets or vacuoles."""
    size = max(diameter, 14.0)
    tile = rng.uniform(0.03, 0.3) * noise(rng, TILE, size * rng.uniform(0.1, 0.6), 1.0, 1.2)
    made = 1 + inside_cells(rng, tile, labels, places, angles)
    choice = rng.choice(["none", "fibres", "grains", "net", "vacuoles", "two"])
    if choice in ("fibres", "two"):
        tile = threads(rng, TILE, rng.uniform(1.0, 2.4), size * rng.uniform(0.4, 1.2))
        turned = (angles + rng.normal(0, 0.3, len(angles))).astype(np.float32)
        made = made + rng.uniform(0.3, 2.0) * inside_cells(rng, tile, labels, places, turned)
    if choice in ("grains", "two"):
        tile = grains(rng, TILE, max(1.2, size * rng.uniform(0.015, 0.06)), rng.uniform(0.2, 0.6))
        made = made * rng.uniform(0.3, 1) + rng.uniform(0.5, 2.5) * inside_cells(
            rng, tile, labels, places, angles
        )
    if choice == "net":
        tile = net(rng, TILE, max(3.0, size * rng.uniform(0.05, 0.15)))
        made = made * 0.5 + rng.uniform(0.3, 1.5) * inside_cells(rng, tile, labels, places, angles)
    if choice == "vacuoles":
        tile = grains(rng, TILE, max(1.5, size * rng.uniform(0.03, 0.08)), rng.uniform(0.1, 0.4))
        made = made * (1 - np.clip(inside_cells(rng, tile, labels, places, angles), 0, 0.8))
    return np.asarray(np.clip(made, 0.05, None), np.float32)
