"""The whole way of a plane: normalise, size, network, dynamics, masks, filters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cellwire.errors import ImageTooLargeError, ShapeMismatchError, SizeModelMissingError
from cellwire.segmentation.network_pass import TileNetwork, run_network
from cellwire.segmentation.normalise import normalise
from cellwire.segmentation.postprocess import masks_from_flows
from cellwire.segmentation.resize import resize_answer, scale_for
from cellwire.segmentation.result import Segmentation
from cellwire.segmentation.size import SizeRegression, diameter_of_areas
from cellwire.segmentation.sizing import find_diameter
from cellwire.segmentation.stages import Clock, Progress
from cellwire.segmentation.work import check_work, steps_of

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, BoolArray
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.work import WorkLimits

__all__ = ["Progress", "TileNetwork", "segment_plane"]

MAX_PIXELS = 2**32
"""Positions are counted in 32 bits."""


def segment_plane(
    image: AnyArray,
    parameters: CellposeParameters,
    network: TileNetwork,
    size: SizeRegression | None = None,
    mask: BoolArray | None = None,
    report: Progress | None = None,
    limits: WorkLimits | None = None,
) -> Segmentation:
    """Segment one plane.

    Parameters
    ----------
    image
        (Y, X, C), any real type; the channel to segment first, C at most the network's channels.
    parameters
        Everything that decides the labels.
    network
        Answers batches of tiles.
    size
        The size model, needed for an automatic diameter.
    mask
        (Y, X); where it is False there is no cell, and the pixel does not enter the percentiles.
    report
        Told between batches and stages how far the work is; may raise to stop.
    limits
        Greatest amount of work; ``None`` = any. It is checked first, and again when the size model
        has found a diameter.

    Raises
    ------
    ShapeMismatchError
        If image, network and mask do not fit.
    SizeModelMissingError
        If the diameter is automatic and there is no size model.
    ImageTooLargeError
        If it is more work than allowed.
    """
    _check(image, parameters, network, size, mask)
    shape = (image.shape[0], image.shape[1])
    if limits is not None:
        check_work(shape, parameters, network.diam_mean, limits)
    clock = Clock(report)
    with clock.stage("normalise"):
        planes = normalise(
            image, parameters.normalisation, network.channels_in, mask, parameters.compat
        )
    diameter = parameters.diameter
    if diameter is None and size is not None:
        with clock.stage("size"):
            found = find_diameter(
                planes, parameters, network, size, mask, clock.within("size"), limits
            )
            diameter = np.float64(found or size.diam_mean)
        if limits is not None:
            sized = replace(parameters, diameter=diameter)
            check_work(shape, sized, network.diam_mean, limits)
    assert diameter is not None  # noqa: S101  _check has refused the other case
    scale = scale_for(network.diam_mean, diameter)
    with clock.stage("network"):
        answer, style = run_network(planes, scale, network, parameters, clock.within("network"))
    del planes
    with clock.stage("masks"):
        cleaned = masks_from_flows(
            answer, parameters, steps_of(parameters, scale), shape, mask, report=clock.within
        )
    answer = resize_answer(answer, shape)
    return Segmentation(
        labels=cleaned.labels,
        unedited_labels=cleaned.unedited_labels,
        removed=cleaned.removed,
        flows=answer[:2],
        cellprob=answer[2],
        style=style,
        diameter=float(diameter),
        median_diameter=diameter_of_areas(cleaned.areas),
        seconds=clock.seconds,
    )


def _check(
    image: AnyArray,
    parameters: CellposeParameters,
    network: TileNetwork,
    size: SizeRegression | None,
    mask: BoolArray | None,
) -> None:
    if image.ndim != 3 or not 1 <= image.shape[2] <= network.channels_in or not image.size:
        raise ShapeMismatchError(
            f"The network takes a plane (Y, X, C) of 1 to {network.channels_in} channels; the "
            f"image has the shape {image.shape}.",
            "Choose the channels.",
        )
    if mask is not None and mask.shape != image.shape[:2]:
        raise ShapeMismatchError(
            f"The mask has {mask.shape} pixels and the image {image.shape[:2]}.",
            "Give a mask of the image's height and width.",
        )
    if image.shape[0] * image.shape[1] >= MAX_PIXELS:
        raise ImageTooLargeError(
            f"A plane may have 2^32 pixels; this one is {image.shape[0]} × {image.shape[1]}.",
            "Segment it in parts.",
        )
    if parameters.diameter is None and size is None:
        raise SizeModelMissingError(
            "This model has no size model, which an automatic diameter needs.",
            "Give the diameter of the cells in pixels.",
        )
