from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cellwire.errors import CancelledError, ShapeMismatchError, SizeModelMissingError
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.pipeline import segment_plane

from .drawing import DrawnNetwork, discs  # noqa: TID252

CENTRES = [(30.0, 30.0, 12.0), (60.0, 70.0, 14.0), (100.0, 40.0, 13.0)]
IMAGE = np.random.default_rng(0).integers(0, 4000, (140, 140, 1)).astype(np.uint16)


@pytest.fixture
def network() -> DrawnNetwork:
    return DrawnNetwork(discs((140, 140), CENTRES))


def test_the_drawn_cells_are_found(network: DrawnNetwork) -> None:
    result = segment_plane(IMAGE, CellposeParameters(diameter=30.0), network)
    assert result.count == 3
    truth = discs((140, 140), CENTRES)
    assert np.mean((result.labels > 0) == (truth > 0)) > 0.999
    assert result.flows.shape == (2, 140, 140)
    assert result.flows.dtype == result.cellprob.dtype == np.float32
    assert result.style.shape == (256,)
    assert np.linalg.norm(result.style) == pytest.approx(1, abs=1e-5)
    assert result.diameter == 30
    assert result.median_diameter == pytest.approx(26, abs=1.5)
    assert set(result.seconds) == {"normalise", "network", "masks"}


@pytest.mark.parametrize("resample", [True, False])
def test_another_diameter_scales_the_answer_to_the_image(
    network: DrawnNetwork, resample: bool
) -> None:
    image = IMAGE[::2, ::2].copy()
    parameters = CellposeParameters(diameter=15.0, resample=resample)
    result = segment_plane(image, parameters, network)
    assert result.count == 3
    assert result.labels.shape == result.cellprob.shape == (70, 70)
    assert result.flows.shape == (2, 70, 70)
    assert result.median_diameter == pytest.approx(13, abs=1)


def test_no_cell_is_outside_the_mask(network: DrawnNetwork) -> None:
    mask = np.ones((140, 140), bool)
    mask[:, 60:] = False
    result = segment_plane(IMAGE, CellposeParameters(diameter=30.0), network, mask=mask)
    assert result.count == 2
    assert not result.labels[:, 60:].any()


def test_pixels_outside_the_mask_do_not_enter_the_percentiles(network: DrawnNetwork) -> None:
    mask = np.zeros((140, 140), bool)
    mask[:70] = True
    image = IMAGE.copy()
    image[70:] = 65535
    seen: list[np.ndarray] = []

    class Spy(DrawnNetwork):
        def __call__(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            seen.append(tiles[:, :, 10:70, 10:140].copy())
            return super().__call__(tiles)

    spy = Spy(discs((140, 140), CENTRES))
    for plane in (image, IMAGE):
        segment_plane(plane, CellposeParameters(diameter=30.0), spy, mask=mask)
    np.testing.assert_array_equal(*seen)


def test_the_size_model_decides_the_diameter(network: DrawnNetwork) -> None:
    size = SimpleNamespace(A=np.zeros(256), smean=np.zeros(256), diam_mean=30.0, ymean=0.0)
    result = segment_plane(IMAGE, CellposeParameters(), network, size)
    assert result.diameter == pytest.approx(26, abs=1.5)
    assert len(network.batches) == 3


def test_without_cells_the_size_models_mean_is_taken() -> None:
    size = SimpleNamespace(A=np.zeros(256), smean=np.zeros(256), diam_mean=33.0, ymean=0.0)
    empty = DrawnNetwork(discs((140, 140), []))
    result = segment_plane(IMAGE, CellposeParameters(), empty, size)
    assert result.diameter == 33
    assert result.count == 0
    assert result.median_diameter == 0


def test_progress_is_told_and_can_stop_the_work(network: DrawnNetwork) -> None:
    told: list[tuple[str, int, int]] = []
    image = np.ones((500, 300, 1), np.uint8)
    parameters = CellposeParameters(diameter=30.0, batch_size=2)
    segment_plane(image, parameters, network, report=lambda *event: told.append(event))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["normalise", "network", "masks", "dynamics", "flow check", "clean"]
    tiles = [(done, total) for stage, done, total in told if stage == "network"]
    assert tiles[-1] == (tiles[-1][1], sum(network.batches))

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "network" and done >= 2:
            raise CancelledError("Stopped.")

    network.batches.clear()
    with pytest.raises(CancelledError):
        segment_plane(image, parameters, network, report=stop)
    assert network.batches == [2]


@pytest.mark.parametrize(
    ("image", "options", "error"),
    [
        (np.ones((20, 20), np.uint8), {}, ShapeMismatchError),
        (np.ones((20, 20, 3), np.uint8), {}, ShapeMismatchError),
        (np.ones((0, 20, 1), np.uint8), {}, ShapeMismatchError),
        (np.ones((20, 20, 1), np.uint8), {"mask": np.ones((20, 21), bool)}, ShapeMismatchError),
    ],
)
def test_what_does_not_fit_is_refused(
    network: DrawnNetwork, image: np.ndarray, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        segment_plane(image, CellposeParameters(diameter=30.0), network, **options)


def test_an_automatic_diameter_needs_a_size_model(network: DrawnNetwork) -> None:
    with pytest.raises(SizeModelMissingError):
        segment_plane(IMAGE, CellposeParameters(), network)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.float32])
def test_a_constant_image_is_zeros_for_the_network(dtype: Any) -> None:
    seen: list[np.ndarray] = []

    class Spy(DrawnNetwork):
        def __call__(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            seen.append(tiles)
            return super().__call__(tiles)

    image = np.full((40, 40, 2), 77, dtype)
    segment_plane(image, CellposeParameters(diameter=30.0), Spy(discs((20, 20), [])))
    assert not seen[0].any()


def test_the_image_is_not_changed(network: DrawnNetwork) -> None:
    image = IMAGE.astype(np.float32)
    segment_plane(image, CellposeParameters(diameter=30.0), network)
    np.testing.assert_array_equal(image, IMAGE)
