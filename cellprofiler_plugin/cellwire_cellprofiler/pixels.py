"""From CellProfiler's images, whose values are 0 to 1, to the camera's counts."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from cellwire_cellprofiler.errors import UnusableImageError
from cellwire_cellprofiler.volumes import check_volume

_DEPTHS = (255.0, 65535.0)
_ROUNDING = 2.0**-22  # two roundings to float32: reading, and dividing by the scale
_DEEPEST = 65535.0


def grey_image(image_set: Any, name: str) -> Any:
    """Take an image out of the image set; only planes and stacks of a single channel are taken.

    Parameters
    ----------
    image_set
        CellProfiler's image set.
    name
        Name of the image.

    Raises
    ------
    UnusableImageError
        If it is in colour, or processed as 3D and no stack.
    """
    image = image_set.get_image(name)
    shape = image.pixel_data.shape
    if image.volumetric:
        check_volume(name, image)
        return image
    if image.multichannel:
        try:
            return image_set.get_image(name, must_be_grayscale=True)
        except ValueError:
            raise UnusableImageError(
                f"RunCellwire: the image {name} has {shape[-1]} colour channels; one is needed. "
                "Put ColorToGray before this module (Split for one stain, Combine for all)."
            ) from None
    return image


def check_same_size(name: str, image: Any, other_name: str, other: Any) -> None:
    """Refuse two images that do not show the same field.

    Raises
    ------
    UnusableImageError
        With both names and sizes.
    """
    if image.pixel_data.shape != other.pixel_data.shape:
        size, other_size = (
            " x ".join(str(length) for length in each.pixel_data.shape) for each in (image, other)
        )
        raise UnusableImageError(
            f"RunCellwire: the image {name} has {size} pixels, the image {other_name} "
            f"{other_size}. Both must show the same field; use Resize, Crop or Align to make them "
            "so."
        )


def counts(pixels: Any, scale: Optional[float]) -> Any:
    """Multiply an image with the scale that CellProfiler divided it by when it was read.

    Parameters
    ----------
    pixels
        (Y, X) or (Z, Y, X) bool, or float of 0 to 1.
    scale
        What the image was divided by (`Image.scale`), ``None`` if not known.

    Returns
    -------
    array
        Of that shape, uint16 where every value is a whole number of counts, so that a dim 16-bit
        image travels as it was taken; else float32, unchanged but for the scale.
    """
    pixels = np.asarray(pixels)
    if pixels.dtype == bool:
        return pixels.astype(np.uint8)
    for divisor in _DEPTHS if scale is None else (scale,):
        whole = _whole_counts(pixels, divisor)
        if whole is not None:
            return whole
    factor = 1.0 if scale is None else scale
    return (pixels * factor).astype(np.float32)


def _whole_counts(pixels: Any, scale: float) -> Any:
    if pixels.ndim == 2:
        return _whole_counts_of_plane(pixels, scale)
    found = np.empty(pixels.shape, np.uint16)
    for z, plane in enumerate(pixels):  # by planes: in double precision a stack is large
        whole = _whole_counts_of_plane(plane, scale)
        if whole is None:
            return None
        found[z] = whole
    return found


def _whole_counts_of_plane(pixels: Any, scale: float) -> Any:
    values = pixels.astype(np.float64) * scale
    whole = np.rint(values)
    # Written so that NaN is refused.
    if not (whole.min() >= 0 and whole.max() <= _DEEPEST):
        return None
    if not (np.abs(values - whole) <= whole * _ROUNDING).all():
        return None
    return whole.astype(np.uint16)


def common_mask(*images: Any) -> Any:
    """Give the pixels that all of some images allow, ``None`` where none is masked.

    Parameters
    ----------
    *images
        CellProfiler's images; ``None`` is passed over.

    Returns
    -------
    array or None
        (Y, X) or (Z, Y, X) bool.
    """
    masks = [image.mask for image in images if image is not None and image.has_mask]
    if not masks:
        return None
    mask = np.logical_and.reduce(masks)
    return None if mask.all() else mask
