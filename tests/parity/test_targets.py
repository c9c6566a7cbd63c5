"""Flows of labels against Cellpose's CPU function, and diameters against its own."""

from __future__ import annotations

import numpy as np
import pytest
from cellpose.dynamics import masks_to_flows_cpu
from cellpose.utils import diameters as peer_diameters
from scipy import ndimage

from cellwire.segmentation.targets import labels_to_flows, median_diameter


def random_labels(seed: int) -> np.ndarray:
    """Cells of all sizes that tile the plane, so that they touch; some removed, ids with gaps."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(20, 90, 2))
    seeds = np.zeros(shape, np.int32)
    count = int(rng.integers(3, 30))
    seeds.flat[rng.choice(seeds.size, count, replace=False)] = np.arange(1, count + 1)
    nearest = ndimage.distance_transform_edt(
        seeds == 0, return_distances=False, return_indices=True
    )
    labels = seeds[tuple(nearest)] * 3
    labels[np.isin(labels, 3 * rng.integers(1, count + 1, count // 3))] = 0
    labels[rng.random(shape) < 0.03] = 0
    labels[0, 0], labels[-1, -1] = 1000, 1001
    return labels


@pytest.mark.parametrize("seed", range(40))
def test_flows_are_the_peers(seed: int) -> None:
    labels = random_labels(seed)
    theirs, _ = masks_to_flows_cpu(labels)
    ours = labels_to_flows(labels)
    assert np.abs(ours - theirs).max() <= 1e-6
    assert np.abs(ours)[:, labels == 0].max(initial=0) == 0


@pytest.mark.parametrize("seed", range(5))
def test_median_diameter_is_the_peers(seed: int) -> None:
    labels = random_labels(seed)
    assert median_diameter(labels) == pytest.approx(peer_diameters(labels)[0], rel=1e-12)
