from __future__ import annotations

import numpy as np
import pytest

from cellwire.errors import ImageTooLargeError, InvalidParameterError
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.pipeline import segment_plane
from cellwire.segmentation.work import work_of

from .drawing import DrawnNetwork, discs  # noqa: TID252


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
    with pytest.raises(ImageTooLargeError, match=r"2000 × 2000 pixels, which takes 121 tiles"):
        segment_plane(image, CellposeParameters(diameter=3.0), network, max_tiles=120)
    assert not network.batches


def test_a_diameter_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="diameter is too large"):
        work_of((20, 20), CellposeParameters(diameter=2000.0), 30.0)
