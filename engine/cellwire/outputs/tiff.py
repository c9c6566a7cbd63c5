"""TIFF files that ImageJ opens with calibration and provenance."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from cellwire.errors import OutputWriteError

if TYPE_CHECKING:
    from cellwire.images.spec import Calibration
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray

UINT16_OBJECTS = 2**16 - 1
FLOAT32_OBJECTS = 2**24


def label_tiff(labels: AnyArray, calibration: Calibration, provenance: Provenance) -> bytes:
    """Encode a label image: 16-bit up to 65,535 objects, then 32-bit float as ImageJ has it.

    Parameters
    ----------
    labels
        (Y, X) uint32.

    Raises
    ------
    OutputWriteError
        Above 16,777,216 objects, which a 32-bit float cannot tell apart.
    """
    count = int(labels.max(initial=0))
    if count > FLOAT32_OBJECTS:
        raise OutputWriteError(
            f"The image has {count:,} objects; a label TIFF for ImageJ holds {FLOAT32_OBJECTS:,}.",
            "Segment it in parts, or fetch the labels as an array.",
        )
    kind = np.uint16 if count <= UINT16_OBJECTS else np.float32
    extra: dict[str, Any] = {"min": 0.0, "max": float(max(count, 1))}
    return array_tiff(labels.astype(kind), "YX", calibration, provenance, extra)


def array_tiff(
    array: AnyArray,
    axes: str,
    calibration: Calibration,
    provenance: Provenance,
    extra: dict[str, Any] | None = None,
) -> bytes:
    """Encode (Y, X) or (C, Y, X) uint8, uint16 or float32."""
    made = provenance.to_json()
    # ImageJ shows Info; the line in the description is for programs that read nothing else.
    metadata: dict[str, Any] = {"axes": axes, "Info": made, "cellwire": made, **(extra or {})}
    options: dict[str, Any] = {}
    if calibration.y and calibration.x:
        options["resolution"] = (1.0 / calibration.x, 1.0 / calibration.y)
        metadata["unit"] = "micron"
    if calibration.z:
        metadata["spacing"] = calibration.z
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, imagej=True, metadata=metadata, **options)
    return buffer.getvalue()
