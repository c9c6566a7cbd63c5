"""Images and labels, prepared for training and small enough to keep hundreds in memory."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cellwire.errors import TrainingDataError
from cellwire.evaluation.label_files import read_labels, split_objects
from cellwire.images.channels import choose_channels
from cellwire.images.reading import RGB, LoadedImage, read_image
from cellwire.segmentation.normalise import normalise
from cellwire.segmentation.parameters import Normalisation
from cellwire.segmentation.targets import labels_to_flows, median_diameter
from cellwire.training.folders import few
from cellwire.training.labelled_area import labelled_area

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cellwire.segmentation.arrays import AnyArray, BoolArray, FloatArray
    from cellwire.training.folders import Pair

SMALLEST_DIAMETER = 5.0
"""Diameter in pixels below which an image's cells are not enlarged further, as in the peer."""
LARGEST_VALUE = 6e4
"""Normalised intensities beyond it, of single hot pixels, are cut to what float16 holds."""
READERS = 8
MIXTURES = ((0.6, 0.2, 0.2), (0.2, 0.6, 0.2), (0.25, 0.25, 0.5), (0.45, 0.45, 0.1))
"""Shares of red, green and blue in what a view of a colour image may show instead of their mean."""


@dataclass(frozen=True, slots=True)
class TrainingImage:
    """An image with all that training needs of it, at the image's own resolution.

    Attributes
    ----------
    pair
        Where it came from.
    image
        (Y, X, C) float16, normalised as for segmentation; C = 1, or 2 with nuclei.
    labels
        (Y, X) integers, 0 = background.
    flows
        (2, Y, X) float16, unit flows; see `cellwire.segmentation.targets.labels_to_flows`.
    diameter
        Median diameter of the cells in pixels.
    cells
        Number of cells.
    area
        (Y, X), where the labels are known; ``None`` = everywhere.
    mixtures
        The image (Y, X, 1) as other mixtures of its colours, normalised alike; none if it has no
        colours, or channels of it were chosen.
    """

    pair: Pair
    image: AnyArray
    labels: AnyArray
    flows: AnyArray
    diameter: float
    cells: int
    area: BoolArray | None = None
    mixtures: tuple[AnyArray, ...] = ()


def load_images(
    pairs: Sequence[Pair],
    channels: Sequence[int | str] | None = None,
    least_cells: int = 5,
    progress: Callable[[int, int], None] | None = None,
    notice: Callable[[str], None] | None = None,
    flows_of: Callable[[AnyArray], AnyArray] = labels_to_flows,
    *,
    mixed: bool = True,
) -> list[TrainingImage]:
    """Read pairs and compute their flows, several images at a time.

    Parameters
    ----------
    pairs
        What to read.
    channels
        Segmented and nucleus channel of images that do not say; ``None`` = the mean of all.
    least_cells
        Images with fewer cells are left out, as in the peer.
    progress
        Called with the number done and the number of all.
    notice
        Told, as sentences, what was left out and what looks wrong.
    flows_of
        Gives the flows (2, Y, X) of labels (Y, X).
    mixed
        Whether images in colours get their mixtures, which nothing but training looks at.

    Raises
    ------
    TrainingDataError
        If an image and its labels do not fit, or no image is left.
    """
    kept, poor, torn = [], [], []

    def load(pair: Pair) -> TrainingImage:
        return _load(pair, channels, flows_of, mixed=mixed)

    for done, image in enumerate(_few_at_a_time(load, pairs), start=1):
        if image.cells >= least_cells:
            kept.append(image)
            parts = split_objects(image.labels) if notice is not None else []
            if parts:
                torn.append(f"{image.pair.labels.name} ({few([str(part) for part in parts])})")
        else:
            poor.append(f"{image.pair.image.name} ({image.cells})")
        if progress is not None:
            progress(done, len(pairs))
    if not kept:
        raise TrainingDataError(
            f"None of the {len(pairs)} images has the least number of cells, {least_cells}: "
            f"{few(poor)}.",
            "Lower --min-train-masks or add images.",
        )
    if notice is not None and poor:
        notice(f"{len(poor)} images with fewer than {least_cells} cells are left out: {few(poor)}.")
    if notice is not None and torn:
        notice(
            f"In {len(torn)} images there are objects in several parts, whose flows lead to one of "
            f"them only: {few(torn)}. If they are two cells, give them two numbers."
        )
    return kept


