"""From the images of a job to the stack, with its channels, that is segmented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cellwire.images.checks import check_content
from cellwire.jobs.planes import (
    check_same_size,
    cut_channels,
    mean_of_channels,
    ordered_channels,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.jobs.job import SegmentationJob
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.volume.workspace import Workspace


@dataclass(frozen=True, slots=True)
class StackCut:
    """The region of each channel's image, before they are put beside each other.

    Attributes
    ----------
    axes
        Axes of the results: those of T and Z that the image has, then Y and X.
    sources
        For each channel a view (C, T, Z, Y, X); several C = their mean is taken.
    """

    axes: str
    sources: tuple[AnyArray, ...]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Frames, planes, rows and columns."""
        frames, depth, height, width = self.sources[0].shape[1:]
        return frames, depth, height, width

    @property
    def copied_bytes(self) -> int:
        """Size of the copy that `assemble_stack` must make, 0 if it needs none."""
        if _view(self.sources) is not None:
            return 0
        return int(np.prod(self.shape, dtype=object)) * len(self.sources) * self.dtype.itemsize

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Type of the pixels, float32 where channels differ or a mean is taken."""
        kinds = {np.dtype(np.float32) if len(s) > 1 else s.dtype for s in self.sources}
        return kinds.pop() if len(kinds) == 1 else np.dtype(np.float32)


def cut_stack(job: SegmentationJob) -> StackCut:
    """Cut the region out of each channel; nothing is copied.

    Raises
    ------
    ShapeMismatchError, InvalidParameterError
        As of one plane, see `cellwire.jobs.planes.assemble_plane`.
    """
    sources = [cut_channels(channel, job.axes, job.region) for channel in ordered_channels(job)]
    check_same_size([source[0] for source in sources])
    axes = "".join(axis for axis in "TZYX" if axis in job.axes)
    return StackCut(axes, tuple(sources))


def assemble_stack(
    cut: StackCut, workspace: Workspace, progress: Callable[[int, int], None]
) -> AnyArray:
    """Put the channels beside each other, and check what they hold.

    One channel, or two of one image, stay where they are; what must be computed or comes from two
    images is copied, plane by plane.

    Parameters
    ----------
    cut
        From `cut_stack`.
    workspace
        Where a copy lies.
    progress
        Called with (planes done, planes); may raise to stop.

    Returns
    -------
    array
        (T, Z, Y, X, C), a view where possible; the segmented channel comes first.

    Raises
    ------
    ImageContentError
        No pixels, NaN or infinity.
    """
    frames, depth = cut.shape[:2]
    array = _view(cut.sources)
    copied = array is None
    if array is None:
        array = workspace.zeros((*cut.shape, len(cut.sources)), cut.dtype)
    for frame in range(frames):
        for plane in range(depth):
            if copied:
                for channel, source in enumerate(cut.sources):
                    array[frame, plane, ..., channel] = mean_of_channels(source[:, frame, plane])
            check_content(array[frame, plane])
            progress(frame * depth + plane + 1, frames * depth)
    return array


def _view(sources: tuple[AnyArray, ...]) -> AnyArray | None:
    """Give (T, Z, Y, X, C) without a copy, if there is a way."""
    if any(len(source) > 1 for source in sources):
        return None
    first = sources[0]
    if len(sources) == 1:
        return np.moveaxis(first, 0, -1)
    second = sources[1]
    apart = _address(second) - _address(first)
    if first.base is None or first.base is not second.base or first.strides != second.strides:
        return None
    return np.lib.stride_tricks.as_strided(
        first[0], (*first.shape[1:], 2), (*first.strides[1:], apart), writeable=False
    )


def _address(array: AnyArray) -> int:
    return int(array.__array_interface__["data"][0])
