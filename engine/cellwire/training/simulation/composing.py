"""From a kind, a number and a seed to one picture with its labels, and to its files."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import tifffile

from cellwire.errors import InvalidParameterError
from cellwire.training.simulation.bacteria import bacteria
from cellwire.training.simulation.culture import culture
from cellwire.training.simulation.membranes import membrane
from cellwire.training.simulation.optics import photograph
from cellwire.training.simulation.phase import phase
from cellwire.training.simulation.processes import processes
from cellwire.training.simulation.rounds import round_things
from cellwire.training.simulation.scene import Field, Scene
from cellwire.training.simulation.shapes import LEAST_PIXELS, renumber, settle
from cellwire.training.simulation.stack_planes import stack_planes
from cellwire.training.simulation.stroma import stroma
from cellwire.training.simulation.tissue import tissue
from cellwire.training.simulation.yeast import yeast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.training.simulation.nuclei import NucleusBank
    from cellwire.training.simulation.scene import Rng

KINDS: dict[str, tuple[int, Callable[[Rng, Field], Scene]]] = {
    "sim_culture": (1, culture),
    "sim_membrane": (2, membrane),
    "sim_processes": (3, processes),
    "sim_tissue": (4, tissue),
    "sim_phase": (5, phase),
    "sim_bacteria": (6, bacteria),
    "sim_yeast": (7, yeast),
    "sim_round": (8, round_things),
    "sim_stack": (9, stack_planes),
    "sim_stroma": (10, stroma),
}
"""What can be made, with the number that goes into the seed: it stays when others are added."""

DIAMETERS = (12.0, 90.0)
"""Typical diameters of images in pixels."""

FEWEST = 5
"""Fewest cells of an image."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A picture and the truth about it.

    Attributes
    ----------
    name
        Kind and number.
    kind
        One of `KINDS`.
    image
        (2, Y, X) uint8 or uint16: what is segmented, and nuclei (0 where there are none).
    labels
        (Y, X) uint16.
    """

    name: str
    kind: str
    image: AnyArray
    labels: npt.NDArray[np.uint16]


def check_kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    """Refuse kinds that are not known; ``culture`` is as good as ``sim_culture``.

    Raises
    ------
    InvalidParameterError
        Naming the known ones.
    """
    full = [kind if kind in KINDS else f"sim_{kind}" for kind in kinds]
    unknown = [kind for kind, name in zip(kinds, full, strict=True) if name not in KINDS]
    if unknown or not full:
        raise InvalidParameterError(
            f"{', '.join(map(repr, unknown)) or 'Nothing'} cannot be simulated.",
            f"Choose from {', '.join(KINDS)}, separated by commas.",
        )
    return tuple(dict.fromkeys(full))


def name_of(kind: str, index: int) -> str:
    """Name of a picture, for its files and the index."""
    return f"{kind}_{index:05d}"


def simulate(kind: str, index: int, seed: int, side: int, bank: NucleusBank) -> Simulated:
    """Make one picture. It depends on these arguments alone, not on what was made before.

    Parameters
    ----------
    kind
        One of `KINDS`.
    index
        Number of the picture within its kind.
    side
        Of the picture in pixels.
    bank
        Nuclei whose textures are used.
    """
    number, make = KINDS[kind]
    rng = np.random.default_rng([seed, number, index])
    low, high = np.log(DIAMETERS)
    diameter = float(np.exp(low + (high - low) * rng.beta(1.3, 1.4)))
    while True:
        zoom = rng.uniform(1.3, 2.0) if rng.random() < 0.2 else 1.0
        scene = make(rng, Field(round(side * zoom), diameter * zoom, bank))
        scene = _resized(scene, side)
        if int(scene.labels.max(initial=0)) >= FEWEST:
            break
        diameter = max(10.0, diameter * 0.8)
    image = photograph(rng, scene)
    return Simulated(name_of(kind, index), kind, image, scene.labels.astype(np.uint16))


def _resized(scene: Scene, side: int) -> Scene:
    """Reduce a scene that was drawn larger, and number its cells without gaps."""
    labels, own = scene.labels, scene.labels.shape[0]

    def reduced(plane: FloatArray) -> FloatArray:
        return np.asarray(cv2.resize(plane, (side, side), interpolation=cv2.INTER_AREA), np.float32)

    if own != side:
        at = ((np.arange(side) + 0.5) * own / side).astype(int)
        labels = labels[at[:, None], at]
        scene = replace(
            scene,
            signal=reduced(scene.signal),
            nuclei=None if scene.nuclei is None else reduced(scene.nuclei),
            diameter=scene.diameter * side / own,
        )
    labels = settle(labels)
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    tiny = areas < max(
        LEAST_PIXELS, 0.01 * float(np.median(areas[areas > 0] if areas.any() else 0))
    )
    return replace(scene, labels=renumber(np.where(tiny[labels], 0, labels).astype(np.int32)))


def image_tiff(image: AnyArray) -> bytes:
    """Encode a picture (2, Y, X) as a TIFF with two channels."""
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer, image, imagej=True, metadata={"axes": "CYX", "Labels": ["cytoplasm", "nucleus"]}
    )
    return buffer.getvalue()


def labels_tiff(labels: AnyArray) -> bytes:
    """Encode labels (Y, X) as a TIFF without loss."""
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, labels, compression="zlib", metadata={"axes": "YX"})
    return buffer.getvalue()
