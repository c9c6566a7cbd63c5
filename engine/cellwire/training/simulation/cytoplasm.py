"""Light of the cytoplasm in fluorescence: thickness, textures, rims, the nucleus, filopodia."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.training.simulation.shapes import depth_of, edges_of
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


def cytoplasm(
    rng: Rng,
    labels: Labels,
    places: FloatArray,
    angles: FloatArray,
    nuclei: FloatArray,
    nuclear_light: FloatArray,
    diameter: float,
    brightness: FloatArray,
) -> FloatArray:
    """Light the cytoplasm.

    Parameters
    ----------
    places, angles, brightness
        (N + 1, 2), (N + 1,) and (N + 1,) of the nuclei and cells of each label from 0.
    nuclei, nuclear_light
        (Y, X) where nuclei are, and their texture.
    diameter
        Typical diameter in pixels.
    """
    inside = (labels > 0).astype(np.float32)
    depth = depth_of(labels)
    thickness = 1 - np.exp(-depth / (diameter * rng.uniform(0.03, 0.3)))
    light = 0.25 + 0.75 * thickness if rng.random() < 0.7 else np.ones_like(depth)
    rows, columns = np.indices(labels.shape, dtype=np.float32)
    away_y, away_x = rows - places[:, 0][labels], columns - places[:, 1][labels]
    away = np.hypot(away_y, away_x)
    if rng.random() < 0.6:  # thicker, and fuller of organelles, around the nucleus
        floor = rng.uniform(0.25, 0.7)
        reach = diameter * rng.uniform(0.25, 0.8)
        light = light * (floor + (1.6 - floor) * np.exp(-((away / reach) ** 2)))
    light = light * _texture(rng, labels, places, angles, diameter)
    if rng.random() < 0.2:  # filaments that run out from the nucleus
        turn = np.arctan2(away_y, away_x) * (TILE / (2 * np.pi))
        light = light + rng.uniform(0.3, 1.5) * _polar(rng, turn, away, labels, diameter)
    if rng.random() < 0.4:
        rim = np.exp(-depth / max(0.7, diameter * rng.uniform(0.01, 0.05)))
        ragged = 1 + 0.5 * noise(rng, labels.shape[0], diameter * 0.3, 2.0)
        light = light + rim * np.clip(ragged, 0, None) * rng.uniform(0.2, 2.0)
    if rng.random() < 0.15:  # bundles along the edge
        band = np.exp(-(((depth / diameter - rng.uniform(0.04, 0.12)) / 0.025) ** 2))
        light = light + band * np.clip(noise(rng, labels.shape[0], diameter * 0.4, 3.0), 0, 2)
    nucleus = blur(nuclei, max(0.5, diameter * 0.012))
    way = rng.random()
    if way < 0.45:
        light = light * (1 - rng.uniform(0.2, 0.9) * nucleus)
    elif way < 0.75:
        light = light * (1 - 0.3 * nucleus) + nuclear_light * rng.uniform(0.2, 1.5)
    light = light * brightness.astype(np.float32)[labels] * inside
    if rng.random() < 0.4:  # thin edges lie over each other, so that borders are soft
        soft = diameter * rng.uniform(0.015, 0.06)
        blurred = blur(light.astype(np.float32), soft) / (blur(inside, soft) + 1e-3)
        share = rng.uniform(0.4, 1.0) * np.exp(-depth / (1.5 * soft))
        light = light * (1 - share) + blurred * share * inside
    seam = rng.uniform(0.1, 0.5) * rng.choice([-1.0, 1.0], p=[0.65, 0.35])
    light = light * (1 + edges_of(labels) * seam)
    if rng.random() < 0.15:
        light = light + _hairs(rng, labels, diameter) * rng.uniform(0.2, 0.6)
    return np.asarray(np.clip(light, 0, 6), np.float32)


def _texture(
    rng: Rng, labels: Labels, places: FloatArray, angles: FloatArray, diameter: float
) -> FloatArray:
    """Multiply what the stain shows: clouds always, then filaments, grains, nets or vacuoles."""
    size = max(diameter, 14.0)
    tile = rng.uniform(0.02, 0.25) * noise(rng, TILE, size * rng.uniform(0.1, 0.6), 1.0, 1.2)
    made = 1 + inside_cells(rng, tile, labels, places, angles)
    choice = rng.choice(["none", "fibres", "grains", "net", "vacuoles", "two"])
    if choice in ("fibres", "two"):
        tile = threads(rng, TILE, rng.uniform(1.0, 2.4), size * rng.uniform(0.4, 1.2))
        turned = (angles + rng.normal(0, 0.3, len(angles))).astype(np.float32)
        made = made + rng.uniform(0.3, 1.3) * inside_cells(rng, tile, labels, places, turned)
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


def _polar(
    rng: Rng, turn: FloatArray, away: FloatArray, labels: Labels, diameter: float
) -> FloatArray:
    """Lay filaments along the rays from the nucleus."""
    tile = threads(rng, TILE, rng.uniform(2.0, 5.0), diameter * rng.uniform(0.5, 1.5))
    offsets = rng.uniform(0, TILE, int(labels.max(initial=0)) + 1).astype(np.float32)
    return np.asarray(
        cv2.remap(
            np.pad(tile, ((0, 1), (0, 1)), mode="wrap"),
            np.mod(away + offsets[labels], TILE).astype(np.float32),
            np.mod(turn, TILE).astype(np.float32),
            cv2.INTER_LINEAR,
        )
    )


def _hairs(rng: Rng, labels: Labels, diameter: float) -> FloatArray:
    """Draw filopodia: thin spikes from the edges outwards, which nobody outlines."""
    depth_outside = cv2.distanceTransform((labels == 0).astype(np.uint8), cv2.DIST_L2, 5)
    slope_y, slope_x = np.gradient(cv2.GaussianBlur(depth_outside, (0, 0), 2.0))
    rows, columns = np.nonzero((depth_outside > 0) & (depth_outside < 1.5))
    drawn = np.zeros(labels.shape, np.float32)
    if not len(rows):
        return drawn
    for place in rng.integers(0, len(rows), min(400, len(rows) // 12 + 1)):
        y, x = float(rows[place]), float(columns[place])
        at = rows[place], columns[place]
        turn = np.arctan2(slope_y[at], slope_x[at]) + rng.normal(0, 0.4)
        length = diameter * rng.uniform(0.03, 0.2)
        end = (x + length * np.cos(turn), y + length * np.sin(turn))
        points = [(int(x * 16), int(y * 16)), (int(end[0] * 16), int(end[1] * 16))]
        cv2.line(drawn, points[0], points[1], float(rng.uniform(0.3, 1)), 1, cv2.LINE_AA, 4)
    return np.where(labels > 0, np.float32(0), drawn)
