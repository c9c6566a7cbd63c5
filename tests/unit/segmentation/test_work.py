from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from cellwire.errors import ImageTooLargeError, InvalidParameterError
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.pipeline import segment_plane
from cellwire.segmentation.work import work_of

from .drawing import DrawnNetwork, discs  # noqa: TID252


@dataclass(frozen=True)
class Limits:
    max_tiles: int = 10**6
    max_resized_pixels: int = 10**9
    max_pixel_steps: int = 10**12


class Size:
    """A size model that finds diameters of 3 pixels whatever it sees."""

    A = np.zeros(256)
    smean = np.zeros(256)
    diam_mean = 30.0
    ymean = float(np.log(0.1))


@pytest.mark.parametrize("augment", [False, True])
@pytest.mark.parametrize("diameter", [8.0, 30.0, 77.0])
@pytest.mark.parametrize("shape", [(64, 64), (301, 180)])
def test_tiles_are_known_beforehand(shape: tuple[int, int], diameter: float, augment: bool) -> None:
    network = DrawnNetwork(discs((20, 20), []))
    parameters = CellposeParameters(diameter=diameter, augment=augment, batch_size=5)
    work = work_of(shape, parameters, network.diam_mean)
    segment_plane(np.ones((*shape, 1), np.uint8), parameters, network)
    assert sum(network.batches) == work.tiles
    assert max(network.batches) <= 5
    assert work.exact


def test_a_tiny_diameter_is_a_lot_of_work() -> None:
    parameters = CellposeParameters(diameter=1.0)
    assert work_of((1_000_000, 1_000_000), parameters, 30.0).tiles > 10**10


def test_an_automatic_diameter_counts_three_passes() -> None:
    once = work_of((500, 500), CellposeParameters(diameter=30.0), 30.0)
    automatic = work_of((500, 500), CellposeParameters(), 30.0)
    assert automatic.tiles == 3 * once.tiles
    assert not automatic.exact


def test_more_tiles_than_allowed_are_refused_before_any_is_run() -> None:
    network = DrawnNetwork(discs((20, 20), []))
    image = np.ones((200, 200, 1), np.uint8)
    with pytest.raises(
        ImageTooLargeError, match=r"become 2000 x 2000, 121 tiles; the limit is 120"
    ):
        segment_plane(
            image, CellposeParameters(diameter=3.0), network, limits=Limits(max_tiles=120)
        )
    assert not network.batches


def test_more_resized_pixels_than_allowed_are_refused_before_any_tile_is_run() -> None:
    network = DrawnNetwork(discs((20, 20), []))
    image = np.ones((200, 200, 1), np.uint8)
    with pytest.raises(ImageTooLargeError, match=r"4000000 in all; the limit is 3999999"):
        segment_plane(
            image,
            CellposeParameters(diameter=3.0),
            network,
            limits=Limits(max_resized_pixels=3_999_999),
        )
    assert not network.batches


@pytest.mark.parametrize(
    ("parameters", "steps", "next_step"),
    [
        (CellposeParameters(diameter=30.0, niter=5000), 5000, "Lower the number of steps"),
        (CellposeParameters(diameter=300.0), 2000, "Give a smaller diameter"),
    ],
)
def test_more_steps_of_the_dynamics_than_allowed_are_refused_before_any_tile_is_run(
    parameters: CellposeParameters, steps: int, next_step: str
) -> None:
    network = DrawnNetwork(discs((20, 20), []))
    image = np.ones((200, 150, 1), np.uint8)
    walked = 200 * 150 * steps
    with pytest.raises(ImageTooLargeError) as refused:
        segment_plane(image, parameters, network, limits=Limits(max_pixel_steps=walked - 1))
    assert f"{walked} steps of the dynamics; the limit is {walked - 1}" in refused.value.message
    assert next_step in refused.value.next_step
    assert not network.batches
    segment_plane(image, parameters, network, limits=Limits(max_pixel_steps=walked))
    assert network.batches


def test_what_the_size_model_finds_is_bounded_too() -> None:
    network = DrawnNetwork(discs((20, 20), []))
    image = np.ones((200, 200, 1), np.uint8)
    allowed = work_of((200, 200), CellposeParameters(), 30.0).tiles
    with pytest.raises(ImageTooLargeError, match=r"tiles; the limit is"):
        segment_plane(image, CellposeParameters(), network, Size(), limits=Limits(allowed))
    assert sum(network.batches) < allowed, "it stopped before the pass that is too large"


def test_a_diameter_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="diameter is too large"):
        work_of((20, 20), CellposeParameters(diameter=2000.0), 30.0)
