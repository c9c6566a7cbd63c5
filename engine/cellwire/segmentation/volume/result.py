"""What the segmentation of a stack gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cellwire.segmentation.arrays import AnyArray, FloatArray, LabelArray
    from cellwire.segmentation.result import Removal
    from cellwire.segmentation.volume.objects import Ids


@dataclass(frozen=True, slots=True)
class VolumeSegmentation:
    """Labels of a stack and all that led to them.

    Above the memory budget the large arrays are views of files that vanish with them.

    Attributes
    ----------
    labels
        (Z, Y, X) uint32, 0 = background, 1..n in raster order of first appearance.
    flows
        (3, Z, Y, X) float32, or float16 with half precision: dZ, dY and dX, sums of two views,
        each 5 times unit flows; after smoothing.
    cellprob
        (Z, Y, X) of that type, sum of the three views' logits of being in a cell.
    style
        (256,) float32 of unit length, of the YX planes together.
    plane_styles
        For the views YX, ZX and ZY (planes, 256) float32; the peer returns those of ZY.
    diameter
        Diameter in pixels that was used to resize the stack.
    median_diameter
        Median over the objects of the diameter of a ball of the same volume, in pixels, planes
        counted by the anisotropy; 0 if none.
    volumes
        (n,) voxels of each object.
    removed
        How many objects were dropped, by reason.
    in_files
        Whether the large arrays are views of files.
    seconds
        Time of each stage.
    """

    labels: LabelArray
    flows: AnyArray
    cellprob: AnyArray
    style: FloatArray
    plane_styles: Mapping[str, FloatArray]
    diameter: float
    median_diameter: float
    volumes: Ids
    removed: Mapping[Removal, int]
    in_files: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of objects."""
        return len(self.volumes)
