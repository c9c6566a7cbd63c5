"""TIFF files that ImageJ opens with calibration and provenance."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from cellwire.errors import OutputWriteError
from cellwire.images.spec import AXES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from cellwire.images.spec import Calibration
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray

UINT16_OBJECTS = 2**16 - 1
FLOAT32_OBJECTS = 2**24
LARGEST_INDEXED = 2**32 - 2**25
"""Bytes of pixels up to which a TIFF can have an index of all its planes."""


def label_tiff(
    labels: AnyArray, calibration: Calibration, provenance: Provenance, axes: str = "YX"
) -> bytes:
    """Encode labels: 16-bit up to 65,535 objects, then 32-bit float as ImageJ has it.

    Parameters
    ----------
    labels
        (*axes) uint32.
    calibration
        Goes into the file: the side of a pixel, and the distance of planes.
    provenance
        Goes into the file.
    axes
        Letters of TZCYX, such as ``"TZYX"``.

    Raises
    ------
    OutputWriteError
        Above 16,777,216 objects, which a 32-bit float cannot tell apart.
    """
    buffer = io.BytesIO()
    write_label_tiff(buffer, labels, calibration, provenance, axes)
    return buffer.getvalue()


def write_label_tiff(
    stream: BinaryIO,
    labels: AnyArray,
    calibration: Calibration,
    provenance: Provenance,
    axes: str = "YX",
) -> None:
    """Write what `label_tiff` gives, plane by plane: the labels may be a mapped file."""
    count = int(labels.max(initial=0))
    if count > FLOAT32_OBJECTS:
        raise OutputWriteError(
            f"The image has {count:,} objects; a label TIFF for ImageJ holds {FLOAT32_OBJECTS:,}.",
            "Segment it in parts, or fetch the labels as an array.",
        )
    kind = np.dtype(np.uint16 if count <= UINT16_OBJECTS else np.float32)
    extra: dict[str, Any] = {"min": 0.0, "max": float(max(count, 1))}
    _write(stream, labels, axes, kind, calibration, provenance, extra)


def array_tiff(
    array: AnyArray,
    axes: str,
    calibration: Calibration,
    provenance: Provenance,
    extra: dict[str, Any] | None = None,
) -> bytes:
    """Encode an array as a hyperstack of ImageJ, whose order of axes is TZCYX.

    Parameters
    ----------
    array
        (*axes) uint8, uint16, float32, or float16, which is written as float32.
    axes
        Letters of TZCYX in any order that ends in YX, such as ``"CZYX"``.
    calibration, provenance
        Go into the file.
    extra
        More metadata of ImageJ, such as ``Labels``, in the order of its planes.
    """
    buffer = io.BytesIO()
    write_array_tiff(buffer, array, axes, calibration, provenance, extra)
    return buffer.getvalue()


def write_array_tiff(
    stream: BinaryIO,
    array: AnyArray,
    axes: str,
    calibration: Calibration,
    provenance: Provenance,
    extra: dict[str, Any] | None = None,
) -> None:
    """Write what `array_tiff` gives, plane by plane: the array may be a mapped file."""
    kind = np.dtype(np.float32) if array.dtype == np.float16 else array.dtype
    _write(stream, array, axes, kind, calibration, provenance, extra or {})


def _write(
    stream: BinaryIO,
    array: AnyArray,
    axes: str,
    kind: np.dtype[Any],
    calibration: Calibration,
    provenance: Provenance,
    extra: dict[str, Any],
) -> None:
    order = sorted(range(len(axes)), key=lambda place: AXES.index(axes[place]))
    array, axes = array.transpose(order), "".join(axes[place] for place in order)
    made = provenance.to_json()
    # ImageJ shows Info; the line in the description is for programs that read nothing else.
    metadata: dict[str, Any] = {"axes": axes, "Info": made, "cellwire": made, **extra}
    options: dict[str, Any] = {}
    if calibration.y and calibration.x:
        options["resolution"] = (1.0 / calibration.x, 1.0 / calibration.y)
        metadata["unit"] = "micron"
    if calibration.z:
        metadata["spacing"] = calibration.z

    def planes() -> Iterator[AnyArray]:
        for place in np.ndindex(array.shape[:-2]):
            yield np.ascontiguousarray(array[place], kind)

    size = math.prod(array.shape) * kind.itemsize
    tifffile.imwrite(
        stream, planes(), shape=array.shape, dtype=kind, imagej=True, metadata=metadata,
        truncate=size > LARGEST_INDEXED, **options,
    )  # fmt: skip
