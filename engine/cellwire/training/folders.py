"""Reading folders of images and their labels, prepared for training."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cellwire.errors import TrainingDataError
from cellwire.images.reading import LoadedImage, read_image
from cellwire.segmentation.targets import labels_to_flows, median_diameter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cellwire.segmentation.arrays import AnyArray, FloatArray

IMAGE_SUFFIXES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp")
SMALLEST_DIAMETER = 5.0
"""Diameter in pixels below which an image's cells are not enlarged further, as in the peer."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An image file and its labels file.

    Attributes
    ----------
    name
        Stem of the image.
    image, labels
        The files.
    split
        ``"train"`` or ``"val"``.
    kind
        What sort of image it is, ``""`` if the folder's index does not say.
    """

    name: str
    image: Path
    labels: Path
    split: str = "train"
    kind: str = ""


@dataclass(frozen=True, slots=True)
class TrainingImage:
    """An image with all that training needs of it, at the image's own resolution.

    Attributes
    ----------
    pair
        Where it came from.
    image
        (Y, X, C) float32, normalised as for segmentation.
    labels
        (Y, X) int32, 0 = background.
    flows
        (2, Y, X) float32, unit flows; see `cellwire.segmentation.targets.labels_to_flows`.
    diameter
        Median diameter of the cells in pixels.
    cells
        Number of cells.
    """

    pair: Pair
    image: FloatArray
    labels: AnyArray
    flows: FloatArray
    diameter: float
    cells: int


def find_pairs(folder: Path) -> list[Pair]:
    """List the images of a folder that have labels.

    Two ways of keeping them are known: ``images/NAME.*`` with ``masks/NAME.*``, where an
    ``index.csv`` with the columns ``id``, ``split`` and ``kind`` may say more; and Cellpose's
    ``NAME_img.*`` or ``NAME.*`` with ``NAME_masks.*`` in one folder.

    Raises
    ------
    TrainingDataError
        If the folder holds neither.
    """
    if not folder.is_dir():
        raise TrainingDataError(
            f"{folder} is not a folder.", "Give the folder that holds images/ and masks/."
        )
    if (folder / "images").is_dir() and (folder / "masks").is_dir():
        pairs = _pairs_of_two_folders(folder)
    else:
        pairs = _pairs_of_one_folder(folder)
    if not pairs:
        raise TrainingDataError(
            f"No image in {folder} has labels beside it.",
            "Put images into images/ and labels of the same name into masks/, or name them "
            "NAME_img.tif and NAME_masks.tif.",
        )
    return pairs


def _images_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)


def _pairs_of_two_folders(folder: Path) -> list[Pair]:
    labels = {path.stem: path for path in _images_in(folder / "masks")}
    pairs = {
        path.stem: Pair(path.stem, path, labels[path.stem])
        for path in _images_in(folder / "images")
        if path.stem in labels
    }
    index = folder / "index.csv"
    if index.is_file():
        with index.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                pair = pairs.get(row.get("id", ""))
                if pair is not None:
                    pairs[pair.name] = replace(
                        pair, split=row.get("split") or "train", kind=row.get("kind") or ""
                    )
    return list(pairs.values())


def _pairs_of_one_folder(folder: Path) -> list[Pair]:
    files = {path.stem: path for path in _images_in(folder)}
    pairs = []
    for stem, labels in files.items():
        if stem.endswith("_masks"):
            name = stem.removesuffix("_masks").removesuffix("_img")
            image = files.get(f"{name}_img") or files.get(name)
            if image is not None:
                pairs.append(Pair(name, image, labels))
    return pairs


def load_images(
    pairs: Sequence[Pair],
    prepare: Callable[[AnyArray], FloatArray],
    least_cells: int = 5,
    progress: Callable[[int, int], None] | None = None,
) -> list[TrainingImage]:
    """Read pairs and compute their flows, each image's cells in parallel.

    Parameters
    ----------
    pairs
        What to read.
    prepare
        Makes the network's (Y, X, C) input of an image (Y, X, C).
    least_cells
        Images with fewer cells are left out, as in the peer.
    progress
        Called with the number done and the number of all.

    Raises
    ------
    TrainingDataError
        If an image and its labels differ in size, or no image is left.
    """

    def load(pair: Pair) -> TrainingImage:
        image, labels = (
            prepare(_last_channels(read_image(pair.image))),
            read_image(pair.labels).array,
        )
        if labels.shape != image.shape[:2]:
            raise TrainingDataError(
                f"{pair.image.name} has {image.shape[0]}×{image.shape[1]} pixels, its labels have "
                f"the shape {labels.shape}.",
                "Labels must be one plane of the image's size.",
            )
        labels = labels.astype(np.int32)
        cells = len(np.unique(labels[labels > 0]))
        diameter = max(median_diameter(labels), SMALLEST_DIAMETER)
        return TrainingImage(pair, image, labels, labels_to_flows(labels), diameter, cells)

    kept = []
    for done, pair in enumerate(pairs, start=1):
        image = load(pair)
        if image.cells >= least_cells:
            kept.append(image)
        if progress is not None:
            progress(done, len(pairs))
    if not kept:
        raise TrainingDataError(
            f"None of the {len(pairs)} images has the least number of cells, {least_cells}.",
            "Lower --min-train-masks or add images.",
        )
    return kept


def _last_channels(loaded: LoadedImage) -> AnyArray:
    if sorted(loaded.axes) not in (["X", "Y"], ["C", "X", "Y"]):
        raise TrainingDataError(
            f"{loaded.path.name} has the axes {loaded.axes}; one plane with or without channels is "
            "needed.",
            "Save the planes as files of their own.",
        )
    order = [loaded.axes.index(axis) for axis in "YXC" if axis in loaded.axes]
    plane = loaded.array.transpose(order)
    return plane if plane.ndim == 3 else plane[..., None]
