"""The whole way of a stack: normalise, scale, three views, dynamics, masks, filters."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

from cellwire.errors import ImageTooLargeError, ShapeMismatchError
from cellwire.segmentation.parameters import CELLPOSE3, LEAST_SHARE_OF_BALL
from cellwire.segmentation.resize import scale_for
from cellwire.segmentation.result import Removal
from cellwire.segmentation.stages import Clock
from cellwire.segmentation.volume.cleaning import CleanedVolume, clean_volume
from cellwire.segmentation.volume.dynamics import follow_flows
from cellwire.segmentation.volume.intensities import plane_normaliser
from cellwire.segmentation.volume.masks import build_masks
from cellwire.segmentation.volume.memory import choose_workspace, estimate_volume_memory
from cellwire.segmentation.volume.parameters import (
    VolumeMemory,
    VolumeParameters,
    check_together,
)
from cellwire.segmentation.volume.result import VolumeSegmentation
from cellwire.segmentation.volume.scaling import Shape, resize_labels, resize_stack, scaled_volume
from cellwire.segmentation.volume.slabs import slabs
from cellwire.segmentation.volume.views import add_views
from cellwire.segmentation.volume.work import check_volume_work
from cellwire.segmentation.work import steps_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.network_pass import TileNetwork
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.stages import Progress
    from cellwire.segmentation.volume.intensities import ChannelRange
    from cellwire.segmentation.volume.objects import Ids
    from cellwire.segmentation.volume.workspace import Workspace
    from cellwire.segmentation.work import WorkLimits

MAX_VOXELS = 2**32 - 1
"""Voxels are counted in 32 bits, from 1."""


def segment_volume(
    image: AnyArray,
    parameters: CellposeParameters,
    network: TileNetwork,
    volume: VolumeParameters | None = None,
    orthogonal: TileNetwork | None = None,
    memory: VolumeMemory | None = None,
    report: Progress | None = None,
    limits: WorkLimits | None = None,
    ranges: Sequence[ChannelRange] | None = None,
) -> VolumeSegmentation:
    """Segment a stack in three dimensions with a network for planes.

    The network runs on the YX, ZX and ZY planes of the stack, stretched along Z by the anisotropy
    and scaled by the diameter; the flows are summed, and every voxel follows them (Stringer et al.
    2021, Methods, "3D segmentation"; peer: ``CellposeModel.eval(do_3D=True)`` 3.1.1.3, whose
    flows are half a voxel aside in the dynamics: with ``compat="cellpose3"`` so are these).

    Parameters
    ----------
    image
        (Z, Y, X, C), any real type; the channel to segment first, C at most the network's channels.
        May be a mapped file: it is read in planes.
    parameters
        As for a plane; sizes count voxels, the diameter must be given.
    network
        Answers batches of tiles.
    volume
        Anisotropy and what else only a stack has.
    orthogonal
        A network for the ZX and ZY planes, of the same diameter; ``None`` = the same.
    memory
        How much may be used, and where files may lie.
    report
        Told between batches and stages how far the work is; may raise to stop. Stages are
        ``normalise``, ``network YX``, ``network ZX``, ``network ZY``, ``resize``, ``smooth``,
        ``dynamics`` and ``masks``; those of the network count planes.
    limits
        Greatest amount of work; ``None`` = any.
    ranges
        Intensities that it shares with other stacks, from
        `cellwire.segmentation.volume.intensities.channel_ranges`; ``None`` = its own.

    Raises
    ------
    ShapeMismatchError
        If the image is no stack, or does not fit the network.
    InvalidParameterError
        If parameters contradict each other, or leave nothing of the stack.
    ImageTooLargeError
        If it is more work, or takes more memory and disk, than allowed.
    """
    volume = volume or VolumeParameters()
    _check(image, network, orthogonal)
    check_together(parameters, volume)
    parameters = replace(parameters, min_size=least_volume(parameters, volume.anisotropy))
    assert parameters.diameter is not None  # noqa: S101  check_together has refused the other case
    shape = (image.shape[0], image.shape[1], image.shape[2])
    scale = scale_for(network.diam_mean, parameters.diameter)
    scaled = scaled_volume(shape, scale, volume.anisotropy)
    if limits is not None:
        check_volume_work(shape, parameters, volume, network.diam_mean, limits)
    estimate = estimate_volume_memory(shape, parameters, volume, network.diam_mean, image.shape[3])
    workspace = choose_workspace(estimate, shape, memory or VolumeMemory())
    clock = Clock(report)
    with clock.stage("normalise"):
        stack = workspace.zeros((image.shape[3], *scaled), np.float32)
        plane_at = plane_normaliser(
            image,
            parameters.normalisation,
            volume.normalise_by == "stack",
            parameters.compat,
            ranges,
        )
        resize_stack(plane_at, shape[0], stack, clock.within("normalise"))
    kind = np.float16 if volume.half_precision else np.float32
    answer = workspace.zeros((4, *scaled), kind)
    styles = add_views(stack, network, orthogonal, parameters, answer, clock, workspace.block_bytes)
    del stack
    if parameters.resample:
        answer = _to_shape(answer, shape, workspace, clock)
    with clock.stage("smooth"):
        _smooth(answer, volume.flow_smoothing, workspace, clock.within("smooth"))
    labels, oversized = _labels(answer, parameters, steps_of(parameters, scale), workspace, clock)
    pulse = partial(clock.within("masks"), 0, 1)
    with clock.stage("masks"):
        if labels.shape != shape:
            small, labels = labels, workspace.zeros(shape, np.uint32)
            for planes in slabs(shape, pulse):
                resize_labels(small, labels, planes)
            del small
        cleaned = clean_volume(labels, parameters, pulse)
    answer = _to_shape(answer, shape, workspace, clock)
    together = styles["YX"].sum(axis=0)
    length = float(np.sqrt((together**2).sum()))
    return VolumeSegmentation(
        labels=cleaned.labels,
        flows=answer[:3],
        cellprob=answer[3],
        style=together / np.float32(length) if length > 0 else together,
        plane_styles=styles,
        diameter=float(parameters.diameter),
        median_diameter=diameter_of_volumes(cleaned.volumes, volume.anisotropy),
        volumes=cleaned.volumes,
        removed=_with_oversized(cleaned, oversized),
        in_files=workspace.scratch is not None,
        seconds=clock.seconds,
    )


def least_volume(parameters: CellposeParameters, anisotropy: float) -> int:
    """Give the least volume of an object in voxels."""
    least = parameters.least_size
    if parameters.min_size is not None or parameters.compat or parameters.diameter is None:
        return least
    ball = math.pi / 6.0 * parameters.diameter**3 / anisotropy
    most = parameters.max_size or 2**31
    return max(least, min(round(LEAST_SHARE_OF_BALL * ball), most))


def diameter_of_volumes(volumes: Ids, anisotropy: float) -> float:
    """Give the median diameter in pixels of balls with the volumes of some objects, 0 for none."""
    if not len(volumes):
        return 0.0
    return float(np.median(np.cbrt(volumes * anisotropy * (6 / math.pi))))


def _labels(
    answer: AnyArray,
    parameters: CellposeParameters,
    niter: int,
    workspace: Workspace,
    clock: Clock,
) -> tuple[AnyArray, int]:
    with clock.stage("dynamics"):
        order, ends = follow_flows(
            answer,
            parameters.cellprob_threshold,
            niter,
            parameters.compat == CELLPOSE3,
            clock.within("dynamics"),
            workspace,
            parameters.tolerance,
        )
    pulse = partial(clock.within("masks"), 0, 1)
    return build_masks(order, ends, parameters.max_size_fraction, workspace, pulse)


def _with_oversized(cleaned: CleanedVolume, oversized: int) -> dict[Removal, int]:
    removed = dict(cleaned.removed)
    if oversized:
        removed[Removal.LARGE] = removed.get(Removal.LARGE, 0) + oversized
    return removed


def _to_shape(answer: AnyArray, shape: Shape, workspace: Workspace, clock: Clock) -> AnyArray:
    if answer.shape[1:] == shape:
        return answer
    with clock.stage("resize"):
        resized = workspace.zeros((4, *shape), answer.dtype)
        resize_stack(
            lambda z: np.ascontiguousarray(answer[:, z], np.float32),
            answer.shape[1],
            resized,
            clock.within("resize"),
        )
    return resized


def _smooth(
    answer: AnyArray, sigma: float, workspace: Workspace, tell: Callable[[int, int], None]
) -> None:
    """Smooth the flows, in place (peer: ``scipy.ndimage.gaussian_filter`` over Z, Y and X).

    Axis by axis as there, but in slabs, so that it can be stopped between two of them.
    """
    if sigma <= 0:
        return
    shape = answer.shape[1:]
    # Along Z the slabs are cut across Y.
    across = list(slabs((shape[1], shape[0], shape[2]))), list(slabs(shape))
    total, done = 3 * (len(across[0]) + 2 * len(across[1])), 0
    for component in answer[:3]:
        whole = component
        if component.dtype != np.float32:
            whole = workspace.zeros(shape, np.float32)
            whole[:] = component
        for axis in range(3):
            for part in across[axis > 0]:
                slab = whole[:, part] if axis == 0 else whole[part]
                slab[:] = gaussian_filter1d(slab, sigma, axis)
                done += 1
                tell(done, total)
        if whole is not component:
            component[:] = whole


def _check(image: AnyArray, network: TileNetwork, orthogonal: TileNetwork | None) -> None:
    channels = network.channels_in
    if image.ndim != 4 or not 1 <= image.shape[3] <= channels or not image.size:
        raise ShapeMismatchError(
            f"The network takes a stack (Z, Y, X, C) of 1 to {channels} channels; the image has "
            f"the shape {image.shape}.",
            "Choose the channels, and say which axis is Z.",
        )
    if image.shape[0] < 2:
        raise ShapeMismatchError(
            "Segmenting in three dimensions needs at least 2 planes; this image has 1.",
            "Segment it as a plane, or give the stack that it comes from.",
        )
    if math.prod(image.shape[:3]) >= MAX_VOXELS:
        raise ImageTooLargeError(
            f"A stack may have {MAX_VOXELS} voxels; this one is {image.shape[0]} × "
            f"{image.shape[1]} × {image.shape[2]}.",
            "Segment it in parts.",
        )
    if orthogonal is not None and (
        orthogonal.channels_in != channels or orthogonal.diam_mean != network.diam_mean
    ):
        raise ShapeMismatchError(
            f"The network for ZX and ZY planes takes {orthogonal.channels_in} channels and a "
            f"diameter of {orthogonal.diam_mean:g} pixels, the one for YX planes {channels} and "
            f"{network.diam_mean:g}.",
            "Choose two networks that were trained alike.",
        )
