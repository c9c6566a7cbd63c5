"""ImageJ ROI sets whose areas are the pixel counts of the objects."""

from __future__ import annotations

import io
import zipfile
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import roifile

from cellwire.errors import RoiLimitError
from cellwire.segmentation.outlines import Rings, trace_outlines

if TYPE_CHECKING:
    import numpy.typing as npt

    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray

MAX_COORDINATE = 32_767
MAX_POLYGON_POINTS = 65_535
MAX_ZIP_COMMENT = 65_535
EPOCH = (1980, 1, 1, 0, 0, 0)
"""One date for all entries: the same labels give the same bytes."""


def roi_set(labels: AnyArray, provenance: Provenance | None = None, prefix: str = "cell") -> bytes:
    """Give the bytes of an ImageJ RoiSet.zip with one ROI per object.

    An object in one piece is a polygon along the edges of its pixels; one with holes or several
    parts is a composite of such rings. The area that ImageJ measures is the number of pixels.

    Parameters
    ----------
    labels
        (Y, X) integers.
    provenance
        Goes into the comment of the zip.
    prefix
        Names are the prefix and the label, such as ``cell-0001``.

    Raises
    ------
    RoiLimitError
        If the image is larger than ImageJ's 16-bit coordinates.
    """
    if max(labels.shape) > MAX_COORDINATE:
        raise RoiLimitError(
            f"The image is {labels.shape[0]:,} × {labels.shape[1]:,} pixels; ImageJ's ROIs hold "
            f"coordinates up to {MAX_COORDINATE:,}.",
            "Save labels instead (--save labels), or segment a region.",
        )
    rings = trace_outlines(labels)
    digits = max(4, len(str(int(labels.max(initial=0)))))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        bounds = [*np.flatnonzero(np.diff(rings.labels, prepend=-1)), len(rings.labels)]
        for first, end in pairwise(bounds):
            name = f"{prefix}-{int(rings.labels[first]):0{digits}d}"
            data = _roi(rings, int(first), int(end), name).tobytes()
            archive.writestr(
                zipfile.ZipInfo(f"{name}.roi", EPOCH), data, zipfile.ZIP_DEFLATED, compresslevel=1
            )
        if provenance is not None:
            archive.comment = provenance.to_json().encode()[:MAX_ZIP_COMMENT]
    return buffer.getvalue()


def _roi(rings: Rings, first: int, end: int, name: str) -> roifile.ImagejRoi:
    points = rings.points[rings.starts[first] : rings.starts[end]]
    corner = points.min(axis=0)
    left, top = corner.tolist()
    right, bottom = points.max(axis=0).tolist()
    roi = roifile.ImagejRoi(name=name, left=left, top=top, right=right, bottom=bottom)
    if end - first == 1 and len(points) <= MAX_POLYGON_POINTS:
        roi.roitype = roifile.ROI_TYPE.POLYGON
        roi.n_coordinates = len(points)
        roi.integer_coordinates = points - corner
        return roi
    path = np.concatenate([_path(rings.ring(index)) for index in range(first, end)])
    roi.roitype = roifile.ROI_TYPE.RECT
    roi.version = 228
    roi.shape_roi_size = len(path)
    roi.multi_coordinates = path
    return roi


def _path(ring: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """Write a ring as ImageJ's shape array: 0 = move to, 1 = line to, 4 = close."""
    path = np.empty((len(ring), 3), np.float32)
    path[:, 0] = 1
    path[0, 0] = 0
    path[:, 1:] = ring
    return np.append(path.ravel(), np.float32(4))
