"""Reading label images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.errors import TrainingDataError
from cellwire.images.reading import read_image

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.images.reading import LoadedImage
    from cellwire.segmentation.arrays import AnyArray


def read_labels(path: Path, image: str) -> AnyArray:
    """Read a label image (Y, X) as int32.

    Parameters
    ----------
    path
        File of the labels.
    image
        Name of the image they belong to.

    Raises
    ------
    TrainingDataError
        It has more than one plane.
    """
    loaded = read_image(path)
    array = loaded.array.reshape([n for n in loaded.array.shape if n != 1])
    if array.ndim != 2:
        size = " x ".join(str(n) for n in loaded.array.shape)
        raise TrainingDataError(
            f"The labels {path.name} of {image} have the shape {size} ({loaded.axes}).",
            "Labels are one plane: 0 = background, a number for each cell.",
        )
    labels: AnyArray = array.astype("int32")
    return labels


def check_fits(path: Path, labels: AnyArray, loaded: LoadedImage) -> None:
    """Refuse labels (Y, X) of another size than their image.

    Raises
    ------
    TrainingDataError
        Naming both sizes.
    """
    shape = tuple(loaded.array.shape[loaded.axes.index(axis)] for axis in "YX")
    if labels.shape != shape:
        raise TrainingDataError(
            f"The labels {path.name} are {labels.shape[0]} x {labels.shape[1]} pixels, their image "
            f"{shape[0]} x {shape[1]}.",
            "Give labels of the image itself.",
        )
