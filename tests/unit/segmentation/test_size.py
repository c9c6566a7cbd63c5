from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.size import AGREEMENT, refined_diameter
from cellwire.segmentation.sizing import find_diameter

from .drawing import answer_of, discs  # noqa: TID252

STYLE = np.zeros(256, np.float32)


@dataclass(frozen=True)
class Regression:
    """Tells the same diameter for every style."""

    told: float
    diam_mean: float = 30.0
    A: np.ndarray = field(default_factory=lambda: np.zeros(256))
    smean: np.ndarray = field(default_factory=lambda: np.zeros(256))

    @property
    def ymean(self) -> float:
        return math.log(self.told / self.diam_mean)


class Cells:
    """Cells that are measured the more wrongly the farther they are from the size looked for."""

    def __init__(self, diameter: float, drawn_to_it: float) -> None:
        self.diameter = diameter
        self.drawn_to_it = drawn_to_it
        self.looked_for: list[float] = []

    def __call__(self, diameter: float) -> np.ndarray:
        self.looked_for.append(diameter)
        found = self.diameter * (diameter / self.diameter) ** self.drawn_to_it
        return np.array([round(math.pi / 4 * found**2)])


@given(st.floats(8, 300), st.floats(6, 300), st.floats(0, 0.9))
def test_cells_far_from_the_size_looked_for_are_looked_for_again(
    true: float, told: float, drawn: float
) -> None:
    cells = Cells(true, drawn)
    found = refined_diameter(STYLE, Regression(told), cells)
    once = Cells(true, drawn)
    first = refined_diameter(STYLE, Regression(told), once, again=False)
    assert cells.looked_for[0] == pytest.approx(told)
    assert once.looked_for == cells.looked_for[:1]
    assert abs(math.log(found / true)) <= abs(math.log(first / true)) + 0.1
    assert len(cells.looked_for) <= 2
    apart = max(found / cells.looked_for[-1], cells.looked_for[-1] / found)
    assert apart <= AGREEMENT or len(cells.looked_for) == 2
    if max(true / told, told / true) < AGREEMENT * 0.95:
        assert len(cells.looked_for) == 1


def test_where_nothing_is_found() -> None:
    assert refined_diameter(STYLE, Regression(40), lambda _: np.zeros(0, np.int64)) == 0
    answers = iter([np.array([314]), np.zeros(0, np.int64)])
    found = refined_diameter(STYLE, Regression(40), lambda _: next(answers))
    assert found == pytest.approx(20, abs=0.1)


class LargeCells:
    """A network that finds cells of 50 pixels at whatever size it is shown the image."""

    channels_in = 2
    diam_mean = 30.0

    def __init__(self) -> None:
        places = [(y, x, 25.0) for y in (28, 84, 140, 196) for x in (28, 84, 140, 196)]
        self.answer = answer_of(discs((224, 224), places))
        self.calls = 0

    def __call__(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.calls += 1
        height, width = tiles.shape[2:]
        answers = np.repeat(self.answer[None, :, :height, :width], len(tiles), axis=0)
        return answers, np.repeat(STYLE[None], len(tiles), axis=0)


@pytest.mark.parametrize(("compat", "passes"), [(None, 2), ("cellpose3", 1)])
def test_the_reference_looks_once(compat: str | None, passes: int) -> None:
    network = LargeCells()
    planes = np.zeros((200, 200, 2), np.float32)
    found = find_diameter(planes, CellposeParameters(compat=compat), network, Regression(30))
    assert network.calls == 1 + passes
    assert found > 30 * AGREEMENT
