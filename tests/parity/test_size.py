"""The size model gives the peer's diameters, given equal files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.pipeline import segment_plane
from cellwire.segmentation.size import diameter_of_areas, diameter_of_style

from .fields import answer_for, draw_cells  # noqa: TID252

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Regression:
    A: np.ndarray
    smean: np.ndarray
    diam_mean: float
    ymean: float


@pytest.fixture(scope="module", params=[0.02, 4.0])
def regression(request: pytest.FixtureRequest) -> Regression:
    rng = np.random.default_rng(5)
    return Regression(
        rng.normal(size=256) * request.param,
        rng.normal(size=256).astype(np.float32) * 0.06,
        30.0,
        0.13,
    )


@pytest.fixture
def peer_sizes(peer_model: Any, regression: Regression, tmp_path: Path) -> Any:
    from cellpose.models import SizeModel

    path = tmp_path / "size.npy"
    np.save(path, vars(regression), allow_pickle=True)
    return SizeModel(peer_model, pretrained_size=str(path))


def test_diameter_of_a_style(peer_sizes: Any, regression: Regression) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        style = rng.normal(size=256).astype(np.float32)
        style /= np.linalg.norm(style)
        theirs = float(peer_sizes._size_estimation(style))
        assert diameter_of_style(style, regression) == pytest.approx(theirs, rel=1e-9)


def test_median_diameter_of_cells(peer: Any) -> None:
    from cellpose.utils import diameters

    labels = draw_cells(np.random.default_rng(0), (200, 210), 30, (4, 13))
    areas = np.unique(labels, return_counts=True)[1][1:]
    assert diameter_of_areas(areas) == pytest.approx(diameters(labels)[0], rel=1e-12)
    assert diameter_of_areas(areas[:0]) == 0


class DrawnNetwork:
    """A network whose answer is drawn: cells of one size in the image, whatever is asked.

    Random weights find no cells; with this the refinement has cells to measure, and both sides
    see the same answers.
    """

    channels_in = 2
    diam_mean = 30.0

    def __init__(self, style: np.ndarray) -> None:
        rng = np.random.default_rng(2)
        self.style = style
        self.answer = answer_for(rng, draw_cells(rng, (224, 224), 34, (8, 12)), 0.5)

    def __call__(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        height, width = tiles.shape[2:]
        answers = np.repeat(self.answer[None, :, :height, :width], len(tiles), axis=0)
        return answers, np.repeat(self.style[None], len(tiles), axis=0)


@pytest.mark.usefixtures("stable_ties")
def test_diameter_of_an_image(
    peer_sizes: Any, regression: Regression, monkeypatch: pytest.MonkeyPatch
) -> None:
    style = np.random.default_rng(9).normal(size=256).astype(np.float32)
    network = DrawnNetwork(style / np.linalg.norm(style))
    monkeypatch.setattr("cellpose.core._forward", lambda _, tiles: network(tiles))
    image = np.random.default_rng(3).integers(0, 900, (190, 170)).astype(np.uint16)
    theirs, first = peer_sizes.eval(image, channels=[0, 0])
    parameters = CellposeParameters(compat="cellpose3")
    got = segment_plane(image[..., None], parameters, network, regression)
    assert first != regression.diam_mean
    assert got.diameter == pytest.approx(float(theirs), rel=1e-12)


def test_diameter_of_an_image_with_the_network(
    peer_sizes: Any, regression: Regression, network: Any
) -> None:
    image = np.random.default_rng(4).integers(0, 900, (120, 100)).astype(np.uint16)
    theirs, _ = peer_sizes.eval(image, channels=[0, 0])
    parameters = CellposeParameters(compat="cellpose3")
    got = segment_plane(image[..., None], parameters, network, regression)
    assert got.diameter == pytest.approx(float(theirs), rel=1e-4)
