"""Stroma: cells that only their nuclei show, in a tissue whose stain marks other things.

A marker of few cells, of fibres or of vessels says nothing of the others; people outline those by
their nuclei and the rim about them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.training.simulation.nuclei import deepest, set_nuclei
from cellwire.training.simulation.scene import Field, Optics, Scene
from cellwire.training.simulation.shapes import depth_of
from cellwire.training.simulation.textures import blur, elsewhere, noise, threads
from cellwire.training.simulation.tissue import loose_labels

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import BoolArray, FloatArray
    from cellwire.training.simulation.scene import Labels, Rng

DIAMETERS = (11.0, 34.0)
"""Diameters of the cells in pixels: they are little more than their nuclei."""


def stroma(rng: Rng, field: Field) -> Scene:
    """Make a section in which nuclei lie close and the stain goes ways of its own."""
    side, diameter = field.side, float(np.clip(field.diameter, *DIAMETERS))
    labels, angles = loose_labels(rng, side, diameter)
    places, _ = deepest(labels)
    count = len(places)
    angles = angles[:count]
    areas = np.bincount(labels.ravel(), minlength=count)
    sizes = (np.sqrt(areas / np.pi) * rng.uniform(0.8, 1.05)).astype(np.float32)
    sizes[0] = 0
    light, cover = set_nuclei(rng, labels, field.bank, places, sizes, angles, (1.0, 1.9))
    levels = np.exp(rng.normal(0, rng.uniform(0.2, 0.6), count)).astype(np.float32)
    nuclear = (light * levels[labels]).astype(np.float32)
    below = blur(elsewhere(rng, nuclear), diameter * rng.uniform(0.1, 0.3))
    nuclear = blur(nuclear, diameter * rng.uniform(0.0, 0.07)) + below * rng.uniform(0, 0.6)
    marked = rng.random(count) < rng.choice([0.0, 0.05, 0.3], p=[0.3, 0.4, 0.3])
    labels = _with_rims(labels, cover, marked, max(1.0, diameter * rng.uniform(0.03, 0.15)))
    hidden = 1 - rng.uniform(0, 0.95) * blur(cover, max(0.6, diameter * 0.04))
    signal = (_fibres(rng, side, diameter) + _cells(rng, labels, marked, diameter)) * hidden
    signal = signal + rng.uniform(0, 0.25) * np.exp(0.5 * noise(rng, side, diameter * 3, diameter))
    if rng.random() < 0.25:
        signal = signal + nuclear * rng.uniform(0.05, 0.5)
    return Scene(
        np.clip(signal, 0, 6).astype(np.float32), np.clip(nuclear, 0, 6).astype(np.float32),
        labels, diameter, Optics(invert=0.0, missing_nuclei=0.0, sharp=0.07, clutter=0.2),
    )  # fmt: skip


def _with_rims(labels: Labels, cover: FloatArray, marked: BoolArray, rim: float) -> Labels:
    """Let cells without the marker end a rim beyond their nuclei."""
    away = cv2.distanceTransform((cover < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    return np.where((away <= rim) | marked[labels], labels, 0).astype(np.int32)


def _fibres(rng: Rng, side: int, diameter: float) -> FloatArray:
    """Draw strands, sheets and vessels, from none to brighter than any cell."""
    total = np.zeros((side, side), np.float32)
    for _ in range(int(rng.integers(0, 4))):
        width = max(1.0, diameter * rng.uniform(0.08, 1.2))
        strands = threads(rng, side, width, diameter * rng.uniform(1.5, 8), 0.6)
        strands = np.rot90(strands, int(rng.integers(4)))
        fine = threads(rng, side, max(1.0, width * 0.15), diameter, 0.5)
        strands = strands * (1 + rng.uniform(0, 1) * np.rot90(fine, int(rng.integers(4))))
        patches = np.clip(noise(rng, side, diameter * 10, diameter * 2, 2) + 0.3, 0, 2)
        soft = diameter * rng.uniform(0, 0.12)
        total = total + rng.uniform(0.3, 2.5) * blur((strands * patches).astype(np.float32), soft)
    return np.asarray(total, np.float32)


def _cells(rng: Rng, labels: Labels, marked: BoolArray, diameter: float) -> FloatArray:
    """Light the few cells that have the marker, over their edges too; the others hardly."""
    count = len(marked)
    faint = rng.uniform(0, 0.3) * np.exp(rng.normal(0, 0.4, count))
    levels = np.where(marked, np.exp(rng.normal(0.4, 0.4, count)), faint)
    levels[0] = 0
    rim = np.exp(-depth_of(labels) / max(0.8, diameter * rng.uniform(0.05, 0.3)))
    light = levels.astype(np.float32)[labels] * (0.3 + 0.7 * rim)
    return blur(light.astype(np.float32), diameter * rng.uniform(0.0, 0.15))
