"""Nuclei: real ones cut from a training set, or made ones, set into cells."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from scipy import ndimage

from cellwire.errors import TrainingDataError
from cellwire.images.reading import read_image
from cellwire.training.simulation.shapes import THETA, depth_of, wavy
from cellwire.training.simulation.textures import grains, net, noise

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.scene import Labels, Rng

STAMP = 64
"""Side of a nucleus in the bank; it fills a circle of 48 pixels' area."""

STAMP_RADIUS = 24.0
IMAGES = 80
PER_IMAGE = 6
SMALLEST = 18.0
"""Smallest diameter in pixels of a real nucleus that is worth keeping as a texture."""


@dataclass(frozen=True, slots=True)
class NucleusBank:
    """Nuclei of one size.

    Attributes
    ----------
    light
        (N, STAMP, STAMP) brightness about 1 inside, 0 outside.
    cover
        (N, STAMP, STAMP) 1 inside, 0 outside.
    """

    light: FloatArray
    cover: FloatArray


def made_bank(seed: int, count: int = 60) -> NucleusBank:
    """Make nuclei of noise: smooth, coarse chromatin, nucleoli, bright spots."""
    rng = np.random.default_rng([seed, 77])
    rows, columns = np.indices((STAMP, STAMP)) - (STAMP - 1) / 2
    turn = (np.arctan2(rows, columns) * len(THETA) / (2 * np.pi)).astype(int) % len(THETA)
    light, cover = [], []
    for table in wavy(rng, count, 0.05):
        inside = (np.hypot(rows, columns) < STAMP_RADIUS * table[turn]).astype(np.float32)
        cloud = noise(rng, STAMP, rng.uniform(5, 20), 1.5, 1.5) * rng.uniform(0.05, 0.2)
        spots = grains(rng, STAMP, rng.uniform(2.5, 6), rng.uniform(0.2, 0.5))
        mesh = net(rng, STAMP, rng.uniform(6, 14)) * rng.uniform(-0.1, 0.2)
        shown = (1 + cloud + spots * rng.uniform(-0.6, 0.6) + mesh) * inside
        light.append(cv2.GaussianBlur(shown.astype(np.float32), (0, 0), 1.0))
        cover.append(inside)
    return NucleusBank(np.asarray(light, np.float32), np.asarray(cover, np.float32))


def real_bank(folder: Path, seed: int) -> NucleusBank:
    """Cut nuclei out of the fluorescence training images of a folder.

    Parameters
    ----------
    folder
        With ``images/ID.png``, ``masks/ID.png`` and ``index.csv`` (id, split, kind); only rows of
        the split ``train`` and the kind ``fluo`` are read.

    Raises
    ------
    TrainingDataError
        If the folder is not one of these, or holds no nucleus large enough.
    """
    index = folder / "index.csv"
    if not index.is_file():
        raise TrainingDataError(
            f"{folder} has no index.csv with the columns id, split and kind.",
            "Give the folder of a set of nuclei with --nuclei, or leave it out.",
        )
    with index.open(newline="", encoding="utf-8") as stream:
        names = [
            row.get("id", "")
            for row in csv.DictReader(stream)
            if row.get("split") == "train" and row.get("kind") == "fluo"
        ]
    rng = np.random.default_rng([seed, 78])
    light: list[FloatArray] = []
    cover: list[FloatArray] = []
    taken = 0
    for place in rng.permutation(len(names)):
        cut = _cut(rng, folder, names[place])
        light += [each[0] for each in cut]
        cover += [each[1] for each in cut]
        taken += bool(cut)
        if taken == IMAGES:
            break
    if not light:
        raise TrainingDataError(
            f"{folder} has no fluorescence nuclei of {SMALLEST:.0f} pixels or more among its "
            f"{len(names)} training images.",
            "Give another folder with --nuclei, or leave it out.",
        )
    return NucleusBank(np.asarray(light, np.float32), np.asarray(cover, np.float32))


