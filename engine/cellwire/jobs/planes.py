"""From the images of a job to the plane or the stack, with its channels, that is segmented."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.errors import InvalidParameterError, ShapeMismatchError
from cellwire.images.channels import no_such_channel
from cellwire.images.checks import check_axes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cellwire.jobs.job import ChannelInput, SegmentationJob
    from cellwire.segmentation.arrays import AnyArray, BoolArray

_AXIS_NAMES = {"T": "time", "Z": "Z", "C": "channel", "Y": "Y", "X": "X"}


def assemble_plane(job: SegmentationJob) -> AnyArray:
    """Cut the region out of each channel and put the channels beside each other.

    Returns
    -------
    array
        (Y, X, C) with C = 1, or 2 if a channel of nuclei helps; the segmented one comes first. The
        type is that of the images, float32 where they differ or a mean is taken.

    Raises
    ------
    ShapeMismatchError
        Axes do not fit the images, the images differ in size, or there is more than one plane.
    InvalidParameterError
        A channel or a range that is not there, or roles that are not.
    """
    planes = [
        mean_of_channels(_one_plane(cut_channels(channel, job.axes, job.region)))
        for channel in ordered_channels(job)
    ]
    check_same_size(planes)
    if len({plane.dtype for plane in planes}) > 1:
        planes = [plane.astype(np.float32) for plane in planes]
    return np.ascontiguousarray(np.stack(planes, axis=-1))


def assemble_mask(job: SegmentationJob, shape: tuple[int, ...]) -> BoolArray | None:
    """Cut the region out of the mask: (Y, X), False where no cell can be."""
    if job.mask is None:
        return None
    whole = dict(zip(job.axes, job.channels[0].array.shape, strict=True))
    if job.mask.shape != (whole["Y"], whole["X"]):
        size = " x ".join(str(n) for n in job.mask.shape)
        raise ShapeMismatchError(
            f"The mask is {size} pixels, the image {whole['Y']} x {whole['X']}.",
            "Give a mask of the size of the whole image.",
        )
    y, x = (slice(*job.region.get(axis, (0, whole[axis]))) for axis in "YX")
    mask: BoolArray = np.ascontiguousarray(job.mask[y, x] != 0)
    if mask.shape != shape:
        raise ShapeMismatchError("The mask does not fit the region.", "Give both for one image.")
    return mask


def ordered_channels(job: SegmentationJob) -> list[ChannelInput]:
    """Give the channel to segment, then the one of nuclei if there is one.

    Raises
    ------
    InvalidParameterError
        Not one and at most one.
    """
    segmented = [c for c in job.channels if not c.nucleus]
    nuclei = [c for c in job.channels if c.nucleus]
    if len(segmented) != 1 or len(nuclei) > 1:
        raise InvalidParameterError(
            f"One channel is segmented and at most one of nuclei helps; {len(segmented)} and "
            f"{len(nuclei)} were given.",
            "Name one channel to segment and, if wanted, one that shows nuclei.",
        )
    return [*segmented, *nuclei]


def check_same_size(arrays: Sequence[AnyArray]) -> None:
    """Refuse channels of different sizes."""
    if len({array.shape for array in arrays}) > 1:
        sizes = " and ".join(" x ".join(str(n) for n in array.shape) for array in arrays)
        raise ShapeMismatchError(
            f"The channels differ in size: {sizes} pixels.", "Give images of the same field."
        )


def cut_channels(
    source: ChannelInput, axes: str, region: Mapping[str, tuple[int, int]]
) -> AnyArray:
    """Cut the region out of an image: a view (C, T, Z, Y, X) of the channels to choose from.

    Raises
    ------
    ShapeMismatchError, InvalidParameterError
        See `assemble_plane`.
    """
    array = _cut(source, axes, region)
    count = len(array)
    if not 0 <= source.channel <= count:
        raise no_such_channel(source.channel, count)
    if source.channel:
        return array[source.channel - 1 : source.channel]
    return array if count == 1 or "C" not in region else array[slice(*region["C"])]


def _cut(source: ChannelInput, axes: str, region: Mapping[str, tuple[int, int]]) -> AnyArray:
    """Give a view (C, T, Z, Y, X), all channels of it."""
    array = source.array
    check_axes(axes, array.shape)
    for axis in region:
        if axis not in axes:
            raise InvalidParameterError(
                f"A region is given along {_AXIS_NAMES.get(axis, axis)}, an axis that the image "
                f"does not have (its axes are {axes}).",
                "Leave that range out.",
            )
    for position, axis in enumerate(axes):
        length = array.shape[position]
        start, stop = region.get(axis, (0, length))
        if not 0 <= start < stop <= length:
            raise InvalidParameterError(
                f"The region along {_AXIS_NAMES[axis]} is {start} to {stop}; the image has "
                f"{length} there.",
                f"Choose a start from 0 and a stop up to {length}.",
            )
        if axis != "C":
            array = array[(slice(None),) * position + (slice(start, stop),)]
    array = array.transpose([axes.index(axis) for axis in "CTZYX" if axis in axes])
    return array[tuple(slice(None) if axis in axes else np.newaxis for axis in "CTZYX")]


def _one_plane(array: AnyArray) -> AnyArray:
    for axis, length in zip("TZ", array.shape[1:3], strict=True):
        if length > 1:
            raise ShapeMismatchError(
                f"The image has {length} planes along {_AXIS_NAMES[axis]}; one plane is "
                "segmented at a time unless it is asked for as a stack.",
                f"Choose one plane of the {_AXIS_NAMES[axis]} axis, or ask for a stack: each "
                "plane by itself, stitched by overlap, or a volume.",
            )
    plane: AnyArray = array[:, 0, 0]
    return plane


def mean_of_channels(array: AnyArray) -> AnyArray:
    """Give the one channel (C, ...) as it is, or the mean of several as float32."""
    if len(array) == 1:
        one: AnyArray = array[0]
        return one
    mean: AnyArray = array.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean
