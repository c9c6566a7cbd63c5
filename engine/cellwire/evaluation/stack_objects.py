"""How large the objects of a labelled stack are, and what anisotropy they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from cellwire.errors import TrainingDataError
from cellwire.segmentation.volume.pipeline import diameter_of_volumes

if TYPE_CHECKING:
    import numpy.typing as npt

    from cellwire.segmentation.arrays import AnyArray, BoolArray

FEWEST = 5
"""Objects that a median of extents is taken of, at least."""


@dataclass(frozen=True, slots=True)
class StackObjects:
    """The objects of a labelled stack, in order of their numbers.

    Attributes
    ----------
    volumes
        (n,) voxels.
    extents
        (n, 3) voxels along Z, Y and X.
    uncut
        (n, 3): whether the stack's border along Z, Y and X leaves the object whole.
    """

    volumes: npt.NDArray[np.int64]
    extents: npt.NDArray[np.int64]
    uncut: BoolArray

    @property
    def whole(self) -> BoolArray:
        """Which objects no border cuts: (n,)."""
        return np.asarray(self.uncut.all(axis=1))


def stack_objects(labels: AnyArray) -> StackObjects:
    """Measure the objects of a stack.

    Parameters
    ----------
    labels
        (Z, Y, X) whole numbers, 0 = background, ids need not be consecutive.
    """
    ids, dense = np.unique(labels, return_inverse=True)
    dense = dense.reshape(labels.shape) + int(ids.size > 0 and ids[0] != 0)
    boxes = ndimage.find_objects(dense)
    places = np.array([[[along.start, along.stop] for along in box] for box in boxes], np.int64)
    starts, stops = np.moveaxis(places.reshape(-1, 3, 2), 2, 0)
    volumes = np.bincount(dense.ravel(), minlength=1)[1:]
    return StackObjects(volumes, stops - starts, (starts > 0) & (stops < np.array(labels.shape)))


def plane_diameter(objects: StackObjects, anisotropy: float) -> float:
    """Give the median diameter in the plane of objects that the stack's border does not cut.

    It is that of a sphere of an object's volume, in pixels of Y and X. Where the border cuts all
    objects, they all count.

    Parameters
    ----------
    objects
        Of the stack.
    anisotropy
        Distance of two planes over the side of a pixel.

    Returns
    -------
    float
        In pixels; 0 if there is no object.
    """
    whole = objects.whole
    volumes = objects.volumes[whole] if whole.any() else objects.volumes
    return diameter_of_volumes(volumes, anisotropy)


def shown_anisotropy(objects: StackObjects, name: str) -> float:
    """Give the anisotropy that makes the objects as high as they are wide.

    The median extent along Y and X over the median extent along Z (as StarDist's examples do it,
    https://github.com/stardist/stardist), of objects that no border cuts; where these are fewer
    than `FEWEST`, each extent counts that the border does not cut along its own axis.

    Parameters
    ----------
    objects
        Of the stack.
    name
        Of the file of labels, for errors.

    Raises
    ------
    TrainingDataError
        There are too few of those either.
    """
    counted = objects.uncut
    if objects.whole.sum() >= FEWEST:
        counted = counted & objects.whole[:, None]
    along_z = objects.extents[counted[:, 0], 0]
    in_plane = objects.extents[:, 1:][counted[:, 1:]]
    if min(len(along_z), len(in_plane)) < FEWEST:
        raise TrainingDataError(
            f"The labels {name} do not show the anisotropy: the border leaves {len(along_z)} of "
            f"{len(objects.volumes)} objects whole along Z, and {len(in_plane)} extents along Y "
            f"and X; {FEWEST} of each are needed.",
            "Give the distance of two planes over the side of a pixel, such as --anisotropy 2.",
        )
    return float(np.median(in_plane) / np.median(along_z))
