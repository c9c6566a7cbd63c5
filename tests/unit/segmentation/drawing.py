"""Answers of a network for drawn cells, made without the peer."""

from __future__ import annotations

import numpy as np

from cellwire.segmentation.targets import labels_to_flows


def discs(
    shape: tuple[int, int], centres: list[tuple[float, float, float]], holes: float = 0.0
) -> np.ndarray:
    """Labels of discs (row, column, radius), later ones on top, with a hole of a share."""
    labels = np.zeros(shape, np.int32)
    y, x = np.mgrid[: shape[0], : shape[1]]
    for label, (row, column, radius) in enumerate(centres, 1):
        distance = np.hypot(y - row, x - column)
        labels[(distance <= radius) & (distance >= holes * radius)] = label
    return labels


def answer_of(labels: np.ndarray) -> np.ndarray:
    """(3, Y, X): five times the unit flows of the labels, and +4 or -4 as cell probability."""
    cellprob = np.where(labels > 0, 4, -4)
    return np.concatenate([5 * labels_to_flows(labels), cellprob[None]]).astype(np.float32)


class DrawnNetwork:
    """A network that finds the drawn cells in an image of one tile."""

    channels_in = 2
    diam_mean = 30.0

    def __init__(self, labels: np.ndarray) -> None:
        self.answer = answer_of(labels)
        self.batches: list[int] = []

    def __call__(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.batches.append(len(tiles))
        height, width = tiles.shape[2:]
        answers = np.full((len(tiles), 3, height, width), -4, np.float32)
        rows, columns = self.answer.shape[1:]
        top, left = (height - rows) // 2, (width - columns) // 2
        answers[:, :, top : top + rows, left : left + columns] = self.answer
        return answers, np.full((len(tiles), 256), 0.5, np.float32)
