"""Outlines of cells with processes: bodies with arms that taper and branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.training.simulation.layouts import scatter
from cellwire.training.simulation.shapes import ANGLES, oval, settle, wavy
from cellwire.training.simulation.textures import noise

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.training.simulation.scene import Labels, Rng

SUB = 4
"""Binary digits of the fractions of a pixel with which lines are drawn."""

MOST_CELLS = 120
MOST_ARMS = 40


@dataclass(frozen=True, slots=True)
class Habit:
    """How the cells of one image grow their processes.

    Attributes
    ----------
    arms
        Least and greatest number of processes.
    length
        In radii of the cell body.
    width
        At the root, in radii of the cell body.
    branching
        Chance of a branch per step.
    wander
        Change of direction per step in radians.
    body
        Radius of the body in diameters of the cell.
    web
        How far the membrane fills the angles between body and arms, in radii of the body.
    """

    arms: tuple[int, int]
    length: tuple[float, float]
    width: tuple[float, float]
    branching: float
    wander: float
    body: float
    web: float


HABITS = {
    "microglia": Habit((3, 7), (0.8, 2.8), (0.25, 0.6), 0.14, 0.35, 0.26, 0.3),
    "neuron": Habit((2, 5), (2.0, 6.0), (0.25, 0.5), 0.04, 0.1, 0.22, 0.25),
    "bipolar": Habit((2, 3), (1.5, 4.0), (0.4, 0.7), 0.02, 0.1, 0.26, 0.35),
    "macrophage": Habit((2, 6), (0.3, 1.4), (0.5, 1.0), 0.08, 0.4, 0.34, 0.4),
    "star": Habit((5, 9), (1.0, 2.4), (0.2, 0.4), 0.06, 0.15, 0.24, 0.3),
}


def branched(
    rng: Rng, side: int, diameter: float, name: str, crowd: float
) -> tuple[Labels, FloatArray, float]:
    """Draw a field of branched cells that cross each other here and there.

    Parameters
    ----------
    diameter
        Typical diameter of a cell with its arms folded, in pixels.
    name
        One of `HABITS`.
    crowd
        Share of the area that bodies would cover if arms were short.

    Returns
    -------
    tuple
        Labels (Y, X), the angle of each label from 0, and the radius of a body.
    """
    habit = HABITS[name]
    body = diameter * habit.body
    far = float(np.mean(habit.length))
    centres, radii = scatter(
        rng, side, body, coverage=crowd / max(1.0, far) ** 0.8, spread=rng.uniform(0.1, 0.3),
        gap=rng.uniform(1.4, 2.4), clumping=rng.choice([0.0, 0.6]),
    )  # fmt: skip
    count = min(len(radii), MOST_CELLS)
    labels = np.zeros((side, side), np.int32)
    areas = np.zeros(count, np.float32)
    angles = rng.uniform(0, 2 * np.pi, count).astype(np.float32)
    tables = wavy(rng, count, rng.uniform(0.03, 0.12)) * oval(rng, count, 1, 1.8)
    ragged = float(rng.choice([0.0, 0.4, 0.9])) * min(1.0, body / 10)
    scale = max(6.0, body * 0.5)
    rows, columns = np.indices((side, side), dtype=np.float32)
    shifted_y, shifted_x = (
        plane + np.float32(ragged) * noise(rng, side, scale, scale * 0.25, 2.0)
        for plane in (rows, columns)
    )
    under = rng.random()
    for index in range(count):
        mask = _cell(rng, side, centres[index], radii[index], tables[index], angles[index], habit)
        own = cv2.remap(mask, shifted_x, shifted_y, cv2.INTER_NEAREST) > 0
        areas[index] = np.count_nonzero(own)
        labels[own & (labels == 0) if rng.random() < under else own] = index + 1
    labels = settle(labels, areas)
    turned = np.concatenate([[0], angles])[: int(labels.max(initial=0)) + 1]
    return labels, turned.astype(np.float32), body


def _cell(
    rng: Rng, side: int, centre: FloatArray, radius: float, table: FloatArray, angle: float,
    habit: Habit,
) -> AnyArray:  # fmt: skip
    """Draw the body and the processes of one cell, with the web between them."""
    mask = np.zeros((side, side), np.uint8)
    turn = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False) + angle
    outline = centre[::-1] + (radius * table)[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1)
    cv2.fillPoly(mask, [np.round(outline * 2**SUB).astype(np.int32)], 1, cv2.LINE_8, SUB)
    arms = int(rng.integers(habit.arms[0], habit.arms[1] + 1))
    starts = angle + (np.arange(arms) + rng.uniform(-0.3, 0.3, arms)) * 2 * np.pi / arms
    todo = [
        (
            centre.astype(float), float(start), radius * rng.uniform(*habit.width),
            radius * (1 + rng.uniform(*habit.length)),
        )
        for start in starts
    ]  # fmt: skip
    drawn = 0
    while todo and drawn < MOST_ARMS:
        drawn += 1
        _process(rng, mask, todo.pop(), radius, habit, todo)
    sigma = max(0.5, radius * habit.web * float(rng.uniform(0.5, 1.2)))
    webbed = cv2.GaussianBlur(mask * np.float32(1), (0, 0), sigma) > 0.42
    return np.asarray(mask | webbed, np.uint8)


def _process(
    rng: Rng,
    mask: AnyArray,
    start: tuple[AnyArray, float, float, float],
    radius: float,
    habit: Habit,
    todo: list[tuple[AnyArray, float, float, float]],
) -> None:
    """Draw one process, thinner towards its end, and remember its branches."""
    at, heading, width, length = start
    step = max(1.5, radius * 0.3)
    steps = max(2, int(length / step))
    last = max(1.2, width * rng.uniform(0.15, 0.5))
    for number in range(steps):
        share = number / steps
        swell = rng.uniform(0.8, 1.25)
        thick = max(1.2, (width - last) * (1 - share) ** 1.6 + last) * swell
        heading += rng.normal(0, habit.wander)
        ahead = at + step * np.array([np.sin(heading), np.cos(heading)])
        one, two = (np.round(p[::-1] * 2**SUB).astype(int).tolist() for p in (at, ahead))
        cv2.line(mask, one, two, 1, max(1, round(2 * thick * 0.6)), cv2.LINE_8, SUB)
        at = ahead
        if share > 0.25 and rng.random() < habit.branching:
            side = rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 1.2)
            todo.append((at, heading + side, thick * 0.8, length * (1 - share) * 0.7))
    if rng.random() < 0.2:  # a foot or growth cone
        y, x = np.round(at * 2**SUB).astype(int).tolist()
        cv2.circle(mask, (x, y), int(last * 1.8 * 2**SUB), 1, -1, cv2.LINE_8, SUB)
