"""The size model: a first diameter from the style, refined by the cells found at that size."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from cellwire.segmentation.parameters import CellposeParameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from cellwire.segmentation.arrays import AnyArray, FloatArray

LEAST_DIAMETER = 5.0

AGREEMENT = 4 / 3
"""Cells that differ by more than this factor from the size that they were looked for at were shown
to the network larger or smaller than it knows them, and are looked for once more. Only once: where
that was not right, as with the few large cells of a detail, sizes would drift on."""


class SizeRegression(Protocol):
    """The regression of a size model."""

    @property
    def A(self) -> AnyArray:  # noqa: N802
        """Coefficients (256,)."""

    @property
    def smean(self) -> AnyArray:
        """Mean style (256,)."""

    @property
    def diam_mean(self) -> float:
        """Mean diameter in pixels."""

    @property
    def ymean(self) -> float:
        """Offset of the logarithm of the diameter."""


def diameter_of_style(style: FloatArray, size: SizeRegression) -> float:
    """Predict the diameter in pixels from the style of the image at its own size.

    ``exp(A · (style - smean) + log(diam_mean) + ymean)``, at least 5; the mean diameter where that
    is no number (Stringer et al. 2021, Methods; peer: ``SizeModel._size_estimation`` 3.1.1.3).
    """
    exponent = np.asarray(size.A) @ (style - np.asarray(size.smean)).T
    value = np.maximum(LEAST_DIAMETER, np.exp(exponent + np.log(size.diam_mean) + size.ymean))
    estimate = float(np.squeeze(value))
    return estimate if math.isfinite(estimate) and estimate > 0 else float(size.diam_mean)


def diameter_of_areas(areas: npt.NDArray[np.int64]) -> float:
    """Give the median diameter of circles with the areas of some cells, 0 for none."""
    return float(np.median(np.sqrt(areas))) / (math.sqrt(math.pi) / 2) if len(areas) else 0.0


def parameters_for_sizing(parameters: CellposeParameters, diameter: float) -> CellposeParameters:
    """Give the parameters with which cells are looked for to measure them.

    Only what concerns the intensities is kept from the user's; thresholds are the defaults, and
    the dynamics run at the network's size, to the nearest pixel (peer: ``SizeModel.eval``).
    """
    return replace(
        CellposeParameters(),
        diameter=min(max(diameter, 1.0), 10_000.0),
        resample=False,
        normalisation=parameters.normalisation,
        batch_size=parameters.batch_size,
        compat=parameters.compat,
    )


def refined_diameter(
    style: FloatArray,
    size: SizeRegression,
    areas_at: Callable[[float], npt.NDArray[np.int64]],
    *,
    again: bool = True,
) -> float:
    """Estimate the diameter of the cells in pixels, 0 if none are found.

    Cells are looked for at the diameter that the style tells, and measured; where they differ from
    it by more than `AGREEMENT`, they are looked for again at what was measured. (Peer:
    ``SizeModel.eval``, which measures once, however far off the first estimate was.)

    Parameters
    ----------
    style
        (256,) of the image at its own size.
    size
        The regression.
    areas_at
        Segments the image for a diameter and gives the areas of its cells.
    again
        False = they are looked for once, as the peer does.
    """
    assumed = diameter_of_style(style, size)
    measured = diameter_of_areas(areas_at(assumed))
    if not again or not measured or 1 / AGREEMENT <= measured / assumed <= AGREEMENT:
        return measured
    return diameter_of_areas(areas_at(measured)) or measured
