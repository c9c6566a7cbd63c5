"""Reading labels, from whatever they are kept in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from cellwire.errors import (
    ImageContentError,
    ModelBrokenError,
    ShapeMismatchError,
    TrainingDataError,
    UnsupportedTypeError,
)
from cellwire.evaluation.roi_files import read_roi_set
from cellwire.images.reading import read_image
from cellwire.networks.foreign import import_masks

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray

LARGEST_NARROW = 2**16 - 1
ONE_PLANE = "Labels are one plane of the image's size: 0 = background, a number for each cell."
ONE_STACK = "Labels are a stack of the image's size: 0 = background, a number for each object."
EIGHT_NEIGHBOURS = np.ones((3, 3), bool)


def read_labels(path: Path, shape: tuple[int, ...], axes: str = "YX") -> AnyArray:
    """Read the labels of an image from a label image, a ``_seg.npy`` or a RoiSet.zip.

    Parameters
    ----------
    path
        The file.
    shape
        Length of each axis of the image.
    axes
        ``"YX"``, or ``"ZYX"`` for labels of a stack, which are no ROI set.

    Returns
    -------
    labels
        (*axes); see `read_label_image`.

    Raises
    ------
    TrainingDataError
        If it holds no labels, or not those of an image of this size.
    """
    suffix = path.suffix.lower()
    if suffix == ".zip":
        if axes != "YX":
            raise TrainingDataError(
                f"{path.name} is a ROI set; labels of a stack are read from a label image.",
                "Save them as a TIFF of the stack's size.",
            )
        return compact(read_roi_set(path, (shape[0], shape[1])), path.name)
    labels = _read_seg(path) if suffix == ".npy" else read_label_image(path, axes)
    if labels.shape != shape:
        raise TrainingDataError(
            f"The image has {_size(shape)} pixels, its labels {path.name} have "
            f"{_size(labels.shape)}.",
            _what_labels_are(axes),
        )
    return labels


def _size(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _what_labels_are(axes: str) -> str:
    return ONE_PLANE if axes == "YX" else ONE_STACK


def _read_seg(path: Path) -> AnyArray:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "masks.npy"
        try:
            import_masks(path, target)
        except ModelBrokenError as error:
            raise TrainingDataError(error.message, error.next_step) from error
        return compact(np.load(target, allow_pickle=False), path.name)


def read_label_image(path: Path, axes: str = "YX") -> AnyArray:
    """Read a label image.

    Parameters
    ----------
    path
        The file.
    axes
        ``"YX"``, or ``"ZYX"`` for a stack; a stack's file need not say what its axes are.

    Returns
    -------
    labels
        (*axes) uint16, or int32 where there are more than 65,535 cells; numbers above 65,535 are
        replaced by 1, 2, 3 ….

    Raises
    ------
    TrainingDataError
        If it is no plane, or stack, of whole numbers from 0 on.
    """
    wanted = _what_labels_are(axes)
    try:
        loaded = read_image(path, axes if axes != "YX" else None)
    except UnsupportedTypeError as error:
        raise TrainingDataError(
            f"The labels {path.name} cannot be used. {error.message}",
            "Number the cells anew from 1, or save the labels as 16- or 32-bit integers.",
        ) from error
    except (ImageContentError, ShapeMismatchError) as error:
        raise TrainingDataError(f"The labels cannot be used. {error.message}", wanted) from error
    array, found = loaded.array, loaded.axes
    if found == "CYX" and all(np.array_equal(array[0], other) for other in array[1:]):
        array, found = array[0], "YX"
    if found != axes:
        size = " × ".join(map(str, array.shape))
        what = "a colour picture or has channels" if "C" in found else "a stack"
        raise TrainingDataError(f"The labels {path.name} are {what} ({found}, {size}).", wanted)
    return compact(array, path.name)


def compact(array: AnyArray, name: str) -> AnyArray:
    """Check labels of any type and shape and make them as narrow as `read_label_image` says.

    Raises
    ------
    TrainingDataError
        If they are no whole numbers from 0 on.
    """
    if array.dtype.kind == "f" and not np.array_equal(array, np.rint(array)):
        raise TrainingDataError(
            f"The labels {name} hold fractions such as {array[array != np.rint(array)][0]:g}.",
            "Give labels, not a picture or a probability map. " + ONE_PLANE,
        )
    if array.size and array.min() < 0:
        raise TrainingDataError(
            f"The labels {name} hold negative numbers, {array.min():g} the least.", ONE_PLANE
        )
    if not array.size or array.max() <= LARGEST_NARROW:
        return array.astype(np.uint16)
    values, inverse = np.unique(array, return_inverse=True)
    first = 0 if values[0] == 0 else 1
    kind = np.uint16 if len(values) + first - 1 <= LARGEST_NARROW else np.int32
    return (inverse.reshape(array.shape) + first).astype(kind)


def split_objects(labels: AnyArray) -> list[int]:
    """Give the labels (Y, X) whose pixels do not hang together, though none is at the border.

    A cell that the border cuts may well show in several parts.
    """
    found = []
    last_row, last_column = labels.shape
    boxes = enumerate(ndimage.find_objects(labels), start=1)
    for index, box in [(index, box) for index, box in boxes if box is not None]:
        rows, columns = box
        if rows.start == 0 or columns.start == 0:
            continue
        if rows.stop == last_row or columns.stop == last_column:
            continue
        if ndimage.label(labels[box] == index, EIGHT_NEIGHBOURS)[1] > 1:
            found.append(index)
    return found
