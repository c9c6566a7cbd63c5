"""From NumPy arrays to what travels: uint8, uint16, uint32 or float32, little-endian, C order.

Other types are converted only when every value survives. The one exception is float64: it loses
digits that no camera has, and the result carries a notice.
"""

from __future__ import annotations

import hashlib
from typing import Any, Dict, Iterable, List, NamedTuple, Tuple

import numpy as np

from cellwire_api.v1 import array_pb2
from cellwire_client.errors import InvalidRequestError, UnsupportedArrayError

WIRE_TYPES = {
    "uint8": array_pb2.DATA_TYPE_UINT8,
    "uint16": array_pb2.DATA_TYPE_UINT16,
    "uint32": array_pb2.DATA_TYPE_UINT32,
    "float32": array_pb2.DATA_TYPE_FLOAT32,
}
"""The pixel types of the protocol by NumPy's name."""

AXES = {
    "T": array_pb2.AXIS_TIME,
    "Z": array_pb2.AXIS_Z,
    "C": array_pb2.AXIS_CHANNEL,
    "Y": array_pb2.AXIS_Y,
    "X": array_pb2.AXIS_X,
}
"""The axes of the protocol by their letter."""

_LETTERS: Dict[int, str] = {axis: letter for letter, axis in AXES.items()}
_FLOAT32_INTEGERS = 2**24


class WireImage(NamedTuple):
    """An array ready to travel.

    Attributes
    ----------
    name
        ``images/`` and the SHA-256 of its type, shape and bytes.
    pixels
        The array, little-endian and in C order.
    notices
        What the person should know about the conversion.
    """

    name: str
    pixels: np.ndarray[Any, Any]
    notices: Tuple[str, ...]

    @property
    def spec(self) -> array_pb2.ArraySpec:
        """Type and shape in the protocol's words."""
        kind = WIRE_TYPES[self.pixels.dtype.name]
        return array_pb2.ArraySpec(data_type=kind, shape=self.pixels.shape)


def to_wire(array: Any) -> WireImage:
    """Make an array ready to travel and name it by its content.

    Parameters
    ----------
    array
        Anything that NumPy takes as an array of numbers or truth values, of any byte order.

    Returns
    -------
    WireImage

    Raises
    ------
    UnsupportedArrayError
        If the values do not fit one of the four types.
    InvalidRequestError
        If the array has no pixels.
    """
    given = np.asarray(array)
    if given.size == 0:
        raise InvalidRequestError(
            f"The image has no pixels: its shape is {given.shape}.",
            "Check how it was cropped or read.",
            "IMAGE_CONTENT",
        )
    notices: List[str] = []
    pixels = np.ascontiguousarray(_converted(given, notices))
    pixels = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    return WireImage(image_name(pixels), pixels, tuple(notices))


def axis_letters(axes: Iterable[int]) -> str:
    """Give the letters of the protocol's axes; one that a later engine adds becomes ``?``."""
    return "".join(_LETTERS.get(axis, "?") for axis in axes)


def image_name(pixels: np.ndarray[Any, Any]) -> str:
    """Name an array of a wire type by its content, as ``image_service.proto`` lays it down.

    Parameters
    ----------
    pixels
        Little-endian, C order, of one of the four types.

    Returns
    -------
    str
        ``images/`` and 64 hexadecimal digits.
    """
    shape = ",".join(str(length) for length in pixels.shape)
    digest = hashlib.sha256(f"{pixels.dtype.name};{shape}\n".encode("ascii"))
    digest.update(raw_bytes(pixels))
    return f"images/{digest.hexdigest()}"


def raw_bytes(pixels: np.ndarray[Any, Any]) -> memoryview:
    """View the bytes of a C-contiguous array without copying them."""
    return pixels.reshape(-1).view(np.uint8).data


def _converted(given: np.ndarray[Any, Any], notices: List[str]) -> np.ndarray[Any, Any]:
    name = given.dtype.name
    if name in WIRE_TYPES:
        return given
    if name == "bool":
        return given.astype(np.uint8)
    if given.dtype.kind in "iu":
        return given.astype(_integer_type(given))
    if name == "float64":
        with np.errstate(over="ignore"):
            narrow = given.astype(np.float32)
        if np.isinf(narrow).any() and not np.isinf(given).any():
            raise UnsupportedArrayError(
                f"The image's values reach {np.abs(given).max():g}, beyond the 3.4e38 of float32.",
                "Divide the image by a constant.",
            )
        if not np.array_equal(narrow, given, equal_nan=True):
            notices.append(
                "The image was sent as float32 rather than float64: about 7 digits of each value."
            )
        return narrow
    if given.dtype.kind in "OSUV":
        raise UnsupportedArrayError(
            "The image is not an array of numbers.",
            "A file has to be read first, for example with tifffile.imread(path).",
        )
    raise UnsupportedArrayError(
        f"Images of type {name} are not taken; uint8, uint16, uint32 and float32 are.",
        "Take the real part of complex numbers; convert others with array.astype('float32').",
    )


def _integer_type(given: np.ndarray[Any, Any]) -> type[np.generic]:
    low, high = int(given.min()), int(given.max())
    if low >= 0:
        for kind in (np.uint8, np.uint16, np.uint32):
            # A wide array of small numbers keeps its depth as 16 bits: cameras have 16.
            if high <= np.iinfo(kind).max and (kind is not np.uint8 or given.itemsize == 1):
                return kind
    if max(-low, high) <= _FLOAT32_INTEGERS:
        return np.float32
    raise UnsupportedArrayError(
        f"The image of type {given.dtype.name} has values from {low} to {high}; whole numbers "
        f"from 0 to {2**32 - 1}, or from -{_FLOAT32_INTEGERS} to {_FLOAT32_INTEGERS}, can be sent.",
        "Subtract an offset, or convert it with array.astype('float32') if digits may be lost.",
    )
