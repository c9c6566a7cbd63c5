"""Small folders of images and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import tifffile

from cellwire.training.folders import find_pairs
from cellwire.training.training_images import TrainingImage, load_images

if TYPE_CHECKING:
    from pathlib import Path


def disks(seed: int, shape: tuple[int, int] = (80, 96), count: int = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    labels = np.zeros(shape, np.uint16)
    for label in range(1, count + 1):
        y, x = (int(rng.integers(8, side - 8)) for side in shape)
        cv2.circle(labels, (x, y), 6, label, -1)
    return labels


def picture(labels: np.ndarray) -> np.ndarray:
    return np.where(labels > 0, 200, 20).astype(np.uint8)


def write_folder(folder: Path, count: int = 3) -> Path:
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    for index in range(count):
        labels = disks(index)
        tifffile.imwrite(folder / "masks" / f"{index}.tif", labels)
        tifffile.imwrite(folder / "images" / f"{index}.tif", picture(labels))
    return folder


def sample_images(folder: Path, count: int = 3) -> list[TrainingImage]:
    return load_images(find_pairs(write_folder(folder, count)), least_cells=1)
