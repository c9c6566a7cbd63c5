"""A stack with a mask: its surroundings are segmented, and objects end at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cellwire_cellprofiler import volume_masks
from cellwire_cellprofiler.request import Deadline, Found, Wish, segment

if TYPE_CHECKING:
    from cellwire_cellprofiler.connection import EnginePlace


def segment_masked_stack(
    place: EnginePlace, wish: Wish, anisotropy: float, deadline: Deadline, priority: str
) -> Found:
    """Have the engine segment what is in the mask of a stack.

    Parameters
    ----------
    place, deadline, priority
        See `cellwire_cellprofiler.request.segment`.
    wish
        What is to be done; its mask (Z, Y, X) is kept here.
    anisotropy
        Distance of two planes over the side of a pixel.

    Returns
    -------
    Found
        In the shape of the whole stack.
    """
    mask = wish.mask
    box = volume_masks.surroundings(mask, anisotropy)
    part = wish._replace(
        pixels=wish.pixels[box],
        nucleus=None if wish.nucleus is None else wish.nucleus[box],
        mask=None,
    )
    found = segment(place, part, deadline, priority)
    labels = volume_masks.put_back(found.unedited, box, mask.shape)
    probability, flows = found.probability, found.flows
    if probability is not None:
        probability = volume_masks.put_back(probability, box, mask.shape, -np.inf)
    if flows is not None:
        flows = volume_masks.put_back(flows, box, mask.shape)
    least = int(wish.parameters.get("min_size", 0))
    drop = bool(wish.parameters["exclude_on_edges"])
    return found._replace(
        unedited=volume_masks.confine(labels, mask, least, drop),
        probability=probability,
        flows=flows,
    )
