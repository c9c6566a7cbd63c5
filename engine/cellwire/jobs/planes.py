"""From the images of a job to the one plane, with its channels, that is segmented."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.errors import InvalidParameterError, ShapeMismatchError
from cellwire.images.checks import check_axes

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    segmented = [c for c in job.channels if not c.nucleus]
    nuclei = [c for c in job.channels if c.nucleus]
    if len(segmented) != 1 or len(nuclei) > 1:
        raise InvalidParameterError(
            f"One channel is segmented and at most one of nuclei helps; {len(segmented)} and "
            f"{len(nuclei)} were given.",
            "Name one channel to segment and, if wanted, one that shows nuclei.",
        )
    planes = [_one_plane(c, job.axes, job.region) for c in (*segmented, *nuclei)]
    if len({plane.shape for plane in planes}) > 1:
        sizes = " and ".join(f"{p.shape[0]} x {p.shape[1]}" for p in planes)
        raise ShapeMismatchError(
            f"The channels differ in size: {sizes} pixels.", "Give images of the same field."
        )
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


def _one_plane(source: ChannelInput, axes: str, region: Mapping[str, tuple[int, int]]) -> AnyArray:
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
        if axis in "TZ" and stop - start > 1:
            raise ShapeMismatchError(
                f"The image has {stop - start} planes along {_AXIS_NAMES[axis]}; one plane is "
                "segmented at a time.",
                f"Choose one plane of the {_AXIS_NAMES[axis]} axis.",
            )
        if axis != "C":
            array = array[(slice(None),) * position + (slice(start, stop),)]
    order = [axes.index(a) for a in axes if a in "TZ"]
    order += [axes.index(a) for a in "CYX" if a in axes]
    array = array.transpose(order)
    array = array.reshape(array.shape[sum(a in "TZ" for a in axes) :])
    if "C" not in axes:
        array = array[np.newaxis]
    return _choose(array, source.channel, region.get("C"))


def _choose(array: AnyArray, channel: int, limits: tuple[int, int] | None) -> AnyArray:
    count = array.shape[0]
    if not 0 <= channel <= count:
        raise InvalidParameterError(
            f"Channel {channel} was asked for; the image has {count}.",
            f"Choose from 1 to {count}, or 0 for the mean of all.",
        )
    plane: AnyArray
    if channel:
        plane = array[channel - 1]
    elif count == 1:
        plane = array[0]
    else:
        chosen = array if limits is None else array[slice(*limits)]
        plane = chosen.mean(axis=0, dtype=np.float64).astype(np.float32)
    return plane
