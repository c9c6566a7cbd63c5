"""Unstained cells as transmitted light shows them: phase contrast, brightfield, DIC, absorption."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.training.simulation.textures import blur, noise

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Rng

GAIN = (0.05, 0.4)
"""Least and greatest contrast: standard deviation in the cells by the background's light."""

GROUND = 0.5


def view(rng: Rng, height: FloatArray, diameter: float, way: str) -> FloatArray:
    """Show optical thickness through a microscope.

    Parameters
    ----------
    height
        (Y, X) optical thickness, 0 outside cells.
    diameter
        Typical diameter of the cells in pixels.
    way
        ``contrast``: a phase ring takes the wide blur away from the phase and leaves halos.
        ``defocus``: brightness follows the curvature, as in brightfield out of focus (transport of
        intensity). ``shade``: the slope in one direction, as in differential interference
        contrast. ``absorb``: light is lost in the cells.

    Returns
    -------
    FloatArray
        (Y, X), background about 0.5.
    """
    sign = float(rng.choice([-1.0, 1.0], p=[0.7, 0.3]))
    shown = {"contrast": _contrast, "defocus": _defocus, "shade": _shade}.get(way, _absorbed)(
        rng, height, diameter
    )
    cells = height > 0
    spread = float(np.sqrt(np.mean(shown[cells] ** 2))) if cells.any() else 1.0
    gain = float(np.exp(rng.uniform(*np.log(GAIN))))
    fine = rng.choice([0.01, 0.05, 0.12]) * noise(rng, height.shape[0], 12, 1.0, 1.0)
    if way == "absorb":
        sign = -1.0
    light = GROUND * (1 + gain * (sign * shown / max(spread, 1e-6) + fine))
    return np.asarray(np.clip(light, 0.01, 2), np.float32)


def _contrast(rng: Rng, height: FloatArray, diameter: float) -> FloatArray:
    wide = max(1.5, diameter * rng.uniform(0.04, 0.3))
    halo = blur(height, wide)
    if rng.random() < 0.5:
        halo = 0.6 * halo + 0.4 * blur(height, wide * 3)
    shown = height - halo * rng.uniform(0.5, 1.0)
    if rng.random() < 0.4:  # thick parts shift the phase so far that they turn bright
        shown = np.sin(np.clip(shown * rng.uniform(1.2, 3.5), -2, 3.0))
    return np.asarray(shown, np.float32)


def _defocus(rng: Rng, height: FloatArray, diameter: float) -> FloatArray:
    scale = max(0.9, diameter * rng.uniform(0.015, 0.05))
    shown = (blur(height, scale) - blur(height, scale * 1.7)) * 4.5
    ring = blur(height, scale * 2) - blur(height, scale * 3.4)
    dim = height * rng.uniform(0.0, 0.4)
    return np.asarray(shown - ring * rng.uniform(0, 3) + dim, np.float32)


def _shade(rng: Rng, height: FloatArray, diameter: float) -> FloatArray:
    turn = rng.uniform(0, 2 * np.pi)
    dy, dx = np.gradient(blur(height, max(0.8, diameter * 0.015)))
    return np.asarray(dy * np.sin(turn) + dx * np.cos(turn), np.float32)


def _absorbed(rng: Rng, height: FloatArray, diameter: float) -> FloatArray:
    return np.asarray(1 - np.exp(-height * rng.uniform(0.3, 2.0)), np.float32)
