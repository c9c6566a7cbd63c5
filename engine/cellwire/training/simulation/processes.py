"""Cells with processes in fluorescence: microglia, macrophages, neurons, glia."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.training.simulation.branches import HABITS, branched
from cellwire.training.simulation.nuclei import deepest, set_nuclei
from cellwire.training.simulation.scene import Field, Optics, Scene
from cellwire.training.simulation.shapes import depth_of
from cellwire.training.simulation.textures import TILE, blur, grains, inside_cells, noise, threads

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Labels, Rng


def processes(rng: Rng, field: Field) -> Scene:
    """Make a field of branched cells."""
    side = field.side
    diameter = max(field.diameter, 32.0)
    labels, angles, body = branched(
        rng, side, diameter, str(rng.choice(list(HABITS))), rng.uniform(0.06, 0.4)
    )
    places, depths = deepest(labels)
    size = np.minimum(depths * rng.uniform(0.5, 0.85), body)
    light, cover = set_nuclei(rng, labels, field.bank, places, size, angles)
    signal = _light(rng, labels, places, angles, light, cover, body)
    return Scene(
        signal, light, labels, diameter, Optics(missing_nuclei=0.45, sharp=0.035, clutter=0.4)
    )


def _light(
    rng: Rng,
    labels: Labels,
    places: FloatArray,
    angles: FloatArray,
    nuclear: FloatArray,
    cover: FloatArray,
    body: float,
) -> FloatArray:
    """Light: thick parts are brighter, with grains; the nucleus dark, bright or not seen."""
    depth = depth_of(labels)
    inside = (labels > 0).astype(np.float32)
    count = len(angles)
    reach = body * rng.uniform(0.15, 0.8)
    light = rng.uniform(0.2, 0.7) + (1 - np.exp(-depth / reach)) * rng.uniform(0.3, 1.2)
    tile = 1 + rng.uniform(0.05, 0.35) * noise(rng, TILE, max(6, body * 0.6), 1.0, 1.2)
    if rng.random() < 0.5:
        tile = tile + grains(rng, TILE, max(1.3, body * 0.08), 0.35) * rng.uniform(0.3, 1.5)
    if rng.random() < 0.25:
        tile = tile + threads(rng, TILE, 1.5, max(8.0, body), 0.3) * rng.uniform(0.5, 2.0)
    light = light * np.clip(inside_cells(rng, tile, labels, places, angles), 0.1, None)
    way = rng.random()
    if way < 0.35:
        light = light * (1 - rng.uniform(0.2, 0.8) * blur(cover, 0.8))
    elif way < 0.6:
        light = light + nuclear * rng.uniform(0.2, 1.0)
    each = np.exp(rng.normal(0, rng.uniform(0.15, 0.5), count)).astype(np.float32)
    return np.asarray(np.clip(light * each[labels] * inside, 0, 6), np.float32)
