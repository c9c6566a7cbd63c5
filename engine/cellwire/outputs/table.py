"""The table of objects, in pixels and in micrometres."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.objects import centroids, measure

if TYPE_CHECKING:
    from cellwire.images.spec import Calibration
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.result import Segmentation

DIAMETER_OF_AREA = 2.0 / np.sqrt(np.pi)


def object_table(labels: AnyArray, calibration: Calibration) -> dict[str, AnyArray]:
    """Measure every object.

    Parameters
    ----------
    labels
        (Y, X), 0 = background.

    Returns
    -------
    dict
        Columns of n rows each: label; centroid, area, diameter of the circle of that area and
        bounding box in pixels (the first pixel's centre is 0, 0; the box holds its first and not
        its last row and column); the same in µm where the size of a pixel is known.
    """
    labels = np.ascontiguousarray(labels, np.uint32)
    objects = measure(labels)
    names = objects.present()
    areas = objects.areas[names].astype(np.float64)
    y, x = (each[names] for each in centroids(labels, objects))
    boxes = objects.boxes[names][:, [0, 2, 1, 3]]
    table: dict[str, AnyArray] = {
        "label": names,
        "centroid_y_px": y,
        "centroid_x_px": x,
        "area_px": areas.astype(np.int64),
        "diameter_px": DIAMETER_OF_AREA * np.sqrt(areas),
        "top_px": boxes[:, 0],
        "left_px": boxes[:, 1],
        "bottom_px": boxes[:, 2],
        "right_px": boxes[:, 3],
    }
    if calibration.y is not None and calibration.x is not None:
        pixel = calibration.y * calibration.x
        table |= {
            "centroid_y_um": y * calibration.y,
            "centroid_x_um": x * calibration.x,
            "area_um2": areas * pixel,
            "diameter_um": DIAMETER_OF_AREA * np.sqrt(areas * pixel),
            "top_um": boxes[:, 0] * calibration.y,
            "left_um": boxes[:, 1] * calibration.x,
            "bottom_um": boxes[:, 2] * calibration.y,
            "right_um": boxes[:, 3] * calibration.x,
        }
    return table


def table_csv(segmentation: Segmentation, calibration: Calibration, provenance: Provenance) -> str:
    """Write the table as CSV; its first line is a comment with the provenance."""
    return write_csv(object_table(segmentation.labels, calibration), provenance)


def removed_csv(segmentation: Segmentation, provenance: Provenance) -> str:
    """Write which objects of the unedited labels were removed, and why."""
    removed = sorted(segmentation.removed.items())
    columns = {
        "label": np.array([label for label, _ in removed], np.int64),
        "reason": np.array([str(reason) for _, reason in removed], object),
    }
    return write_csv(columns, provenance)


def write_csv(columns: dict[str, AnyArray], provenance: Provenance) -> str:
    """Write columns of one length; the first line is a comment with the provenance."""
    text = io.StringIO()
    text.write(f"# {provenance.to_json()}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*(column.tolist() for column in columns.values()), strict=True):
        writer.writerow([f"{value:.6g}" if isinstance(value, float) else value for value in row])
    return text.getvalue()
