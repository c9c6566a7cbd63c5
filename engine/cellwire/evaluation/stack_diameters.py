"""What the diameter of the objects of a labelled stack is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire.segmentation.targets import diameters

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray


def section_diameter(labels: AnyArray) -> float:
    """Give the median over all planes and objects of the diameter of a circle of their area.

    That is what the network sees, in planes and in volumes alike. Sections that the border of the
    plane cuts do not count, unless it cuts all: small stacks hold more of those than of others.

    Parameters
    ----------
    labels
        (Z, Y, X), 0 = background.

    Returns
    -------
    float
        In pixels; 0 if there is no object.
    """
    whole = np.concatenate([diameters(_without_cut(plane)) for plane in labels])
    each = whole if len(whole) else np.concatenate([diameters(plane) for plane in labels])
    return float(np.median(each)) if len(each) else 0.0


def _without_cut(plane: AnyArray) -> AnyArray:
    border = np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])
    return np.where(np.isin(plane, border), 0, plane)
