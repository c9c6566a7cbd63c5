"""ImageJ ROI sets whose areas are the pixel counts of the objects."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import roifile

from cellwire.errors import RoiLimitError
from cellwire.segmentation.outlines import Rings, trace_outlines

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray

MAX_COORDINATE = 32_767
MAX_POLYGON_POINTS = 65_535
MAX_ZIP_COMMENT = 65_535
MAX_ROIS = 1_000_000
"""An ROI Manager keeps each as a row of its list; more than this it cannot be worked with."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""One date for all entries: the same labels give the same bytes."""


def roi_set(
    labels: AnyArray,
    provenance: Provenance | None = None,
    prefix: str = "cell",
    axes: str = "YX",
    restarts: str = "",
    *,
    hyperstack: bool | None = None,
) -> bytes:
    """Give the bytes of an ImageJ RoiSet.zip with one ROI per object, and of stacks per plane.

    An object in one piece is a polygon along the edges of its pixels; one with holes or several
    parts is a composite of such rings. The area that ImageJ measures is the number of pixels.

    All ROIs of an object have its name, such as ``cell-0001``, which ImageJ's results show; the
    entries of the zip, which the ROI Manager lists, add the plane: ``cell-0001-t002-z003``. Where
    numbers start anew with each frame or plane, it belongs to the name: ``t002-z003-cell-0001``.

    Parameters
    ----------
    labels
        (*axes) integers. Planes are read one at a time: it may be a mapped file.
    provenance
        Goes into the comment of the zip.
    prefix
        Names are the prefix and the label.
    axes
        ``"YX"``, ``"ZYX"``, ``"TYX"`` or ``"TZYX"``.
    restarts
        As in `cellwire.segmentation.volume.stack.StackSegmentation`.
    hyperstack
        Whether the image that they will lie on is a hyperstack, as one with several channels is:
        its planes have a slice and a frame, those of a simple stack one number, and ImageJ shows
        a ROI on the wrong planes where the two are mixed up. ``None`` = only if both T and Z are
        longer than 1.

    Raises
    ------
    RoiLimitError
        If the image is larger than ImageJ's 16-bit coordinates, or there are too many ROIs.
    """
    height, width = labels.shape[-2:]
    if max(height, width) > MAX_COORDINATE:
        raise RoiLimitError(
            f"The image is {height:,} × {width:,} pixels; ImageJ's ROIs hold "
            f"coordinates up to {MAX_COORDINATE:,}.",
            "Save labels instead (--save labels), or segment a region.",
        )
    named = _Names(prefix, max(4, len(str(int(labels.max(initial=0))))), axes, restarts)
    count = 0
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for place in np.ndindex(labels.shape[:-2]):
            rings = trace_outlines(labels[place])
            bounds = [*np.flatnonzero(np.diff(rings.labels, prepend=-1)), len(rings.labels)]
            count += len(bounds) - 1
            if count > MAX_ROIS:
                raise RoiLimitError(
                    f"The stack has more than {MAX_ROIS:,} outlines, counted by object and plane; "
                    f"a ROI set may have {MAX_ROIS:,}.",
                    "Save labels instead (--save labels), or segment a region.",
                )
            position = _position(place, axes, labels.shape, hyperstack)
            for first, end in pairwise(bounds):
                name, entry = named(int(rings.labels[first]), place)
                data = _roi(rings, int(first), int(end), name, position).tobytes()
                archive.writestr(
                    zipfile.ZipInfo(f"{entry}.roi", EPOCH),
                    data,
                    zipfile.ZIP_DEFLATED,
                    compresslevel=1,
                )
        if provenance is not None:
            archive.comment = provenance.to_json().encode()[:MAX_ZIP_COMMENT]
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Names:
    prefix: str
    digits: int
    axes: str
    restarts: str

    def __call__(self, label: int, place: tuple[int, ...]) -> tuple[str, str]:
        """Give the name of an object, and that of its ROI in a plane."""
        own = {"": "", "T": "T", "Z": "TZ"}[self.restarts]
        where = list(zip(self.axes, place, strict=False))
        before = "".join(f"{axis.lower()}{at + 1:03d}-" for axis, at in where if axis in own)
        after = "".join(f"-{axis.lower()}{at + 1:03d}" for axis, at in where if axis not in own)
        name = f"{before}{self.prefix}-{label:0{self.digits}d}"
        return name, name + after


def _position(
    place: tuple[int, ...], axes: str, shape: tuple[int, ...], hyperstack: bool | None
) -> dict[str, int]:
    """Say where in the stack a ROI is, as ImageJ 1.53t reads it; 0 = not said.

    With both kinds of position, or the wrong one, ImageJ shows a ROI on all planes.
    """
    long = [axis for axis, length in zip(axes[:-2], shape, strict=False) if length > 1]
    at = {axis: index + 1 for axis, index in zip(axes, place, strict=False)}
    if hyperstack or (hyperstack is None and len(long) > 1):
        return {"z_position": at.get("Z", 0), "t_position": at.get("T", 0)}
    return {"position": at[long[0]]} if len(long) == 1 else {}


def _roi(
    rings: Rings, first: int, end: int, name: str, position: Mapping[str, int]
) -> roifile.ImagejRoi:
    points = rings.points[rings.starts[first] : rings.starts[end]]
    corner = points.min(axis=0)
    left, top = corner.tolist()
    right, bottom = points.max(axis=0).tolist()
    roi = roifile.ImagejRoi(name=name, left=left, top=top, right=right, bottom=bottom, **position)
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
