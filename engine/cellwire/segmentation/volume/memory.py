"""How much memory and disk a stack takes, known before any of it is taken."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellwire.errors import ImageTooLargeError
from cellwire.segmentation.resize import scale_for
from cellwire.segmentation.volume.dynamics import VOXEL_STEPS_A_CALL
from cellwire.segmentation.volume.scaling import Shape, scaled_volume
from cellwire.segmentation.volume.views import VIEWS, planes_a_block
from cellwire.segmentation.volume.workspace import BLOCK_BYTES, Workspace
from cellwire.segmentation.work import steps_of

if TYPE_CHECKING:
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.volume.parameters import VolumeMemory, VolumeParameters

WALK_BYTES = 20
"""A voxel's place, step and end in the dynamics, where every voxel is in an object."""

SORT_BYTES = 2**27
"""For the percentiles, the kernels and what is small."""

MOST_FILE_BLOCK_BYTES = 2**31

OTHER_WAYS = "switch to half precision, segment a part of it, or stitch its planes by overlap"


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """What a stack takes at most, in bytes, without the image given and the network's own.

    Attributes
    ----------
    in_memory
        Memory where all arrays lie in it.
    beside_files
        Memory where the large arrays lie in files.
    disk
        Size of these files at one time.
    """

    in_memory: int
    beside_files: int
    disk: int


def estimate_volume_memory(
    shape: Shape,
    parameters: CellposeParameters,
    volume: VolumeParameters,
    diam_mean: float,
    channels: int = 1,
) -> MemoryEstimate:
    """Estimate the memory and the disk for segmenting a stack.

    Parameters
    ----------
    shape
        Z, Y, X.
    parameters, volume
        As for `cellwire.segmentation.volume.pipeline.segment_volume`; the diameter must be set.
    diam_mean
        The network's mean diameter.
    channels
        Channels of the image.
    """
    diameter = diam_mean if parameters.diameter is None else parameters.diameter
    scale = scale_for(diam_mean, diameter)
    scaled = scaled_volume(shape, scale, volume.anisotropy)
    voxels, there = math.prod(shape), math.prod(scaled)
    number = 2 if volume.half_precision else 4
    sums, answer = 4 * number * there, 0 if scaled == shape else 4 * number * voxels
    smoothing = 4 if volume.flow_smoothing and volume.half_precision else 0
    stages = [4 * channels * there + sums, sums + answer]
    if parameters.resample:
        stages.append((4 * number + max(WALK_BYTES, smoothing)) * voxels)
    else:
        stages += [sums + max(WALK_BYTES, smoothing) * there, sums + answer + 4 * (voxels + there)]
    files = max(stages)
    blocks = max(
        planes_a_block(view, scaled, channels, BLOCK_BYTES)
        * 4
        * (channels + 3)
        * math.prod(view.plane_of(scaled))
        for view in VIEWS
    )
    planes = 4 * (channels + 20) * max(shape[1] * shape[2], scaled[1] * scaled[2])
    listed = 4 * min(voxels, VOXEL_STEPS_A_CALL // max(1, steps_of(parameters, scale)))
    beside = 2 * blocks + planes + listed + min(SORT_BYTES, 64 * voxels)
    return MemoryEstimate(files + beside, beside, files)


def choose_workspace(
    estimate: MemoryEstimate, shape: tuple[int, ...], memory: VolumeMemory, other: str = OTHER_WAYS
) -> Workspace:
    """Decide where the arrays lie, or refuse.

    Parameters
    ----------
    estimate
        What they take.
    shape
        Of the stack, for the refusal.
    memory
        Budget and scratch folder.
    other
        What else can be done where they do not fit.

    Raises
    ------
    ImageTooLargeError
        If neither the memory nor the scratch folder suffices.
    """
    if memory.budget is None or estimate.in_memory <= memory.budget:
        return Workspace()
    size = f"A stack of {' × '.join(str(length) for length in shape)} voxels takes up to"
    if memory.scratch is None:
        raise ImageTooLargeError(
            f"{size} {_text(estimate.in_memory)} of memory; the limit is {_text(memory.budget)}.",
            f"Give a scratch folder with {_text(estimate.disk)} free ("
            f"{_text(estimate.beside_files)} of memory are enough then), raise the limit, {other}.",
        )
    if estimate.beside_files > memory.budget:
        raise ImageTooLargeError(
            f"{size} {_text(estimate.beside_files)} of memory beside its files; the limit is "
            f"{_text(memory.budget)}.",
            f"Raise the limit, {other}.",
        )
    free = shutil.disk_usage(memory.scratch).free
    if estimate.disk > free:
        raise ImageTooLargeError(
            f"{size} {_text(estimate.disk)} in the scratch folder, where {_text(free)} are free; "
            f"the limit of the memory is {_text(memory.budget)}.",
            f"Free space there, choose another folder, {other}.",
        )
    return Workspace(memory.scratch, file_block(estimate, memory.budget))


def file_block(estimate: MemoryEstimate, budget: int) -> int:
    """Give the size of blocks of planes where arrays lie in files, in bytes.

    Each block reads and writes all of the files, so that it takes what the budget leaves: twice
    its size beside the estimate.
    """
    spare = (budget - estimate.beside_files) // 2
    return max(BLOCK_BYTES, min(MOST_FILE_BLOCK_BYTES, spare))


def _text(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
