"""Work in slabs is the same work, and can be stopped between any two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cellwire.errors import CancelledError, DeviceOutOfMemoryError
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.volume import masks, slabs, voids
from cellwire.segmentation.volume.cleaning import clean_volume
from cellwire.segmentation.volume.parameters import VolumeParameters
from cellwire.segmentation.volume.pipeline import segment_volume
from cellwire.segmentation.volume.stitching import link_frames, stitch_planes

from .balls import balls  # noqa: TID252
from .gradient_network import GradientNetwork, picture  # noqa: TID252

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LABELS = balls((24, 42, 44), 20, (7, 9), seed=3).astype(np.uint32)
SMOOTHED = VolumeParameters(flow_smoothing=1.0)


def hollow() -> np.ndarray:
    labels = LABELS.copy()
    for label in range(1, int(labels.max()) + 1):
        z, y, x = (int(each.mean()) for each in np.nonzero(labels == label))
        labels[z, y, x - 1 : x + 2] = 0
    return labels


WORKS: dict[str, Callable[[], np.ndarray]] = {
    "volume": lambda: (
        segment_volume(
            picture(LABELS),
            CellposeParameters(diameter=14.0, resample=False),
            GradientNetwork(),
            SMOOTHED,
        ).labels
    ),
    "cleaning": lambda: clean_volume(hollow(), CellposeParameters(diameter=17.0)).labels,
    "stitching": lambda: stitch_planes(LABELS),
    "linking": lambda: link_frames(np.stack([LABELS, np.roll(LABELS, 3, axis=2)])),
}


@pytest.mark.parametrize("work", list(WORKS))
def test_small_slabs_give_the_same(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = WORKS[work]()
    assert whole.max() > 2
    monkeypatch.setattr(slabs, "SLAB", 5000)
    monkeypatch.setattr(voids, "SLAB", 5000)
    monkeypatch.setattr(masks, "PART", 1000)
    monkeypatch.setattr(masks, "PART_SEEDS", 2)
    assert np.array_equal(WORKS[work](), whole)


def test_cleaning_stops_at_any_slab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slabs, "SLAB", 5000)
    pulses = 0
    while pulses < 100:
        left = iter(range(pulses))

        def pulse(left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise CancelledError("Stopped.")

        try:
            clean_volume(hollow(), CellposeParameters(diameter=17.0), pulse)
        except CancelledError:
            pulses += 1
        else:
            break
    assert 20 < pulses < 100


class Weary(GradientNetwork):
    """Has no memory after some batches, and another place to go to."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self.left, self.places = 3, places

    def __call__(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.left -= 1
        if self.left < 0:
            raise DeviceOutOfMemoryError("Full.")
        return super().__call__(tiles)

    def retreat(self) -> bool:
        self.places -= 1
        self.left = 10_000
        return self.places >= 0


def test_a_device_without_memory_is_left_in_the_middle_of_a_volume() -> None:
    parameters = CellposeParameters(diameter=17.0)
    plain = segment_volume(picture(LABELS), parameters, GradientNetwork())
    moved = segment_volume(picture(LABELS), parameters, Weary(1))
    assert np.array_equal(moved.labels, plain.labels)
    with pytest.raises(DeviceOutOfMemoryError):
        segment_volume(picture(LABELS), parameters, Weary(0))
