"""Cells on little of a stack become bright, whatever planes share a range."""

from __future__ import annotations

import numpy as np
import pytest

from cellwire.segmentation.normalise import MOST
from cellwire.segmentation.parameters import CELLPOSE3, Normalisation
from cellwire.segmentation.volume.intensities import channel_ranges
from cellwire.segmentation.volume.shared_ranges import StackIntensities
from cellwire.segmentation.volume.sizing import planes_with_signal

SHAPE = (2, 16, 120, 130)
"""Frames, planes, rows, columns."""
WITH_CELLS = {(frame, plane) for frame in range(2) for plane in range(5, 9)}


def stack() -> tuple[np.ndarray, np.ndarray]:
    """(T, Z, Y, X, 1) noise with bright cells in a few planes, and where they are."""
    rng = np.random.default_rng(5)
    image = rng.normal(200, 20, SHAPE).astype(np.float32)
    inside = np.zeros(SHAPE, bool)
    for frame, plane in WITH_CELLS:
        inside[frame, plane, 50:60, 60:72] = True
    image[inside] += 20 * (np.percentile(image, 99) - np.percentile(image, 1))
    return image[..., None], inside


@pytest.mark.parametrize("shared", ["plane", "frame", "whole"])
def test_a_few_nuclei_stay_in_the_range(shared: str) -> None:
    image, inside = stack()
    values = {}
    for compat in (None, CELLPOSE3):
        given = StackIntensities(image, Normalisation(), compat, shared)
        cells = [given.plane(*place, 1)[..., 0][inside[place]] for place in sorted(WITH_CELLS)]
        values[compat] = float(np.mean(cells))
    assert values[CELLPOSE3] > 15
    assert 0.9 * MOST < values[None] < 1.1 * MOST


def test_ordinary_planes_and_fixed_ranges_are_as_in_compat() -> None:
    image, _ = stack()
    even = image[:, :5]
    for choice in (Normalisation(), Normalisation(invert=True)):
        assert channel_ranges(even, choice, None) == channel_ranges(even, choice, CELLPOSE3)
    fixed = Normalisation(fixed_range=(100.0, 300.0))
    assert channel_ranges(image, fixed, None) == (fixed,)


def test_planes_with_a_few_nuclei_are_those_with_signal() -> None:
    image, _ = stack()
    assert set(planes_with_signal(image, Normalisation())) <= WITH_CELLS
    assert set(planes_with_signal(-image, Normalisation(invert=True))) <= WITH_CELLS
