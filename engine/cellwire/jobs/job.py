"""A segmentation as it is asked for, and as it comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from cellwire.images.spec import Calibration
from cellwire.jobs.priority import Priority
from cellwire.segmentation.stages import PartProgress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cellwire.jobs.stack import StackWishes
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.result import Segmentation
    from cellwire.segmentation.volume.stack import StackSegmentation

Report: TypeAlias = PartProgress
"""Called with a stage's name, its steps done and its steps in all, and of a stack the part."""


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
    flows
        Whether flows and cell probability are wanted: of a stack they take several times the
        memory of its labels, and without this they may be empty.
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
    flows: bool = True

    @property
    def has_channels(self) -> bool:
        """Whether its image has several channels."""
        return "C" in self.axes and self.channels[0].array.shape[self.axes.index("C")] > 1


@dataclass(frozen=True, slots=True)
class CompletedSegmentation:
    """A segmentation as it comes back.

    Attributes
    ----------
    segmentation
        Labels, flows and the rest, of a plane or of a stack.
    image
        (Y, X, C), of a stack (*axes, C): pixels that the network's input was made from, for
        overlays.
    calibration
        Size of a pixel.
    provenance
        What made it.
    notices
        Things that the person should know.
    hyperstack
        True where the image has several channels, so that ImageJ shows a stack of it as a
        hyperstack; see `cellwire.outputs.rois.roi_set`.
    usual
        False where another device than usual computed, so that another time the last digits may
        differ.
    """

    segmentation: Segmentation | StackSegmentation
    image: AnyArray
    calibration: Calibration
    provenance: Provenance
    notices: tuple[str, ...] = ()
    hyperstack: bool | None = None
    usual: bool = True

    @property
    def plane(self) -> Segmentation:
        """The segmentation of a plane, where one was asked for."""
        from cellwire.segmentation.result import Segmentation

        assert isinstance(self.segmentation, Segmentation)  # noqa: S101  as the job had it
        return self.segmentation

    @property
    def stack(self) -> StackSegmentation:
        """The segmentation of a stack, where one was asked for."""
        from cellwire.segmentation.volume.stack import StackSegmentation

        assert isinstance(self.segmentation, StackSegmentation)  # noqa: S101  as the job had it
        return self.segmentation
