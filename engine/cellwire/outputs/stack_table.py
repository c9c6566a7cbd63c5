"""The table of the objects of a stack or a time series, in voxels and in micrometres."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cellwire.outputs.table import object_table, write_csv
from cellwire.segmentation.volume.objects import centroids_and_planes, measure
from cellwire.segmentation.volume.surfaces import surface_areas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cellwire.images.spec import Calibration
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.volume.stack import StackSegmentation

DIAMETER_OF_VOLUME = 6.0 / math.pi
"""A ball's diameter is the cube root of this times its volume."""

COUNTED = {"T": "frame", "Z": "plane"}


def stack_table_csv(
    segmentation: StackSegmentation, calibration: Calibration, provenance: Provenance
) -> str:
    """Write the table as CSV; its first line is a comment with the provenance.

    Objects that go through planes have a row, in each frame of a time series, with the columns
    of `volume_table`. Where each plane is by itself (numbers start anew in each, or there are only
    frames) an object has a row for each plane, with those of
    `cellwire.outputs.table.object_table`. The columns ``frame`` and ``plane``, counted from 1, say
    where.
    """
    tables = list(_parts(segmentation, calibration))
    together = {name: np.concatenate([part[name] for part in tables]) for name in tables[0]}
    return write_csv(together, provenance)


def volume_table(
    labels: AnyArray, calibration: Calibration, anisotropy: float = 1.0
) -> dict[str, AnyArray]:
    """Measure every object of a stack.

    Parameters
    ----------
    labels
        (Z, Y, X), 0 = background.
    calibration
        Size of a voxel.
    anisotropy
        Distance of two planes over the side of a pixel, for ``diameter_px`` where the calibration
        does not say it.

    Returns
    -------
    dict
        Columns of n rows each: ``label``; ``volume_voxels``; the centroid in planes and pixels
        (the first voxel's centre is 0, 0, 0); ``first_plane`` and ``last_plane``, counted from 1;
        the box in pixels, which holds its first and not its last row and column; its extents
        ``depth_planes``, ``height_px`` and ``width_px``; ``planes`` that the object is in, fewer
        than the depth where it has gaps; ``diameter_px``, of the ball of its volume, planes
        counted by the anisotropy.
        Where height, width and depth of a voxel are known also ``volume_um3``, ``surface_um2``
        (see `cellwire.segmentation.volume.surfaces.surface_areas`), ``diameter_um``, the centroid
        and the extents in µm.
    """
    labels = np.ascontiguousarray(labels, np.uint32)
    objects = measure(labels)
    names = objects.present()
    places, planes = (each[names] for each in centroids_and_planes(labels, objects))
    first_plane, end_plane, top, bottom, left, right = objects.boxes[names].T
    volumes = objects.volumes[names].astype(np.float64)
    if calibration.z is not None and calibration.pixel is not None:
        anisotropy = calibration.z / calibration.pixel
    extents = {
        "depth_planes": end_plane - first_plane,
        "height_px": bottom - top,
        "width_px": right - left,
    }
    table: dict[str, AnyArray] = {
        "label": names,
        "volume_voxels": objects.volumes[names],
        "centroid_z_planes": places[:, 0],
        "centroid_y_px": places[:, 1],
        "centroid_x_px": places[:, 2],
        "first_plane": first_plane + 1,
        "last_plane": end_plane,
        "top_px": top,
        "left_px": left,
        "bottom_px": bottom,
        "right_px": right,
        **extents,
        "planes": planes,
        "diameter_px": np.cbrt(DIAMETER_OF_VOLUME * volumes * anisotropy),
    }
    if calibration.z is None or calibration.y is None or calibration.x is None:
        return table
    spacing = (calibration.z, calibration.y, calibration.x)
    cubic = volumes * math.prod(spacing)
    return table | {
        "volume_um3": cubic,
        "surface_um2": surface_areas(labels, spacing, len(objects.volumes) - 1)[names],
        "diameter_um": np.cbrt(DIAMETER_OF_VOLUME * cubic),
        "centroid_z_um": places[:, 0] * calibration.z,
        "centroid_y_um": places[:, 1] * calibration.y,
        "centroid_x_um": places[:, 2] * calibration.x,
        "depth_um": extents["depth_planes"] * calibration.z,
        "height_um": extents["height_px"] * calibration.y,
        "width_um": extents["width_px"] * calibration.x,
    }


def _parts(
    segmentation: StackSegmentation, calibration: Calibration
) -> Iterator[dict[str, AnyArray]]:
    """Measure what belongs together at a time: a plane, or the stack of a frame."""
    axes, labels = segmentation.axes, segmentation.labels
    solid = "Z" in axes and segmentation.restarts != "Z"
    counted = axes[: -3 if solid else -2]
    for place in np.ndindex(labels.shape[: len(counted)]):
        if solid:
            table = volume_table(labels[place], calibration, segmentation.anisotropy)
        else:
            table = object_table(labels[place], calibration)
        where = {
            COUNTED[axis]: np.full(len(table["label"]), at + 1)
            for axis, at in zip(counted, place, strict=True)
        }
        yield {**where, **table}
