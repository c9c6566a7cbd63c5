"""From ideal light to a picture: blur, haze, uneven light, noise, debris, saturation, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.training.simulation.textures import blur, elsewhere, noise

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.training.simulation.scene import Rng, Scene


def photograph(rng: Rng, scene: Scene) -> AnyArray:
    """Take a picture of a scene.

    Returns
    -------
    AnyArray
        (2, Y, X) uint8 or uint16; the second channel is 0 where there is none.
    """
    optics = scene.optics
    signal = scene.signal
    nuclei = scene.nuclei
    if nuclei is not None and rng.random() < optics.missing_nuclei:
        nuclei = None
    if nuclei is not None:
        signal, nuclei = _crosstalk(rng, signal, nuclei)
    sigma = _sigma(rng, scene)
    first = _channel(rng, signal, sigma, scene)
    if rng.random() < optics.invert:
        first = float(first.max()) - first
    planes = [first]
    if nuclei is not None:
        planes.append(_channel(rng, nuclei, sigma * rng.uniform(0.7, 1.6), scene, plain=True))
    deep = bool(rng.random() < 0.6)
    quality = 0 if deep or rng.random() < 0.6 else int(rng.integers(35, 92))
    made = [_digital(rng, plane, deep, quality) for plane in planes]
    if len(made) == 1:
        made.append(np.zeros_like(made[0]))
    return np.stack(made)


def _crosstalk(rng: Rng, signal: FloatArray, nuclei: FloatArray) -> tuple[FloatArray, FloatArray]:
    if rng.random() < 0.3:
        signal = signal + nuclei * np.float32(rng.uniform(0.03, 0.3))
    if rng.random() < 0.3:
        nuclei = nuclei + signal * np.float32(rng.uniform(0.02, 0.25))
    return signal, nuclei


def _sigma(rng: Rng, scene: Scene) -> float:
    """Draw the blur: mostly sharp, at times out of focus, never so much that cells vanish."""
    most = max(0.8, scene.optics.sharp * scene.diameter)
    return float(0.45 + (most - 0.45) * rng.beta(1.0, 2.5))


def _channel(
    rng: Rng, ideal: FloatArray, sigma: float, scene: Scene, plain: bool = False
) -> FloatArray:
    """Turn ideal light into counted light, background included; about 0 to 1, noisy."""
    side = ideal.shape[0]
    optics = scene.optics
    image = blur(ideal, sigma)
    cells = scene.labels > 0
    contrast = float(np.percentile(np.abs(image - np.median(image))[cells], 70)) + 1e-3
    clutter = not plain and rng.random() < optics.clutter
    if optics.transmitted and not plain:
        most = rng.choice([0.6, 2.5], p=[0.7, 0.3]) * contrast / max(float(image.mean()), 1e-3)
        uneven = float(rng.choice([0.02, 0.08, 0.25], p=[0.5, 0.35, 0.15]))
        image = image * _uneven(rng, side, min(uneven, most))
        if clutter:
            image = image + blur(_debris(rng, side, scene.diameter), sigma) * rng.uniform(-0.3, 0.2)
        photons = 10 ** rng.uniform(3.2, 5.5)
        read = rng.uniform(0.0, 0.008)
    else:
        if rng.random() < 0.5:  # light of the planes above and below
            image = image + blur(image, scene.diameter * rng.uniform(0.2, 0.8)) * np.float32(
                rng.uniform(0.05, 0.5)
            )
        if not plain and rng.random() < 0.15:
            image = image + _other_layer(rng, image, scene.diameter)
        ground = 10 ** rng.uniform(-2.3, -0.4) if rng.random() < 0.85 else rng.uniform(0.2, 0.8)
        lumps = 0.4 if rng.random() < 0.25 else 0.1
        image = image + np.float32(ground) * _uneven(rng, side, lumps)
        uneven = float(rng.choice([0.03, 0.15, 0.4], p=[0.5, 0.35, 0.15]))
        image = image * _uneven(rng, side, uneven)
        if clutter:
            image = image + blur(_debris(rng, side, scene.diameter), sigma) * rng.uniform(0.2, 2.0)
        photons = 10 ** (0.9 + 3.1 * rng.beta(1.8, 1.2))
        read = rng.uniform(0.0, 0.02) if rng.random() < 0.75 else rng.uniform(0.02, 0.1)
    image = np.clip(image, 0, None).astype(np.float32)
    noisy = float(np.sqrt(image.mean() / photons + read**2))
    wanted = 3.0 if optics.transmitted and not plain else 1.6
    bearable = contrast / (wanted * np.sqrt(30.0 / scene.diameter))
    if optics.scarce and rng.random() < optics.scarce:
        bearable *= rng.uniform(0.6, 1.3)
        photons, read = photons * (noisy / bearable) ** 2, read * bearable / noisy
    elif noisy > bearable:  # nobody would outline what is not seen
        photons, read = photons * (noisy / bearable) ** 2, read * bearable / noisy
    return _counted(rng, image, photons, read)


def _counted(rng: Rng, image: FloatArray, photons: float, read: float) -> FloatArray:
    """Add shot and read noise; a normal law does for more than some ten photons."""
    expected = image * np.float32(photons)
    if photons < 60:
        counted = rng.poisson(expected).astype(np.float32) / np.float32(photons)
    else:
        spread = np.sqrt(expected) / np.float32(photons)
        counted = image + spread * rng.standard_normal(image.shape, dtype=np.float32)
    grain = rng.standard_normal(image.shape, dtype=np.float32)
    if rng.random() < 0.3:  # a camera whose pixels were joined, or a resized picture
        sigma = rng.uniform(0.4, 0.9)
        counted, grain = blur(counted, sigma), blur(grain, sigma) * np.float32(2 * sigma + 0.6)
    return np.asarray(counted + np.float32(read) * grain, np.float32)


def _uneven(rng: Rng, side: int, amount: float) -> FloatArray:
    """Make uneven light about 1: darker towards the edges, a slope, lumps."""
    y, x = np.meshgrid(*[np.linspace(-1, 1, side, dtype=np.float32)] * 2, indexing="ij")
    cy, cx = rng.normal(0, 0.35, 2)
    falling = np.exp(-((y - cy) ** 2 + (x - cx) ** 2) * np.float32(rng.uniform(0, 1.2) * amount))
    slope = 1 + amount * (y * rng.normal(0, 0.5) + x * rng.normal(0, 0.5))
    lumps = cv2.resize(noise(rng, 16, 10, 1, 2), (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(
        np.clip(falling * slope * (1 + 0.25 * amount * lumps), 0.05, None), np.float32
    )


def _debris(rng: Rng, side: int, diameter: float) -> FloatArray:
    """Make specks, fibres and blurred lumps that are no cells."""
    drawn = np.zeros((side, side), np.float32)
    for _ in range(int(rng.integers(1, 60 if rng.random() < 0.3 else 20))):
        y, x = rng.uniform(0, side, 2)
        size = rng.uniform(0.4, max(0.8, 0.08 * diameter))
        cv2.circle(
            drawn, (int(x * 16), int(y * 16)), int(size * 16), rng.uniform(0.2, 1.0), -1,
            cv2.LINE_AA, 4,
        )  # fmt: skip
    if rng.random() < 0.2:
        points = np.cumsum(rng.normal(0, side / 12, (6, 2)), axis=0) + rng.uniform(0, side, 2)
        cv2.polylines(drawn, [points.astype(np.int32)], False, 0.5, 1, cv2.LINE_AA)
    return blur(drawn, rng.uniform(0.3, 1.5))


def _other_layer(rng: Rng, image: FloatArray, diameter: float) -> FloatArray:
    """Add cells of another layer, far out of focus."""
    far = blur(elsewhere(rng, image), diameter * rng.uniform(0.15, 0.4))
    return np.asarray(far * np.float32(rng.uniform(0.1, 0.5)), np.float32)


def _digital(rng: Rng, plane: FloatArray, deep: bool, quality: int) -> AnyArray:
    """Amplify, cut off what is too bright, and count in 8 or 16 bits."""
    low = float(plane.min())
    high = float(np.percentile(plane, 99.8))
    if rng.random() < 0.15:  # too long an exposure
        high = low + (high - low) * rng.uniform(0.45, 0.9)
    span = max(high - low, 1e-6)
    scaled = (plane - low) / np.float32(span)
    if rng.random() < 0.2:
        scaled = np.clip(scaled, 0, None) ** np.float32(rng.uniform(0.6, 1.5))
    offset = rng.uniform(0.0, 0.12)
    if deep:
        top = 10 ** rng.uniform(2.5, 4.7)
        return np.asarray(np.clip((scaled * (1 - offset) + offset) * top, 0, 65535), np.uint16)
    top = rng.uniform(120, 255)
    shown = np.asarray(np.clip((scaled * (1 - offset) + offset) * top, 0, 255), np.uint8)
    if quality:
        done, data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done:
            shown = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return shown
