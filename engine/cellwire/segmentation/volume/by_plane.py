"""Every plane of a stack by itself, and objects that overlap from plane to plane made one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.parameters import Normalisation
from cellwire.segmentation.pipeline import segment_plane
from cellwire.segmentation.stages import Clock, of_part
from cellwire.segmentation.volume.cleaning import clean_volume
from cellwire.segmentation.volume.stack_arrays import PartAnswers, no_answers
from cellwire.segmentation.volume.stitching import stitch_planes

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import AnyArray, BoolArray, FloatArray
    from cellwire.segmentation.network_pass import TileNetwork
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.stages import PartProgress
    from cellwire.segmentation.volume.stack_arrays import StackArrays
    from cellwire.segmentation.work import WorkLimits


def segment_planes(
    image: AnyArray,
    parameters: CellposeParameters,
    network: TileNetwork,
    into: StackArrays,
    plane_at: Callable[[int, int], FloatArray] | None = None,
    mask: BoolArray | None = None,
    report: PartProgress | None = None,
    limits: WorkLimits | None = None,
) -> PartAnswers:
    """Segment each plane of a stack as `cellwire.segmentation.pipeline.segment_plane` does.

    Parameters
    ----------
    image
        (T, Z, Y, X, C), any real type; may be a view or a mapped file: it is read in planes.
    parameters
        As for a plane; the diameter must be given.
    network
        Answers batches of tiles.
    into
        Filled.
    plane_at
        Gives, for a frame and a plane, (Y, X, C) float32 that is normalised already; ``None`` =
        each plane is normalised by itself.
    mask
        (Y, X); no cell where it is False, in any plane.
    report
        Told how far the work is; a part is a plane. May raise to stop.
    limits
        Greatest amount of work of a plane.
    """
    frames, depth = image.shape[:2]
    answers = no_answers()
    own = parameters
    if plane_at is not None:
        own = replace(parameters, normalisation=Normalisation(enabled=False))
    for frame in range(frames):
        for plane in range(depth):
            tell = of_part(report, frame * depth + plane + 1, frames * depth)
            if plane_at is None:
                pixels = np.ascontiguousarray(image[frame, plane])
            else:
                pixels = plane_at(frame, plane)
            found = segment_plane(pixels, own, network, None, mask, tell, limits)
            into.labels[frame, plane] = found.labels
            if into.flows is not None and into.cellprob is not None:
                into.flows[:, frame, plane] = found.flows
                into.cellprob[frame, plane] = found.cellprob
            answers.add(
                found.style,
                found.diameter,
                found.median_diameter,
                found.count,
                dict(found.seconds),
            )
    return answers


def parameters_before_stitching(parameters: CellposeParameters) -> CellposeParameters:
    """Leave sizes and edges for later: they are those of whole objects, not of their sections."""
    return replace(parameters, min_size=0, max_size=None, exclude_on_edges=False)


def stitch_frames(
    labels: AnyArray,
    parameters: CellposeParameters,
    threshold: float,
    report: PartProgress | None = None,
) -> tuple[list[int], float]:
    """Stitch the planes of each frame and clean its objects, in place.

    As the peer does it (``models.py`` 3.1.1.3): holes and small objects are looked for when
    the planes are stitched, and their size is counted in voxels.

    Parameters
    ----------
    labels
        (T, Z, Y, X) uint32, numbered within each plane.
    parameters
        See `cellwire.segmentation.volume.cleaning.clean_volume`.
    threshold
        See `cellwire.segmentation.volume.stitching.stitch_planes`.
    report
        Told how far it is, in the stage ``stitching``; may raise to stop.

    Returns
    -------
    counts
        Objects of each frame.
    seconds
        Time that it took.
    """
    frames, depth = labels.shape[:2]
    counts = []

    def tell(done: int, total: int) -> None:
        if report is not None:
            report("stitching", done, total)

    clock = Clock(None)
    with clock.stage("stitching"):
        for frame in range(frames):

            def progress(done: int, _total: int, before: int = frame * depth) -> None:
                tell(before + done, frames * depth)

            own = labels[frame]
            stitch_planes(own, threshold, parameters.compat, progress, own)
            pulse = partial(progress, depth, depth)
            counts.append(len(clean_volume(own, parameters, pulse).volumes))
    return counts, clock.seconds["stitching"]
