"""What a person asked of every image, and the job that it means for one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cellwire.images.channels import choose_channels
from cellwire.images.reading import read_image
from cellwire.jobs.job import ChannelInput, Diameter, SegmentationJob

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cellwire.images.reading import LoadedImage
    from cellwire.jobs.stack import StackWishes
    from cellwire.segmentation.arrays import AnyArray


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is the same for all images of a call.

    Attributes
    ----------
    model
        Name of the model.
    diameter
        How the diameter is given.
    given
        Parameters that were named, as in `SegmentationJob.given`; the rest is the model's.
    channels, axes, planes
        As typed; ``None`` and empty = what the file says.
    mask
        (Y, X) for all images, ``None`` for none.
    stack
        How planes and frames belong together, ``None`` = one plane is segmented.
    """

    model: str = "nuclei"
    diameter: Diameter = Diameter()
    given: Mapping[str, Any] = field(default_factory=dict)
    channels: tuple[int | str, ...] | None = None
    axes: str | None = None
    planes: Mapping[str, int] = field(default_factory=dict)
    mask: AnyArray | None = None
    stack: StackWishes | None = None


def make_job(loaded: LoadedImage, wishes: Wishes) -> SegmentationJob:
    """Say what is to be done with one image.

    Raises
    ------
    AxesUnknownError, InvalidParameterError
        Channels or planes were not chosen, or are not there.
    ShapeMismatchError
        The image is no stack of the kind that is asked for.
    """
    from cellwire.cli.reading_options import region_of
    from cellwire.cli.stacks import check_stack

    shape, stack = loaded.array.shape, wishes.stack
    region = region_of(wishes.planes, loaded.axes, shape, is_stack=stack is not None)
    if stack is not None:
        check_stack(stack, loaded.axes, shape, region, loaded.calibration)
    chosen = choose_channels(wishes.channels, loaded.axes, shape, loaded.channel_names)
    return SegmentationJob(
        model=wishes.model,
        channels=tuple(
            ChannelInput(loaded.array, number, nucleus=place == 1)
            for place, number in enumerate(chosen)
        ),
        axes=loaded.axes,
        calibration=loaded.calibration,
        region=region,
        mask=wishes.mask,
        given=wishes.given,
        diameter=wishes.diameter,
        title=printable(loaded.path.name),
        stack=stack,
    )


def read_mask(path: Path, max_bytes: int) -> AnyArray:
    """Read a mask image: (Y, X), zeros are no cell; of a colour image any channel counts."""
    loaded = read_image(path, max_bytes=max_bytes)
    array = loaded.array
    for place in reversed([i for i, axis in enumerate(loaded.axes) if axis not in "YX"]):
        array = (array != 0).any(axis=place)
    mask: AnyArray = (array != 0).astype("uint8")
    return mask


def printable(name: str) -> str:
    """Give a file's name as a title: printable and no longer than the engine takes."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[-200:]