def _few_at_a_time(
    load: Callable[[Pair], TrainingImage], pairs: Sequence[Pair]
) -> Iterator[TrainingImage]:
    """Give the loaded images in their order, with a few being read ahead."""
    readers = min(READERS, os.cpu_count() or 1)
    with ThreadPoolExecutor(readers) as pool:
        coming = deque(pool.submit(load, pair) for pair in pairs[: 2 * readers])
        try:
            for pair in (*pairs[2 * readers :], *[None] * len(coming)):
                if pair is not None:
                    coming.append(pool.submit(load, pair))
                yield coming.popleft().result()
        finally:
            for each in coming:
                each.cancel()


def _load(
    pair: Pair,
    channels: Sequence[int | str] | None,
    flows_of: Callable[[AnyArray], AnyArray],
    *,
    mixed: bool,
) -> TrainingImage:
    loaded = read_image(pair.image)
    image = prepare(loaded, pair.channels or channels)
    labels = read_labels(pair.labels, (image.shape[0], image.shape[1]))
    cells = len(np.unique(labels[labels > 0]))
    diameter = max(median_diameter(labels), SMALLEST_DIAMETER)
    area = labelled_area(labels, diameter) if pair.unlabelled and cells else None
    flows = flows_of(labels).astype(np.float16, copy=False)
    chosen = any(pair.channels or channels or ())
    mixtures = _mixtures(loaded) if mixed and not chosen else []
    return TrainingImage(
        pair, _narrow(image), labels, flows, diameter, cells, area, tuple(map(_narrow, mixtures))
    )


def _narrow(image: FloatArray) -> AnyArray:
    return np.clip(image, -LARGEST_VALUE, LARGEST_VALUE).astype(np.float16)


def _mixtures(loaded: LoadedImage) -> list[FloatArray]:
    """Mix the colours of an image otherwise than to their mean; nothing of a grey one."""
    if loaded.channel_names != RGB:
        return []
    colours = np.moveaxis(loaded.array, loaded.axes.index("C"), -1)
    if (colours == colours[..., :1]).all():
        return []
    mixed = [colours @ np.array(shares, np.float32) for shares in MIXTURES]
    return [normalise(each[..., None], Normalisation(), 1) for each in mixed]


def prepare(loaded: LoadedImage, channels: Sequence[int | str] | None) -> FloatArray:
    """Make the network's input of an image, by the same normalisation as in segmentation.

    Parameters
    ----------
    loaded
        One plane with or without channels.
    channels
        Segmented and nucleus channel, from 1; 0 = the mean of all channels as first, none as
        second. ``None`` = the mean of all, no nuclei.

    Returns
    -------
    planes
        (Y, X, 1) or (Y, X, 2) float32.

    Raises
    ------
    TrainingDataError
        If it is a stack.
    InvalidParameterError
        If a channel is not in the image.
    """
    if sorted(loaded.axes) not in (["X", "Y"], ["C", "X", "Y"]):
        raise TrainingDataError(
            f"{loaded.path.name} has the axes {loaded.axes}; one plane with or without channels is "
            "needed.",
            "Save the planes as files of their own.",
        )
    order = [loaded.axes.index(axis) for axis in "CYX" if axis in loaded.axes]
    array = loaded.array.transpose(order)
    stack = array if array.ndim == 3 else array[None]
    chosen = (
        choose_channels(channels, loaded.axes, loaded.array.shape, loaded.channel_names)
        if channels is not None
        else (0,)
    )
    planes = [
        stack[number - 1]
        if number
        else stack[0]
        if len(stack) == 1
        else stack.mean(axis=0, dtype=np.float64).astype(np.float32)
        for number in chosen
    ]
    return normalise(np.stack(planes, axis=-1), Normalisation(), len(planes))
