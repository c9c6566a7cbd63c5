"""Made-up fields of cells, and the flows a network could give for them."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter


def draw_cells(
    rng: np.random.Generator,
    shape: tuple[int, int],
    spacing: float,
    radius: tuple[float, float],
    holes: bool = False,
) -> np.ndarray:
    """Labels of ellipses on a jittered grid, cut by the border, touching where they are dense."""
    labels = np.zeros(shape, np.int32)
    y, x = np.mgrid[: shape[0], : shape[1]]
    label = 0
    for row in np.arange(0, shape[0] + spacing, spacing):
        for column in np.arange(0, shape[1] + spacing, spacing):
            centre = rng.normal((row, column), spacing / 8)
            size, stretch = rng.uniform(*radius), rng.uniform(0.7, 1.4)
            inside = (y - centre[0]) ** 2 * stretch + (x - centre[1]) ** 2 / stretch < size**2
            if holes and rng.random() < 0.4:
                gap = centre + rng.normal(0, size / 4, 2)
                inside &= np.hypot(y - gap[0], x - gap[1]) > rng.uniform(1, size / 3)
            inside &= labels == 0
            if inside.sum() > 3:
                label += 1
                labels[inside] = label
    return labels


def answer_for(
    rng: np.random.Generator, labels: np.ndarray, noise: float, smooth: float = 2.0
) -> np.ndarray:
    """(3, Y, X) flows and cell probability for labels, with smooth noise on both."""
    from cellpose.dynamics import masks_to_flows

    flows = 5 * masks_to_flows(labels)
    field = gaussian_filter(rng.normal(size=(3, *labels.shape)), (0, smooth, smooth))
    field *= noise / max(1e-9, field.std())
    cellprob = np.where(labels > 0, 3.0, -3.0) + field[2]
    return np.concatenate([flows + field[:2], cellprob[None]]).astype(np.float32)