def _cut(rng: Rng, folder: Path, name: str) -> list[tuple[FloatArray, FloatArray]]:
    picture, truth = folder / "images" / f"{name}.png", folder / "masks" / f"{name}.png"
    if not picture.is_file() or not truth.is_file():
        return []
    loaded, labels = read_image(picture), read_image(truth).array.astype(np.int32)
    grey = loaded.array.astype(np.float32)
    if "C" in loaded.axes:
        grey = grey.mean(axis=loaded.axes.index("C"))
    boxes = ndimage.find_objects(labels)
    areas = np.bincount(labels.ravel(), minlength=len(boxes) + 1)[1:]
    large = np.flatnonzero(areas > np.pi / 4 * SMALLEST**2)
    ground = float(np.median(grey[labels == 0])) if (labels == 0).any() else 0.0
    cut = []
    for place in rng.permutation(large)[:PER_IMAGE]:
        box = boxes[place]
        inner = (box[0].start > 0 and box[1].start > 0) and (
            box[0].stop < labels.shape[0] and box[1].stop < labels.shape[1]
        )
        own = (labels[box] == place + 1).astype(np.float32)
        shown = np.clip(grey[box] - ground, 0, None) * own
        level = float(np.median(shown[own > 0]))
        if not inner or level < 4:
            continue
        y, x = ndimage.center_of_mass(own)
        zoom = STAMP_RADIUS / np.sqrt(areas[place] / np.pi)
        half = (STAMP - 1) / 2
        way = np.array([[zoom, 0, half - zoom * x], [0, zoom, half - zoom * y]], np.float32)
        size = (STAMP, STAMP)
        cut.append(
            (
                np.clip(cv2.warpAffine(shown / level, way, size), 0, 2.5).astype(np.float32),
                (cv2.warpAffine(own, way, size) > 0.5).astype(np.float32),
            )
        )
    return cut


def deepest(labels: Labels) -> tuple[FloatArray, FloatArray]:
    """Give of each label from 0 the point (y, x) far from its edge, and its depth in pixels."""
    count = int(labels.max(initial=0))
    depth = cv2.GaussianBlur(depth_of(labels), (0, 0), 1.5)
    places, depths = np.zeros((count + 1, 2), np.float32), np.zeros(count + 1, np.float32)
    boxes: list[Any] = ndimage.find_objects(labels)
    for label, box in enumerate(boxes, start=1):
        if box is None:
            continue
        own = np.where(labels[box] == label, depth[box], -1.0)
        at = int(own.argmax())
        y, x = divmod(at, own.shape[1])
        places[label] = y + box[0].start, x + box[1].start
        depths[label] = own[y, x]
    return places, depths


def set_nuclei(
    rng: Rng,
    labels: Labels,
    bank: NucleusBank,
    places: FloatArray,
    radii: FloatArray,
    angles: FloatArray,
    ratio: tuple[float, float] = (1.0, 1.6),
) -> tuple[FloatArray, FloatArray]:
    """Set nuclei into cells.

    Parameters
    ----------
    places, radii, angles
        (N + 1, 2), (N + 1,), (N + 1,) for each label from 0; a radius of 0 = no nucleus.
    ratio
        Least and greatest length ÷ width, along the angle.

    Returns
    -------
    tuple
        Brightness (Y, X), and where nuclei are (Y, X) 0 to 1.
    """
    shape = labels.shape
    light, cover = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    half = (STAMP - 1) / 2
    for label in range(1, len(radii)):
        radius = float(radii[label])
        if radius < 1.2:
            continue
        which = int(rng.integers(len(bank.light)))
        stretch = np.sqrt(rng.uniform(*ratio))
        reach = int(np.ceil(radius * stretch * STAMP / (2 * STAMP_RADIUS))) + 2
        y, x = places[label]
        top, left = max(0, int(y) - reach), max(0, int(x) - reach)
        bottom, right = min(shape[0], int(y) + reach + 1), min(shape[1], int(x) + reach + 1)
        if top >= bottom or left >= right:
            continue
        angle = angles[label] + rng.normal(0, 0.25)
        c, s = np.cos(angle), np.sin(angle)
        flip = rng.choice([-1.0, 1.0])
        zoom = STAMP_RADIUS / radius
        turn = np.array([[c / stretch, s / stretch], [-s * stretch * flip, c * stretch * flip]])
        turn *= zoom
        origin = half - turn @ np.array([x - left, y - top])
        way = np.column_stack([turn, origin]).astype(np.float32)
        size, flags = (right - left, bottom - top), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        window = np.s_[top:bottom, left:right]
        own = labels[window] == label
        shown = cv2.warpAffine(bank.light[which], way, size, flags=flags) * own
        inside = cv2.warpAffine(bank.cover[which], way, size, flags=flags) * own
        level = rng.lognormal(0.0, 0.18)
        light[window] = np.maximum(light[window], shown * level)
        cover[window] = np.maximum(cover[window], inside)
    return light, cover
