"""Random views of a training image: the geometry of the paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from cellwire.segmentation.targets import labels_to_flows

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, BoolArray, FloatArray


MOST_STRETCHED = 2.0


@dataclass(frozen=True, slots=True)
class View:
    """One way of looking at an image.

    Attributes
    ----------
    flip
        Mirror left and right.
    angle
        Rotation in radians.
    scale
        Size in the view of one pixel of the image.
    shift
        (y, x) of the view's centre from the image's centre, in pixels of the view.
    stretch
        Ratio of the sides that a square of the image has in the view; its area is kept.
    stretched_along
        Direction in the image that is made longer, in radians.
    """

    flip: bool
    angle: float
    scale: float
    shift: tuple[float, float]
    stretch: float = 1.0
    stretched_along: float = 0.0


class Seen(NamedTuple):
    """What a view shows.

    Attributes
    ----------
    image
        (C, crop, crop) float32.
    targets
        (3, crop, crop) float32: 1 in cells else 0, dY and dX.
    weights
        (1, crop, crop) float32, 1 where the labels are known else 0; ``None`` = known everywhere.
    labels
        (crop, crop) int32, the cells by number, 0 = background.
    """

    image: FloatArray
    targets: FloatArray
    weights: FloatArray | None
    labels: AnyArray


def draw_view(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    crop: int,
    scale: float,
    scale_range: float = 0.5,
    stretched: float = 0.0,
) -> View:
    """Draw a view as the paper does (peer: ``transforms.random_rotate_and_resize``).

    Parameters
    ----------
    rng
        Source of chance.
    shape
        Height and width of the image.
    crop
        Side of the view in pixels.
    scale
        Mean diameter of the model divided by the diameter of the image's cells.
    scale_range
        Width of the uniform range around 1 that the scale is multiplied by.
    stretched
        Probability that the view is stretched too, which the paper does not do: round cells become
        long ones, as in muscle.
    """
    scale *= 1.0 - scale_range / 2.0 + scale_range * rng.random()
    room = [max(0.0, side * scale - crop) for side in shape[:2]]
    y, x = (float((rng.random() - 0.5) * each) for each in room)
    flip, angle = bool(rng.random() < 0.5), float(rng.random() * 2.0 * math.pi)
    if not stretched or rng.random() >= stretched:
        return View(flip, angle, scale, (y, x))
    return View(
        flip,
        angle,
        scale,
        (y, x),
        stretch=float(rng.uniform(1.2, MOST_STRETCHED)),
        stretched_along=float(rng.random() * math.pi),
    )


def warp_matrix(view: View, shape: tuple[int, ...], crop: int) -> FloatArray:
    """Give the (2, 3) matrix from (x, y) of the image to (x, y) of the view."""
    height, width = shape[:2]
    sign = -1.0 if view.flip else 1.0
    cosine, sine = view.scale * math.cos(view.angle), view.scale * math.sin(view.angle)
    linear = np.array([[cosine * sign, -sine], [sine * sign, cosine]]) @ _stretching(view)
    centre = np.array([(width - 1) / 2.0, (height - 1) / 2.0])
    turned = linear / view.scale @ np.array([view.shift[1], view.shift[0]])
    offset = (crop - 1) / 2.0 - linear @ centre - turned
    return np.concatenate([linear, offset[:, None]], axis=1).astype(np.float32)


def warp(
    view: View,
    image: AnyArray,
    labels: AnyArray,
    flows: AnyArray,
    crop: int,
    area: BoolArray | None = None,
) -> Seen:
    """Give a view of an image and of its targets.

    Parameters
    ----------
    view
        The view.
    image, labels, flows, area
        (Y, X, C), (Y, X), (2, Y, X) and (Y, X); see
        `cellwire.training.training_images.TrainingImage`.
    crop
        Side of the view in pixels. What lies outside of the image is 0.
    """
    matrix = warp_matrix(view, labels.shape, crop)
    rows, columns = seen_window(matrix, labels.shape, crop)
    matrix[:, 2] += matrix[:, :2] @ np.array([columns.start, rows.start], np.float32)
    size = (crop, crop)

    def turned(plane: AnyArray, flags: int) -> FloatArray:
        window = np.ascontiguousarray(plane[rows, columns], np.float32)
        if not window.any():
            return np.zeros(size, np.float32)
        return np.asarray(cv2.warpAffine(window, matrix, size, flags=flags))

    channels = range(image.shape[2])
    seen = np.stack([turned(image[..., c], cv2.INTER_LINEAR) for c in channels])
    cells = turned(labels, cv2.INTER_NEAREST).astype(np.int32)
    inside = (cells > 0).astype(np.float32)
    dy, dx = (turned(flow, cv2.INTER_LINEAR) for flow in flows)
    targets = np.stack([inside, *_turned_flows(view, matrix, dy, dx)])
    if view.stretch != 1.0:
        # Heat spreads otherwise in a stretched cell; where the view cuts one, there is no better.
        whole = np.isin(cells, list(border_cells(cells)), invert=True)
        targets[1:, whole] = labels_to_flows(np.where(whole, cells, 0))[:, whole]
    weights = None if area is None else turned(area, cv2.INTER_NEAREST)[None]
    return Seen(seen, targets, weights, cells)


def _stretching(view: View) -> FloatArray:
    longer = math.sqrt(view.stretch)
    along = np.array([math.cos(view.stretched_along), math.sin(view.stretched_along)])
    stretching = np.eye(2) / longer + (longer - 1.0 / longer) * np.outer(along, along)
    return stretching.astype(np.float32)


def _turned_flows(
    view: View, matrix: FloatArray, dy: FloatArray, dx: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give dY and dX as the view shows them; their lengths stay."""
    if view.stretch == 1.0:
        (xx, xy), (yx, yy) = matrix[:, :2] / view.scale
        return yx * dx + yy * dy, xx * dx + xy * dy
    # Flows are gradients of what diffuses in a cell: they stay at right angles to its levels.
    (xx, xy), (yx, yy) = np.linalg.inv(matrix[:, :2]).T
    new_y, new_x = yx * dx + yy * dy, xx * dx + xy * dy
    length = np.hypot(dy, dx) / np.maximum(np.hypot(new_y, new_x), 1e-12)
    return new_y * length, new_x * length


def border_cells(labels: AnyArray) -> set[int]:
    """Give the numbers of the cells at the border of a plane (Y, X)."""
    edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    return set(np.unique(np.concatenate(edges)).tolist()) - {0}


def seen_window(matrix: FloatArray, shape: tuple[int, ...], crop: int) -> tuple[slice, slice]:
    """Give the rows and columns of the image that a view of it shows."""
    last = crop - 1
    corners = np.array([[0, 0], [0, last], [last, 0], [last, last]], np.float64)
    inverse = np.linalg.inv(matrix[:, :2].astype(np.float64))
    places = (corners - matrix[:, 2]) @ inverse.T
    slices = []
    for axis, length in ((1, shape[0]), (0, shape[1])):
        first = math.floor(places[:, axis].min()) - 2
        end = math.ceil(places[:, axis].max()) + 3
        first = min(max(first, 0), length - 1)
        slices.append(slice(first, max(min(end, length), first + 1)))
    return slices[0], slices[1]
