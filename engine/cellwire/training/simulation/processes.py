"""Cells with processes: microglia, macrophages, neurons, glia."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.training.simulation.layouts import scatter
from cellwire.training.simulation.nuclei import deepest, set_nuclei
from cellwire.training.simulation.scene import Field, Optics, Scene
from cellwire.training.simulation.shapes import ANGLES, depth_of, oval, settle, wavy
from cellwire.training.simulation.textures import TILE, blur, grains, inside_cells, noise

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import AnyArray, FloatArray
    from cellwire.training.simulation.scene import Labels, Rng

SUB = 4
"""Binary digits of the fractions of a pixel with which lines are drawn."""


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
    """

    arms: tuple[int, int]
    length: tuple[float, float]
    width: tuple[float, float]
    branching: float
    wander: float
    body: float


HABITS = {
    "microglia": Habit((3, 7), (1.0, 3.0), (0.25, 0.5), 0.12, 0.35, 0.26),
    "neuron": Habit((2, 5), (2.0, 6.0), (0.2, 0.45), 0.04, 0.12, 0.22),
    "bipolar": Habit((2, 2), (1.5, 5.0), (0.3, 0.6), 0.02, 0.12, 0.25),
    "macrophage": Habit((2, 6), (0.5, 1.5), (0.4, 0.9), 0.08, 0.4, 0.36),
    "star": Habit((5, 10), (1.0, 2.4), (0.15, 0.35), 0.08, 0.2, 0.24),
}


def processes(rng: Rng, field: Field) -> Scene:
    """Make a field of branched cells that cross each other here and there."""
    side = field.side
    diameter = max(field.diameter, 32.0)
    habit = HABITS[str(rng.choice(list(HABITS)))]
    body = diameter * habit.body
    centres, radii = scatter(
        rng, side, body, coverage=rng.uniform(0.03, 0.2), spread=rng.uniform(0.1, 0.3),
        gap=rng.uniform(1.3, 2.2), clumping=rng.choice([0.0, 0.6]),
    )  # fmt: skip
    count = min(len(radii), 120)
    labels = np.zeros((side, side), np.int32)
    areas = np.zeros(count, np.float32)
    angles = rng.uniform(0, 2 * np.pi, count).astype(np.float32)
    tables = wavy(rng, count, rng.uniform(0.03, 0.12)) * oval(rng, count, 1, 1.8)
    shift_y, shift_x = (
        noise(rng, side, 8.0, 2.0, 2.0) * np.float32(rng.choice([0.0, 0.5, 1.2])) for _ in range(2)
    )
    rows, columns = np.indices((side, side), dtype=np.float32)
    for index in range(count):
        mask = _cell(rng, side, centres[index], radii[index], tables[index], angles[index], habit)
        mask = cv2.remap(mask, columns + shift_x, rows + shift_y, cv2.INTER_NEAREST)
        own = mask > 0
        areas[index] = np.count_nonzero(own)
        free = own & (labels == 0) if rng.random() < 0.5 else own
        labels[free] = index + 1
    labels = settle(labels, areas)
    depth = depth_of(labels)
    places, depths = deepest(labels)
    kept = len(depths)
    turned = np.concatenate([[0], angles])[:kept].astype(np.float32)
    size = np.minimum(depths * rng.uniform(0.5, 0.85), body)
    light, cover = set_nuclei(rng, labels, field.bank, places, size, turned)
    signal = _light(rng, labels, depth, places, turned, light, cover, body)
    return Scene(
        signal, light, labels, diameter, Optics(missing_nuclei=0.45, sharp=0.035, clutter=0.4)
    )


def _cell(
    rng: Rng, side: int, centre: FloatArray, radius: float, table: FloatArray, angle: float,
    habit: Habit,
) -> FloatArray:  # fmt: skip
    """Draw the body and the processes of one cell."""
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
    while todo and drawn < 40:
        drawn += 1
        _process(rng, mask, todo.pop(), radius, habit, todo)
    return mask.astype(np.float32)


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
        thick = max(1.2, (width - last) * (1 - share) ** 1.3 + last)
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


def _light(
    rng: Rng, labels: Labels, depth: FloatArray, places: FloatArray, angles: FloatArray,
    nuclear: FloatArray, cover: FloatArray, body: float,
) -> FloatArray:  # fmt: skip
    """Light: thick parts are brighter, with grains; the nucleus dark, bright or not seen."""
    inside = (labels > 0).astype(np.float32)
    count = len(angles)
    reach = body * rng.uniform(0.15, 0.8)
    light = rng.uniform(0.2, 0.7) + (1 - np.exp(-depth / reach)) * rng.uniform(0.3, 1.2)
    tile = 1 + rng.uniform(0.05, 0.35) * noise(rng, TILE, max(6, body * 0.6), 1.0, 1.2)
    if rng.random() < 0.5:
        tile = tile + grains(rng, TILE, max(1.3, body * 0.08), 0.35) * rng.uniform(0.3, 1.5)
    light = light * np.clip(inside_cells(rng, tile, labels, places, angles), 0.1, None)
    way = rng.random()
    if way < 0.35:
        light = light * (1 - rng.uniform(0.2, 0.8) * blur(cover, 0.8))
    elif way < 0.6:
        light = light + nuclear * rng.uniform(0.2, 1.0)
    each = np.exp(rng.normal(0, rng.uniform(0.15, 0.7), count)).astype(np.float32)
    return np.asarray(np.clip(light * each[labels] * inside, 0, 6), np.float32)
