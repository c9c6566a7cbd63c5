from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import elliprg

from cellwire.segmentation.volume.surfaces import surface_areas

SPACINGS = st.tuples(*[st.floats(0.1, 5)] * 3)
LABELS = arrays(np.uint32, st.tuples(*[st.integers(1, 5)] * 3), elements=st.integers(0, 2))


def ellipsoid(radii: np.ndarray, spacing: np.ndarray, offset: np.ndarray) -> np.ndarray:
    shape = (2 * np.ceil(radii / spacing) + 5).astype(int)
    places = [
        (np.arange(n) - n / 2 + shift) * step
        for n, step, shift in zip(shape, spacing, offset, strict=True)
    ]
    grid = np.meshgrid(*places, indexing="ij")
    return (sum((x / r) ** 2 for x, r in zip(grid, radii, strict=True)) <= 1).astype(np.uint32)


def true_area(radii: np.ndarray) -> float:
    """Carlson's form of an ellipsoid's surface."""
    a, b, c = radii**2
    return float(4 * np.pi * elliprg(a * b, a * c, b * c))


@pytest.mark.parametrize("spacing", [(1, 1, 1), (2, 1, 1), (5, 1, 1), (0.5, 0.25, 0.3)])
@pytest.mark.parametrize(("shape", "within"), [((1, 1, 1), 0.025), ((1, 1.5, 0.7), 0.05),
                                               ((2, 1, 1), 0.05), ((1, 2, 2), 0.05)])  # fmt: skip
def test_balls_and_ellipsoids(
    spacing: tuple[float, ...], shape: tuple[float, ...], within: float
) -> None:
    rng = np.random.default_rng(0)
    steps = np.array(spacing, float)
    for radius in (4, 6, 10):
        # The shortest half axis is this many of the longest side of a voxel.
        radii = np.array(shape) / min(shape) * radius * steps.max()
        found = surface_areas(ellipsoid(radii, steps, rng.random(3)), tuple(steps))[1]
        assert found == pytest.approx(true_area(radii), rel=within)


@settings(max_examples=60, deadline=None)
@given(LABELS, SPACINGS, st.permutations([0, 1, 2]), st.floats(0.1, 10))
def test_turned_mirrored_and_scaled_objects(
    labels: np.ndarray, spacing: tuple[float, ...], turn: list[int], factor: float
) -> None:
    plain = surface_areas(labels, spacing)
    turned = np.ascontiguousarray(labels.transpose(turn)[::-1])
    new = tuple(spacing[axis] for axis in turn)
    np.testing.assert_allclose(surface_areas(turned, new), plain, rtol=1e-6)
    larger = tuple(step * factor for step in spacing)
    np.testing.assert_allclose(surface_areas(labels, larger), plain * factor**2, rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(LABELS)
def test_an_object_has_its_surface_whatever_is_beside_it(labels: np.ndarray) -> None:
    together = surface_areas(labels, (2.0, 1.0, 1.0), 2)
    for label in (1, 2):
        alone = np.pad(np.where(labels == label, labels, 0), 2).astype(np.uint32)
        apart = surface_areas(alone, (2.0, 1.0, 1.0), 2)
        assert together[label] == apart[label]
        assert (apart[label] > 0) == (labels == label).any()
