"""Whether an array can be segmented: type, content and size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cellwire.errors import (
    ImageContentError,
    ImageTooLargeError,
    ShapeMismatchError,
    UnsupportedTypeError,
)
from cellwire.images.spec import WIRE_TYPES

if TYPE_CHECKING:
    import numpy.typing as npt

MIB = 2**20


def check_size(nbytes: int, limit: int, what: str = "The image") -> None:
    """Refuse what is larger than the limit.

    Raises
    ------
    ImageTooLargeError
        With both sizes.
    """
    if nbytes > limit:
        raise ImageTooLargeError(
            f"{what} has {nbytes / MIB:,.1f} MiB; the limit is {limit / MIB:,.1f} MiB.",
            "Segment a part of it, or start the engine with a larger --max-image-mib.",
        )


def check_content(array: npt.NDArray[Any], what: str = "The image") -> None:
    """Refuse arrays without pixels, and with values that are no numbers.

    Raises
    ------
    ImageContentError
        If an axis has length 0, or a value is NaN or infinite.
    """
    if array.size == 0:
        raise ImageContentError(
            f"{what} has no pixels: its shape is {_shape(array)}.", "Give an image with pixels."
        )
    if array.dtype.kind == "f":
        finite = np.isfinite(array)
        if not finite.all():
            bad = int(array.size - np.count_nonzero(finite))
            raise ImageContentError(
                f"{what} has {bad:,} pixels that are NaN or infinite, of {array.size:,}.",
                "Replace them, for example in ImageJ with Process > Math > NaN Background.",
            )


def to_wire_type(
    array: npt.NDArray[Any], what: str = "The image"
) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """Convert to a type that is segmented, when nothing is lost.

    Parameters
    ----------
    array
        Any array.
    what
        How messages call it.

    Returns
    -------
    array
        uint8, uint16, uint32 or float32, in the machine's byte order and C order.
    notices
        Sentences on what was converted; float64 is rounded to float32 with a notice.

    Raises
    ------
    UnsupportedTypeError
        For complex numbers, half precision, text, and integers that fit no type.
    """
    kind, name = array.dtype.kind, array.dtype.newbyteorder("=").name
    notices: tuple[str, ...] = ()
    if name in WIRE_TYPES:
        target = name
    elif kind == "b":
        target = "uint8"
    elif kind in "iu":
        target = _integer_type(array, name, what)
    elif name == "float64":
        target = "float32"
        with np.errstate(over="ignore"):
            narrow = array.astype(np.float32)
        if (np.isinf(narrow) & np.isfinite(array)).any():
            raise UnsupportedTypeError(
                f"{what} has values up to {np.abs(array[np.isfinite(array)]).max():.3g}; 32-bit "
                "floats end at 3.4e38.",
                "Divide the image by a constant and save it as 32-bit.",
            )
        if not np.array_equal(array, narrow, equal_nan=True):
            notices = (f"{what} is float64; it is rounded to float32 (7 digits).",)
    else:
        raise UnsupportedTypeError(
            f"{what} has the pixel type {name}; Cellwire takes 8-, 16- and 32-bit integers and "
            "32-bit floats.",
            "Convert it, for example in ImageJ with Image > Type > 32-bit.",
        )
    return np.ascontiguousarray(array, dtype=np.dtype(target)), notices


def _integer_type(array: npt.NDArray[Any], name: str, what: str) -> str:
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    if low >= 0 and high < 2**32:
        return "uint8" if high < 2**8 else "uint16" if high < 2**16 else "uint32"
    if low >= -(2**24) and high <= 2**24:
        return "float32"
    raise UnsupportedTypeError(
        f"{what} has the pixel type {name} with values from {low} to {high}; 32 bits hold 0 to "
        f"{2**32 - 1}, or -{2**24} to {2**24} exactly as float.",
        "Rescale the values and convert to 16-bit or 32-bit.",
    )


def check_axes(axes: str, shape: tuple[int, ...], what: str = "The image") -> None:
    """Refuse axes that are not a letter of TZCYX for each dimension, Y and X among them.

    Raises
    ------
    ShapeMismatchError
        With the axes and the shape.
    """
    if (
        len(axes) != len(shape)
        or len(set(axes)) != len(axes)
        or not set(axes) <= set("TZCYX")
        or not {"Y", "X"} <= set(axes)
    ):
        raise ShapeMismatchError(
            f"{what} has {len(shape)} dimensions {shape}; the axes {axes!r} do not describe it.",
            "Give one letter of T, Z, C, Y, X for each dimension, for example --axes CYX.",
        )


def _shape(array: npt.NDArray[Any]) -> str:
    return " × ".join(str(length) for length in array.shape)
