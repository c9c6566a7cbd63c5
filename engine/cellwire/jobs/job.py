"""A segmentation as it is asked for, and as it comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from cellwire.images.spec import Calibration
from cellwire.jobs.priority import Priority

if TYPE_CHECKING:
    from cellwire.jobs.stack import StackWishes
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.result import Segmentation

Report: TypeAlias = Callable[[str, int, int], None]
"""Called with a stage's name, its steps done and its steps in all."""


@dataclass(frozen=True, slots=True)
class Diameter:
    """How the diameter of the cells is given; all ``None`` and not automatic = the model's default.

    Attributes
    ----------
    pixels, micrometres
        The diameter in one of the two units.
    automatic
        Ask the model's size model.
    """

    pixels: float | None = None
    micrometres: float | None = None
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class ChannelInput:
    """One channel of what the network sees.

    Attributes
    ----------
    array
        The image it is taken from; its axes are those of the job.
    channel
        Which channel of the image, from 1; 0 = the mean of all.
    nucleus
        True for the helping channel of nuclei, False for what is segmented.
    content
        A name of the pixels that is the same for the same pixels; empty if there is none.
    """

    array: AnyArray
    channel: int = 0
    nucleus: bool = False
    content: str = ""


@dataclass(frozen=True, slots=True)
class SegmentationJob:
    """A segmentation as it is asked for.

    Attributes
    ----------
    model
        Name of the model.
    channels
        What the network sees.
    axes
        Axes of the images, such as ``"YX"`` or ``"CYX"``.
    calibration
        Size of a pixel.
    region
        Start and stop of each axis that is not taken whole.
    mask
        (Y, X) of the whole image; zeros are no cell.
    mask_content
        A name of the mask's pixels.
    given
        Parameters that were named, by their names in `CellposeParameters`, those of
        ``normalisation`` as a mapping of their own; the rest is the model's default.
    diameter
        The diameter of the cells.
    title
        Name for provenance and ROI sets, such as the file's.
    caller
        Whose work it is.
    priority
        Who goes first.
    stack
        How planes and frames belong together; ``None`` = the region leaves one plane.
    """

    model: str
    channels: tuple[ChannelInput, ...]
    axes: str = "YX"
    calibration: Calibration = Calibration()
    region: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    mask: AnyArray | None = None
    mask_content: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    diameter: Diameter = Diameter()
    title: str = ""
    caller: str = ""
    priority: Priority = Priority.INTERACTIVE
    stack: StackWishes | None = None


@dataclass(frozen=True, slots=True)
class CompletedSegmentation:
    """A segmentation as it comes back.

    Attributes
    ----------
    segmentation
        Labels, flows and the rest.
    image
        (Y, X, C) pixels that the network's input was made from, for overlays.
    calibration
        Size of a pixel.
    provenance
        What made it.
    notices
        Things that the person should know.
    usual
        False where another device than usual computed, so that another time the last digits may
        differ.
    """

    segmentation: Segmentation
    image: AnyArray
    calibration: Calibration
    provenance: Provenance
    notices: tuple[str, ...] = ()
    usual: bool = True
