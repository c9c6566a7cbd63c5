"""Compile, or load from the cache, every kernel for stacks before the first stack comes."""

from __future__ import annotations

import numpy as np

from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.volume.cleaning import clean_volume
from cellwire.segmentation.volume.dynamics import follow_flows
from cellwire.segmentation.volume.masks import build_masks


def warm_up() -> None:
    """Run all kernels on a small stack with one object, which has a hole."""
    side = 12
    answer = np.empty((4, side, side, side), np.float32)
    places = np.indices((side, side, side)) - np.float32(side / 2)
    answer[:3] = -places
    distance = np.sqrt((places**2).sum(axis=0))
    answer[3] = np.where((distance < 5) & (distance > 1), 1, -1)
    for shifted in (False, True):
        order, ends = follow_flows(answer, 0.0, 20, shifted)
        labels, _ = build_masks(order, ends)
        clean_volume(labels, CellposeParameters(diameter=10.0))
