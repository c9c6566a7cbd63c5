"""Simulated fields of nuclei for timing: images that a nuclei model segments, and their labels."""

from __future__ import annotations

import cv2
import numpy as np


def nuclei_field(
    side: int, seed: int, pitch: int = 34, radii: tuple[int, int] = (7, 12)
) -> tuple[np.ndarray, np.ndarray]:
    """Image (side, side) uint16 and labels of bright ellipses on uneven, noisy ground.

    The ellipses stand about `pitch` pixels apart; half their axes are drawn from `radii`, without
    the second.
    """
    rng = np.random.default_rng(seed)
    labels = np.zeros((side, side), np.int32)
    light = np.zeros((side, side), np.float32)
    number = 0
    for y in range(pitch // 2, side - pitch // 4, pitch):
        for x in range(pitch // 2, side - pitch // 4, pitch):
            number += 1
            centre = tuple(int(v + rng.integers(-5, 6)) for v in (x, y))
            axes = tuple(int(v) for v in rng.integers(*radii, 2))
            angle = float(rng.uniform(0, 180))
            cv2.ellipse(labels, centre, axes, angle, 0, 360, number, -1)
            cv2.ellipse(light, centre, axes, angle, 0, 360, float(rng.uniform(400, 1500)), -1)
    light = cv2.GaussianBlur(light, (0, 0), 1.5) + np.linspace(80, 200, side, dtype=np.float32)
    return rng.poisson(light).astype(np.uint16), labels


def noisy_flows(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Flows (2, Y, X) and cellprob (Y, X) float32 as a network might give them for labels."""
    from cellwire.segmentation.targets import labels_to_flows

    rng = np.random.default_rng(seed)
    flows = 5.0 * labels_to_flows(labels)
    flows += rng.normal(0, 0.5, flows.shape).astype(np.float32)
    cellprob = np.where(labels > 0, 4.0, -4.0).astype(np.float32)
    cellprob += rng.normal(0, 0.8, labels.shape).astype(np.float32)
    return flows.astype(np.float32), cellprob
