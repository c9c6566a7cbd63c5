"""Labels from ImageJ's ROI sets."""

from __future__ import annotations

import struct
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import roifile

from cellwire.errors import TrainingDataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from cellwire.segmentation.arrays import BoolArray, FloatArray

LARGEST_ROI = 64 * 2**20
MOST_ROIS = 1_000_000
OUTLINES = (roifile.ROI_TYPE.POLYGON, roifile.ROI_TYPE.FREEHAND, roifile.ROI_TYPE.TRACED)


def read_roi_set(path: Path, shape: tuple[int, int]) -> npt.NDArray[np.uint32]:
    """Draw the ROIs of a RoiSet.zip as labels.

    A pixel belongs to the ROI in which its centre is, by the even-odd rule, so that holes and parts
    of composite ROIs come out; ROI sets that Cellwire wrote give the same pixels again. The ROIs
    are numbered in their order; where two overlap, the later one is seen.

    Parameters
    ----------
    path
        The file.
    shape
        Height and width of the image.

    Returns
    -------
    labels
        (Y, X), 0 = background.

    Raises
    ------
    TrainingDataError
        If it is no ROI set, holds points or lines, or reaches beyond the image.
    """
    labels = np.zeros(shape, np.uint32)
    for number, (name, roi) in enumerate(_rois(path), start=1):
        top, left, inside = _filled(roi, name, path)
        bottom, right = top + inside.shape[0], left + inside.shape[1]
        if top < -1 or left < -1 or bottom > shape[0] + 1 or right > shape[1] + 1:
            raise TrainingDataError(
                f"The ROI {name} of {path.name} reaches from ({left}, {top}) to ({right}, "
                f"{bottom}); the image is {shape[1]}×{shape[0]} pixels.",
                "Give the ROI set of this image.",
            )
        rows = slice(max(top, 0), min(bottom, shape[0]))
        columns = slice(max(left, 0), min(right, shape[1]))
        seen = inside[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
        labels[rows, columns][seen] = number
    return labels


def _rois(path: Path) -> list[tuple[str, roifile.ImagejRoi]]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [each for each in archive.infolist() if each.filename.endswith(".roi")]
            if len(entries) > MOST_ROIS or any(e.file_size > LARGEST_ROI for e in entries):
                raise TrainingDataError(
                    f"{path.name} holds {len(entries)} ROIs, or one of more than 64 MiB.",
                    "Save the labels as an image.",
                )
            found = [
                (
                    each.filename.removesuffix(".roi"),
                    roifile.ImagejRoi.frombytes(archive.read(each)),
                )
                for each in entries
            ]
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, IndexError, KeyError) as error:
        raise TrainingDataError(
            f"{path.name} is no ROI set of ImageJ, or is damaged: {error}.",
            "Save it again from ImageJ's ROI Manager (More > Save).",
        ) from error
    if not found:
        raise TrainingDataError(
            f"{path.name} holds no ROI.", "Save the ROIs from ImageJ's ROI Manager (More > Save)."
        )
    return found


def _filled(roi: roifile.ImagejRoi, name: str, path: Path) -> tuple[int, int, BoolArray]:
    """Give the first row and column of a box around a ROI, and which of its pixels are inside."""
    if roi.composite:
        return fill_rings(roi.coordinates(multi=True))
    if roi.roitype in OUTLINES:
        return fill_rings([roi.coordinates()])
    if roi.roitype == roifile.ROI_TYPE.RECT:
        size = (roi.bottom - roi.top, roi.right - roi.left)
        return roi.top, roi.left, np.ones(size, bool)
    if roi.roitype == roifile.ROI_TYPE.OVAL:
        height, width = roi.bottom - roi.top, roi.right - roi.left
        y = (np.arange(height) + 0.5) / max(height, 1) * 2.0 - 1.0
        x = (np.arange(width) + 0.5) / max(width, 1) * 2.0 - 1.0
        return roi.top, roi.left, y[:, None] ** 2 + x**2 <= 1.0
    raise TrainingDataError(
        f"The ROI {name} of {path.name} is a {roi.roitype.name.lower()}, not an area.",
        "Delete points and lines from the ROI Manager, and save the set again.",
    )


def fill_rings(rings: Sequence[FloatArray]) -> tuple[int, int, BoolArray]:
    """Fill closed rings of (x, y) points together, by the even-odd rule at the pixels' centres.

    Returns
    -------
    top, left
        First row and column of the box around them.
    inside
        (height, width).
    """
    points = np.concatenate(rings).astype(np.float64)
    left, top = np.floor(points.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(points.max(axis=0)).astype(int).tolist()
    crossings = np.zeros((bottom - top, right - left + 1), np.int64)
    for ring in rings:
        starts = ring.astype(np.float64) - (left, top)
        for (x0, y0), (x1, y1) in zip(starts, np.roll(starts, -1, axis=0), strict=True):
            rows = np.arange(np.ceil(min(y0, y1) - 0.5), np.ceil(max(y0, y1) - 0.5)).astype(int)
            if len(rows):
                x = x0 + (rows + 0.5 - y0) * (x1 - x0) / (y1 - y0)
                crossings[rows, np.ceil(x - 0.5).astype(int)] += 1
    return top, left, (np.cumsum(crossings, axis=1)[:, :-1] & 1).astype(bool)
