"""How near predicted diameters are to the true ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray

NEAR = 0.2
"""Relative error up to which a diameter counts as right."""


def size_errors(true: AnyArray, predicted: AnyArray) -> dict[str, float | int] | None:
    """Compare predicted diameters with the true ones, image by image.

    Parameters
    ----------
    true, predicted
        (n,) diameters in pixels; NaN where there is none.

    Returns
    -------
    dict or None
        ``images`` that have both, ``median_error`` and ``p90_error`` (relative to the true
        diameter), ``within_20_percent`` (share of the images) and ``median_ratio`` (predicted over
        true: above 1 = too large). None if no image has both.
    """
    both = (true > 0) & (predicted > 0)
    if not both.any():
        return None
    ratios = predicted[both] / true[both]
    errors = np.abs(ratios - 1.0)
    return {
        "images": int(both.sum()),
        "median_error": float(np.median(errors)),
        "p90_error": float(np.percentile(errors, 90)),
        "within_20_percent": float((errors <= NEAR).mean()),
        "median_ratio": float(np.median(ratios)),
    }
