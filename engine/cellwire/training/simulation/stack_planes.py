"""Planes cut through a stack of nuclei, along the stack and across it.

A plane of a stack shows what a picture of nuclei on glass does not: nuclei that it only grazes,
small and dim; light of those above and below; and, cut along the depth, blur in one direction and
planes further apart than pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from cellwire.training.simulation.scene import Field, Optics, Scene
from cellwire.training.simulation.textures import noise, threads

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Labels, Rng

TILE = 48
"""Side of the seamless cube that chromatin is taken from."""
MOST_NUCLEI = 4000
DIAMETERS = (9.0, 45.0)
"""Diameters of nuclei in pixels: larger ones are filmed coarser, as stacks are large."""
FAINTEST = 0.2
"""Least brightness of a nucleus that is outlined, in that of an ordinary one of its plane."""


@dataclass(frozen=True, slots=True)
class _Nuclei:
    """Ellipsoids.

    Attributes
    ----------
    centres
        (N, 3) in pixels: across the plane, y, x.
    shapes
        (N, 3, 3) matrices that make each a ball of radius 1.
    reach
        (N,) largest half axis in pixels.
    """

    centres: FloatArray
    shapes: FloatArray
    reach: FloatArray


def stack_planes(rng: Rng, field: Field) -> Scene:
    """Make one plane through a block of nuclei."""
    side, diameter = field.side, float(np.clip(field.diameter, *DIAMETERS))
    along_depth = rng.random() < 0.55
    depth_blur = diameter * rng.uniform(0.03, 0.22)
    plane_blur = depth_blur * rng.uniform(0.2, 0.6)
    across = plane_blur if along_depth else depth_blur
    half = int(np.ceil(2.5 * across)) + 1
    # Depth is the first axis of the picture where it is cut along the depth.
    nuclei = _place(rng, side, half, diameter, depth_axis=1 if along_depth else 0)
    light, labels = _fill(rng, nuclei, side, half, diameter)
    ground = _surroundings(rng, side, diameter)
    inside = labels[half] > 0
    if rng.random() < 0.5:  # nuclei shut the surroundings out
        ground = ground * (1.0 - rng.uniform(0.3, 1.0) * inside)
    sigmas = (across, depth_blur if along_depth else plane_blur, plane_blur)
    signal = ndimage.gaussian_filter(light, sigmas, mode="nearest")[half]
    plane = _without_unseen(labels[half], signal)
    signal = signal + ground
    if along_depth:
        signal = _sampled(rng, signal, depth_blur)
    if rng.random() < 0.3:
        signal = signal * _fading(rng, side)
    return Scene(
        np.clip(signal, 0.0, 6.0).astype(np.float32), None, plane, diameter,
        Optics(invert=0.02, sharp=0.02, clutter=0.15, scarce=0.45),
    )  # fmt: skip


def _place(rng: Rng, side: int, half: int, diameter: float, depth_axis: int) -> _Nuclei:
    """Put ellipsoids into the block around the plane, none far inside of another."""
    spread = rng.uniform(0.05, 0.35)
    density = rng.uniform(0.05, 0.62)
    thick = 2 * half + 1 + 2.0 * diameter
    wanted = density * side * side * thick / (np.pi / 6.0 * diameter**3)
    count = int(min(MOST_NUCLEI, max(6.0, wanted)))
    flat = rng.uniform(0.5, 1.0) if rng.random() < 0.5 else 1.0
    nearest = rng.uniform(0.7, 1.0)
    room = np.array([thick, side + diameter, side + diameter])
    radii = 0.5 * diameter * np.exp(rng.normal(0.0, spread, 4 * count))
    places = (rng.random((4 * count, 3)) - 0.5) * room
    kept = _apart(places.astype(np.float32), (nearest * radii).astype(np.float32))[:count]
    number = len(kept)
    longer = rng.uniform(1.0, rng.uniform(1.05, 2.2), number)
    axes = np.stack([longer, np.ones(number), rng.uniform(0.8, 1.0, number)], 1)
    axes *= (radii[kept] / np.cbrt(axes.prod(1)))[:, None]
    headings = 1 if rng.random() < 0.4 else number
    turns = Rotation.random(headings, random_state=int(rng.integers(2**31))).as_matrix()
    squeeze = np.ones(3)
    squeeze[depth_axis] = 1.0 / flat
    shapes = (turns / axes[:, :, None]) * squeeze
    centres = places[kept] + np.array([0.0, (side - 1) / 2.0, (side - 1) / 2.0])
    return _Nuclei(
        centres.astype(np.float32), shapes.astype(np.float32), axes.max(1).astype(np.float32)
    )


def _apart(places: FloatArray, radii: FloatArray) -> list[int]:
    """Give the numbers of balls of which none meets an earlier one."""
    meeting: dict[int, list[int]] = {}
    for one, other in cKDTree(places).query_pairs(2.0 * float(radii.max()), output_type="ndarray"):
        if np.linalg.norm(places[one] - places[other]) < radii[one] + radii[other]:
            meeting.setdefault(int(other), []).append(int(one))
    kept: list[int] = []
    taken = np.zeros(len(places), bool)
    for number in range(len(places)):
        taken[number] = not taken[meeting.get(number, [])].any()
        if taken[number]:
            kept.append(number)
    return kept


def _fill(
    rng: Rng, nuclei: _Nuclei, side: int, half: int, diameter: float
) -> tuple[FloatArray, Labels]:
    """Give the light and the labels of the block (2 half + 1, side, side)."""
    shape = (2 * half + 1, side, side)
    light, labels = np.zeros(shape, np.float32), np.zeros(shape, np.int32)
    best = np.full(shape, 1.0, np.float32)
    tile = _chromatin(rng, diameter)
    spread = rng.uniform(0.1, 0.6)
    levels = np.exp(rng.normal(0.0, spread, len(nuclei.centres)))
    dim = rng.random(len(levels)) < rng.uniform(0.0, 0.3)
    levels[dim] *= rng.uniform(0.25, 0.6, int(dim.sum()))
    bumps = rng.uniform(0.0, 0.18)
    for index, (centre, matrix, reach) in enumerate(
        zip(nuclei.centres, nuclei.shapes, nuclei.reach, strict=True)
    ):
        middle = centre + np.array([half, 0.0, 0.0])
        low = np.maximum(np.floor(middle - reach - 1), 0).astype(int)
        high = np.minimum(np.ceil(middle + reach + 2), shape).astype(int)
        if (low >= high).any():
            continue
        box = tuple(slice(*ends) for ends in zip(low, high, strict=True))
        grid = np.stack(
            np.meshgrid(*[np.arange(*e) for e in zip(low, high, strict=True)], indexing="ij")
        )
        offset = (grid - middle[:, None, None, None]).astype(np.float32)
        ball = np.einsum("ij,j...->i...", matrix, offset)
        squared = (ball**2).sum(0)
        at = (grid + rng.integers(0, TILE, (3, 1, 1, 1))) % TILE
        texture = tile[tuple(at)]
        squared = squared * (1.0 + bumps * np.sin(2.6 * ball[0] + index) * np.cos(2.3 * ball[1]))
        own = squared < best[box]
        best[box][own] = squared[own]
        labels[box][own] = index + 1
        light[box][own] = (levels[index] * np.clip(1.0 + texture, 0.05, None))[own]
    return light, labels


def _chromatin(rng: Rng, diameter: float) -> FloatArray:
    """Make a seamless cube of mean 0: clouds, and dark or bright spots."""
    white = rng.standard_normal((TILE, TILE, TILE), dtype=np.float32)
    clouds = ndimage.gaussian_filter(white, diameter * rng.uniform(0.04, 0.15), mode="wrap")
    clouds *= rng.uniform(0.03, 0.3) / clouds.std()
    if rng.random() < 0.5:
        spots = ndimage.gaussian_filter(
            white[::-1], diameter * rng.uniform(0.06, 0.12), mode="wrap"
        )
        spots = np.clip(spots / spots.std() - 1.5, 0.0, 1.0)
        clouds += rng.uniform(-0.8, 1.2) * spots
    return np.asarray(clouds, np.float32)


def _without_unseen(labels: Labels, light: FloatArray) -> Labels:
    """Take away the nuclei that are far dimmer than the others in this plane."""
    found = np.arange(1, int(labels.max(initial=0)) + 1)
    if not len(found):
        return labels
    there = np.bincount(labels.ravel(), minlength=len(found) + 1)[1:]
    means = np.bincount(labels.ravel(), light.ravel())[1:] / np.maximum(there, 1)
    usual = float(np.percentile(means[there > 0], 60))
    lost = np.concatenate([[False], means < FAINTEST * usual])
    return np.where(lost[labels], 0, labels).astype(np.int32)


def _surroundings(rng: Rng, side: int, diameter: float) -> FloatArray:
    """Make light that is no nucleus: haze, the cells' own, walls or fibres."""
    haze = np.exp(noise(rng, side, diameter * rng.uniform(1.0, 6.0), diameter * 0.2, 2.0) * 0.4)
    ground = rng.uniform(0.02, 0.35) * haze
    if rng.random() < 0.35:
        drawn = threads(
            rng, side, rng.uniform(1.0, 0.2 * diameter + 1.0), diameter * rng.uniform(1, 5), 0.5
        )
        drawn = np.rot90(drawn, int(rng.integers(4)))
        patches = np.clip(noise(rng, side, diameter * 8.0, diameter * 2.0, 2.0), 0.0, 1.5)
        ground = ground + rng.uniform(0.2, 1.6) * drawn * patches
    return np.asarray(ground, np.float32)


def _sampled(rng: Rng, plane: FloatArray, depth_blur: float) -> FloatArray:
    """Keep some lines only, and draw those between from them, as stacks are read."""
    apart = rng.uniform(1.0, max(1.0, 2.0 * depth_blur))
    if apart < 1.2:
        return plane
    height, width = plane.shape
    lines = cv2.resize(plane, (width, max(4, round(height / apart))), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(lines, (width, height), interpolation=cv2.INTER_LINEAR))


def _fading(rng: Rng, side: int) -> FloatArray:
    """Less light from deeper down, in one direction of the plane."""
    falling = np.exp(-np.linspace(0.0, rng.uniform(0.3, 2.0), side, dtype=np.float32))
    light = np.broadcast_to(falling[:, None], (side, side))
    return np.asarray(np.rot90(light, int(rng.integers(4))), np.float32)
