"""What every kind of scene gives: ideal light, before the microscope, and the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from cellwire.segmentation.arrays import FloatArray
    from cellwire.training.simulation.nuclei import NucleusBank

    Rng = np.random.Generator
    Labels = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Optics:
    """What the microscope may do to a scene.

    Attributes
    ----------
    transmitted
        Light goes through the sample: the background is bright, photons are many, and no haze of
        other layers is added.
    invert
        Chance that dark and bright are swapped.
    missing_nuclei
        Chance that the second channel is empty.
    sharp
        Upper limit of the blur in cell diameters.
    clutter
        Chance of debris.
    scarce
        Chance that there is so little light that cells can just be outlined.
    """

    transmitted: bool = False
    invert: float = 0.03
    missing_nuclei: float = 0.3
    sharp: float = 0.06
    clutter: float = 0.3
    scarce: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Ideal light of one field of cells, and the truth about it.

    Attributes
    ----------
    signal
        (Y, X) the channel that is segmented; 0 = no light, about 1 = an ordinary bright cell, or
        about 0.5 = the background in transmitted light.
    nuclei
        (Y, X) the nucleus channel, ``None`` where there is none.
    labels
        (Y, X) visible region of each cell, 0 = background.
    diameter
        Typical diameter of the cells in pixels.
    optics
        What may happen to it.
    """

    signal: FloatArray
    nuclei: FloatArray | None
    labels: Labels
    diameter: float
    optics: Optics = field(default_factory=Optics)


@dataclass(frozen=True, slots=True)
class Field:
    """What a scene is asked for.

    Attributes
    ----------
    side
        Side of the square image in pixels.
    diameter
        Typical diameter of its cells in pixels.
    bank
        Nuclei to take textures from.
    """

    side: int
    diameter: float
    bank: NucleusBank
