"""Stacks with labels that are known."""

from __future__ import annotations

import numpy as np

from cellwire.segmentation.volume.stack import StackSegmentation


def balls(shape: tuple[int, ...], radius: float, *centres: tuple[float, ...]) -> np.ndarray:
    """Labels (Z, Y, X) of balls of one radius in voxels."""
    labels = np.zeros(shape, np.uint32)
    grid = np.indices(shape, float)
    for number, centre in enumerate(centres, 1):
        away = sum((axis - at) ** 2 for axis, at in zip(grid, centre, strict=True))
        labels[away <= radius**2] = number
    return labels


def stack_of(
    labels: np.ndarray, axes: str, restarts: str = "", anisotropy: float = 1.0
) -> StackSegmentation:
    """A segmentation with these labels and flows that can be told apart."""
    solid = "Z" in axes and restarts == ""
    rng = np.random.default_rng(0)
    parts = int(np.prod(labels.shape[:-2]))
    return StackSegmentation(
        axes=axes,
        restarts=restarts,
        labels=labels.astype(np.uint32),
        flows=rng.normal(size=(3 if solid else 2, *labels.shape)).astype(np.float32),
        cellprob=rng.normal(size=labels.shape).astype(np.float32),
        styles=rng.normal(size=(parts, 256)).astype(np.float32),
        diameters=(9.0,) * parts,
        median_diameters=(8.0,) * parts,
        count=int(labels.max(initial=0)),
        anisotropy=anisotropy,
    )
