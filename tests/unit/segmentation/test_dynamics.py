"""The fast dynamics against plain steps, and what an early exit may change."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from cellwire.evaluation.matching import average_precision
from cellwire.segmentation.dynamics import follow_flows
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.postprocess import masks_from_flows

from .drawing import answer_of, discs  # noqa: TID252


def plain_ends(flows: np.ndarray, cells: np.ndarray, niter: int) -> np.ndarray:
    """Every step of every pixel, with the precision of each term as documented."""
    height, width = cells.shape
    planes = np.zeros((2, height + 1, width + 1), np.float32)
    planes[:, :-1, :-1] = np.where(cells, flows / np.float32(5), 0)
    y, x = (place.astype(np.float32) for place in np.nonzero(cells))
    limits = np.float32(height - 1), np.float32(width - 1)
    for _ in range(niter):
        row, column = y.astype(np.int64), x.astype(np.int64)
        part_y, part_x = y - row.astype(np.float32), x - column.astype(np.float32)
        above, before = 1.0 - part_y.astype(np.float64), 1.0 - part_x.astype(np.float64)
        step = [
            (
                plane[row, column] * above * before
                + plane[row, column + 1] * above * part_x.astype(np.float64)
                + (plane[row + 1, column] * part_y).astype(np.float64) * before
                + (plane[row + 1, column + 1] * part_y * part_x).astype(np.float64)
            ).astype(np.float32)
            for plane in planes
        ]
        y = np.clip(y + step[0], np.float32(0), limits[0])
        x = np.clip(x + step[1], np.float32(0), limits[1])
    return y.astype(np.int64) * width + x.astype(np.int64)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    niter=st.sampled_from([1, 8, 61, 200]),
    strength=st.sampled_from([0.5, 5.0, 40.0]),
    rough=st.sampled_from([0.5, 3.0]),
)
def test_without_tolerance_nothing_differs_from_plain_steps(
    seed: int, niter: int, strength: float, rough: float
) -> None:
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 90, 2))
    flows = gaussian_filter(rng.normal(size=(2, *shape)), (0, rough, rough))
    flows = (flows / max(1e-9, flows.std()) * strength).astype(np.float32)
    cells = rng.random(shape) < 0.7
    pixels, ends = follow_flows(flows, cells, niter, tolerance=0.0)
    np.testing.assert_array_equal(pixels, np.flatnonzero(cells))
    np.testing.assert_array_equal(ends, plain_ends(flows, cells, niter))


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), spacing=st.sampled_from([26, 34]))
def test_an_early_exit_leaves_the_cells_as_they_are(seed: int, spacing: int) -> None:
    """Noise as in `tests/bench`: independent from pixel to pixel, a tenth of the flows."""
    rng = np.random.default_rng(seed)
    middles = np.arange(spacing // 2, 200, spacing)
    centres = [
        (y + rng.integers(-3, 4), x + rng.integers(-3, 4), rng.uniform(7, 12))
        for y in middles
        for x in middles
    ]
    answer = answer_of(discs((200, 200), centres))
    answer[:2] += rng.normal(0, 0.5, answer[:2].shape).astype(np.float32)
    exact, early = (
        masks_from_flows(answer, CellposeParameters(diameter=20, tolerance=each), 200).labels
        for each in (0.0, 1e-3)
    )
    assert exact.max() >= 25
    assert (exact == early).mean() >= 0.9999
    assert average_precision([exact], [early], [0.9]).ap[0, 0] == 1.0
