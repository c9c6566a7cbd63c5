"""Phase contrast and brightfield of adherent and floating cells: halos, both polarities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.training.simulation.branches import branched
from cellwire.training.simulation.culture import FORMS, outlines
from cellwire.training.simulation.layouts import scatter
from cellwire.training.simulation.nuclei import deepest, set_nuclei
from cellwire.training.simulation.scene import Field, Optics, Scene
from cellwire.training.simulation.shapes import depth_of, paint, per_label, settle, warping
from cellwire.training.simulation.textures import TILE, blur, grains, inside_cells, noise
from cellwire.training.simulation.transmission import view

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Labels, Rng


def phase(rng: Rng, field: Field) -> Scene:
    """Make a field of unstained cells."""
    side, diameter = field.side, field.diameter
    radius = diameter / 2
    form = str(rng.choice(FORMS, p=[0.18, 0.14, 0.1, 0.26, 0.16, 0.16]))
    if rng.random() < 0.2:
        form = str(rng.choice(["bipolar", "macrophage", "neuron"]))
        diameter = max(diameter, 32.0)
        labels, angles, _ = branched(rng, side, diameter, form, rng.uniform(0.08, 0.4))
    else:
        labels, angles = _adherent(rng, side, diameter, form)
    places, depths = deepest(labels)
    kept = len(depths)
    turned = angles[:kept]
    size = np.minimum(depths * 0.7, radius * rng.uniform(0.3, 0.5))
    light, cover = set_nuclei(rng, labels, field.bank, places, size, turned, (1.0, 1.6))
    height = _thickness(rng, labels, places, turned, cover, diameter, form)
    way = rng.choice(["contrast", "defocus", "shade", "absorb"], p=[0.6, 0.25, 0.1, 0.05])
    signal = view(rng, height, diameter, str(way))
    return Scene(
        signal, light, labels, diameter,
        Optics(transmitted=True, missing_nuclei=0.85, sharp=0.03, clutter=0.5),
    )  # fmt: skip


def _adherent(rng: Rng, side: int, diameter: float, form: str) -> tuple[Labels, FloatArray]:
    """Cells on a dish, alone, in groups or in a full layer; angles of each label from 0."""
    radius = diameter / 2
    full = rng.random() < 0.3
    centres, radii = scatter(
        rng, side, radius,
        coverage=rng.uniform(0.75, 1.1) if full else rng.uniform(0.1, 0.6),
        spread=rng.uniform(0.1, 0.3), gap=rng.uniform(0.75, 1.0),
        clumping=0.0 if full else rng.choice([0.0, 0.5, 0.9]),
    )  # fmt: skip
    count = len(radii)
    angles = rng.uniform(0, 2 * np.pi, count).astype(np.float32)
    ruffle = rng.choice([0.0, 0.5]) * min(1.0, radius / 25)
    warp = warping(rng, side, diameter, radius * rng.uniform(0.01, 0.12), ruffle)
    slack = radius * rng.uniform(0, 0.3) if full else 0.0
    painted, _ = paint(side, centres, radii, outlines(rng, form, count), angles, warp, slack=slack)
    labels = settle(painted, fill=full)
    return labels, per_label(angles)[: int(labels.max(initial=0)) + 1]


def _thickness(
    rng: Rng,
    labels: Labels,
    places: FloatArray,
    angles: FloatArray,
    cover: FloatArray,
    diameter: float,
    form: str,
) -> FloatArray:
    """Optical thickness of each cell: dome or flat with a hill, organelles, nucleus, rim."""
    count = len(angles)
    depth = depth_of(labels)
    reach = diameter * (rng.uniform(0.1, 0.3) if form == "round" else rng.uniform(0.02, 0.2))
    dome = np.sqrt(1 - np.exp(-depth / reach))
    rows, columns = np.indices(labels.shape, dtype=np.float32)
    away = np.hypot(rows - places[:, 0][labels], columns - places[:, 1][labels])
    hill = np.exp(-((away / (diameter * rng.uniform(0.2, 0.5))) ** 2))
    height = dome * (rng.uniform(0.25, 1.0) + hill * rng.uniform(0.0, 1.0))
    tile = noise(rng, TILE, diameter * 0.3, 1.0, 1.0) * rng.uniform(0.03, 0.2)
    tile = tile + grains(rng, TILE, max(1.5, diameter * 0.04), rng.uniform(0.15, 0.5)) * (
        rng.uniform(-0.5, 1.0)
    )
    grainy = inside_cells(rng, tile, labels, places, angles)
    height = height + grainy * dome * (0.3 + 0.7 * hill)
    level = float(height[labels > 0].mean())
    height = height + blur(cover, 0.8) * rng.uniform(-0.5, 0.3) * level
    nucleoli = grains(rng, TILE, max(1.5, diameter * 0.06), 0.3)
    spots = inside_cells(rng, nucleoli, labels, places, angles)
    height = height + cover * spots * rng.uniform(0, 0.8) * level
    each = np.exp(rng.normal(0, rng.uniform(0.05, 0.4), count)).astype(np.float32)
    if rng.random() < 0.4:  # rounded ones are thick
        each[rng.random(count) < 0.1] *= rng.uniform(1.5, 3.0)
    return np.asarray(height * each[labels] * (labels > 0), np.float32)
