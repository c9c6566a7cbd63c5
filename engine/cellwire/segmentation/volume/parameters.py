"""What a stack needs to know beyond the parameters of a plane."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from cellwire.errors import InvalidParameterError
from cellwire.segmentation.parameters import CELLPOSE3

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.segmentation.parameters import CellposeParameters

MAX_ANISOTROPY = 100.0
MAX_SMOOTHING = 100.0


@dataclass(frozen=True, slots=True)
class VolumeParameters:
    """Everything that decides the labels of a stack beyond `CellposeParameters`.

    ``min_size`` and ``max_size`` of those count voxels here; where no ``min_size`` is given, it
    follows from the diameter (`cellwire.segmentation.parameters.LEAST_SHARE_OF_BALL`). The flow
    threshold is not used (as in the peer), and the diameter must be given.

    Attributes
    ----------
    anisotropy
        Distance of two planes over the side of a pixel: the stack is stretched along Z by it.
    flow_smoothing
        Sigma in voxels of a Gaussian over the flows before the dynamics, 0 = none (the peer's
        ``flow3D_smooth``).
    normalise_by
        ``"stack"``: one range of intensities for all planes, as in the peer; ``"plane"``: each YX
        plane has its own.
    half_precision
        Add the views up in float16: half the memory, about three decimal digits.
    """

    anisotropy: float = 1.0
    flow_smoothing: float = 0.0
    normalise_by: Literal["stack", "plane"] = "stack"
    half_precision: bool = False

    def __post_init__(self) -> None:
        """Refuse what is out of range, naming the range and the value."""
        if not (math.isfinite(self.anisotropy) and 0 < self.anisotropy <= MAX_ANISOTROPY):
            raise InvalidParameterError(
                f"The anisotropy must be above 0 and at most {MAX_ANISOTROPY:g}; it is "
                f"{self.anisotropy:g}.",
                "Give the distance of two planes divided by the side of a pixel, for example 2 for "
                "planes 1 µm apart and pixels of 0.5 µm.",
            )
        if not (math.isfinite(self.flow_smoothing) and 0 <= self.flow_smoothing <= MAX_SMOOTHING):
            raise InvalidParameterError(
                f"The smoothing of the flows must be from 0 to {MAX_SMOOTHING:g} voxels; it is "
                f"{self.flow_smoothing:g}.",
                "Choose a value in that range; 0 switches it off.",
            )
        if self.normalise_by not in ("stack", "plane"):
            raise InvalidParameterError(
                f"Intensities are normalised by 'stack' or by 'plane', not {self.normalise_by!r}.",
                "Choose one of the two.",
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for provenance and cache keys."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class VolumeMemory:
    """What a segmentation may use; has no influence on its result.

    Attributes
    ----------
    budget
        Bytes of memory for its arrays, ``None`` = any. Above it they lie in files.
    scratch
        Folder for these files; they vanish with the arrays.
    """

    budget: int | None = None
    scratch: Path | None = None


def check_together(parameters: CellposeParameters, volume: VolumeParameters) -> None:
    """Refuse what each alone allows and both together do not.

    Raises
    ------
    InvalidParameterError
        No diameter; half precision or planes of their own in what is to equal the peer; blocks
        of intensities over a whole stack.
    """
    if parameters.diameter is None:
        raise InvalidParameterError(
            "A stack needs the diameter of its objects; an automatic one is found in planes only.",
            "Give the diameter in pixels, measured in a plane through the middle of the objects.",
        )
    if parameters.compat == CELLPOSE3 and volume.half_precision:
        raise InvalidParameterError(
            "Half precision was asked together with compat='cellpose3', which is exact.",
            "Leave out one of the two.",
        )
    if parameters.normalisation.tile_blocksize and volume.normalise_by == "stack":
        raise InvalidParameterError(
            "Intensities of blocks (tiled normalisation) are normalised plane by plane; a common "
            "range of the whole stack was asked for.",
            "Normalise by plane, or set the block size to 0.",
        )
