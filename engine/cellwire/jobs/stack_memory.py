"""Where the arrays of a stack lie, decided before any of them is made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellwire.jobs.stack import StackMode
from cellwire.segmentation.volume.memory import (
    MemoryEstimate,
    choose_workspace,
    estimate_volume_memory,
    file_block,
)
from cellwire.segmentation.volume.parameters import VolumeMemory
from cellwire.segmentation.volume.stack_arrays import bytes_of_arrays
from cellwire.segmentation.work import work_of

if TYPE_CHECKING:
    from cellwire.jobs.settings import EngineSettings
    from cellwire.jobs.stack import StackWishes
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.volume.parameters import VolumeParameters
    from cellwire.segmentation.volume.stack_arrays import Grid
    from cellwire.segmentation.volume.workspace import Workspace

PIXEL_BYTES = 60
"""A pixel, and one of the resized plane, in the pipeline of a plane at its largest."""


@dataclass(frozen=True, slots=True)
class StackRoom:
    """What a stack may use.

    Attributes
    ----------
    workspace
        Where what is kept of all parts lies.
    memory
        What one volume may use beside.
    in_memory
        Bytes of memory that it takes at most, the files' not counted.
    for_planes
        The same for looking at its planes one at a time.
    """

    workspace: Workspace
    memory: VolumeMemory
    in_memory: int
    for_planes: int


def memory_of(settings: EngineSettings) -> VolumeMemory:
    """Give what stacks may use: what was set, else half of the machine's memory."""
    if settings.memory_bytes is not None:
        return VolumeMemory(settings.memory_bytes, settings.scratch)
    import psutil

    return VolumeMemory(psutil.virtual_memory().total // 2, settings.scratch)


def room_for_stack(
    shape: Grid,
    channels: int,
    wishes: StackWishes,
    parameters: CellposeParameters,
    volume: VolumeParameters,
    diam_mean: float,
    copied: int,
    memory: VolumeMemory,
    *,
    flows: bool,
) -> StackRoom:
    """Decide where the arrays lie, or refuse.

    Parameters
    ----------
    shape
        Frames, planes, rows and columns.
    channels
        Channels of the image.
    wishes, parameters, volume
        How it is segmented; an unknown diameter counts as the network's.
    diam_mean
        The network's mean diameter.
    copied
        Bytes of a copy of the image.
    memory
        Budget and scratch folder.
    flows
        Whether flows and cell probability are kept.

    Raises
    ------
    ImageTooLargeError
        If neither the memory nor the scratch folder suffices.
    """
    frames, depth, height, width = shape
    voxels = math.prod(shape)
    work = work_of((height, width), parameters, diam_mean)
    beside = PIXEL_BYTES * (height * width + math.prod(work.scaled_shape))
    if wishes.mode is StackMode.VOLUME:
        number = 2 if wishes.half_precision else 4
        one = estimate_volume_memory(
            (depth, height, width), parameters, volume, diam_mean, channels
        )
        kept = bytes_of_arrays(voxels, 3, number, flows=flows) if frames > 1 else 0
        other = "switch to half precision, segment a part of it, or stitch its planes by overlap"
    else:
        one = MemoryEstimate(beside, beside, 0)
        kept = bytes_of_arrays(voxels, 2, flows=flows)
        other = "or segment a part of it"
    kept += copied
    whole = MemoryEstimate(one.in_memory + kept, one.beside_files, one.disk + kept)
    workspace = choose_workspace(whole, shape if frames > 1 else shape[1:], memory, other)
    if workspace.scratch is None:
        return StackRoom(workspace, VolumeMemory(), whole.in_memory, beside + copied)
    if memory.budget is None or one.in_memory <= memory.budget:
        taken = one.in_memory
    else:
        taken = one.beside_files + 2 * file_block(one, memory.budget)
    return StackRoom(workspace, memory, taken, beside)
