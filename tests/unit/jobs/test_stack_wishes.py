from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cellwire.errors import InvalidParameterError, ShapeMismatchError
from cellwire.images.spec import Calibration
from cellwire.jobs.stack import IntensityScope, StackMode, StackWishes, settle

VOLUME, STITCHED = StackMode.VOLUME, StackMode.STITCHED
STACK = ("ZYX", (1, 8, 20, 20))


@pytest.mark.parametrize(
    ("wishes", "axes", "shape", "word"),
    [
        (StackWishes(), "YX", (1, 1, 9, 9), "neither an axis Z nor time"),
        (StackWishes(link_frames=True), "ZYX", (1, 5, 9, 9), "no time axis"),
        (StackWishes(VOLUME, anisotropy=1), "TYX", (7, 1, 9, 9), "time series of 7 frames"),
        (StackWishes(STITCHED), "TYX", (7, 1, 9, 9), "time series of 7 frames"),
        (StackWishes(VOLUME, anisotropy=1), "ZYX", (1, 1, 9, 9), "at least 2 planes"),
        (StackWishes(VOLUME, anisotropy=1), "TZYX", (7, 1, 9, 9), "has 1, with 7 frames"),
    ],
)
def test_what_no_stack_can_be(wishes: StackWishes, axes, shape, word: str) -> None:
    with pytest.raises(ShapeMismatchError, match=word) as refused:
        settle(wishes, axes, shape, Calibration(1, 1, 1))
    assert refused.value.next_step


@pytest.mark.parametrize(
    ("calibration", "word"),
    [
        (Calibration(), "how large a pixel is"),
        (Calibration(z=1.0), "how large a pixel is"),
        (Calibration(0.5, 0.5), "how far its planes are apart"),
    ],
)
def test_an_unknown_anisotropy_is_asked_for(calibration: Calibration, word: str) -> None:
    with pytest.raises(InvalidParameterError, match=word) as refused:
        settle(StackWishes(VOLUME), *STACK, calibration)
    assert "anisotropy" in refused.value.next_step
    settle(StackWishes(STITCHED), *STACK, calibration)


def test_the_anisotropy_comes_from_the_calibration_unless_given() -> None:
    calibration = Calibration(0.4, 0.9, 1.5)
    found = settle(StackWishes(VOLUME), *STACK, calibration)
    assert found.anisotropy == 1.5 / math.sqrt(0.4 * 0.9)
    assert settle(StackWishes(VOLUME, anisotropy=3), *STACK, calibration).anisotropy == 3.0


def test_frames_are_linked_by_the_overlap_of_planes_unless_given() -> None:
    series, known = ("TYX", (7, 1, 9, 9)), Calibration(1, 1, 1)
    linked = StackWishes(link_frames=True, stitch_threshold=0.4)
    assert settle(linked, *series, known).link_threshold == 0.4
    given = replace(linked, link_threshold=0.0)
    assert settle(given, *series, known).link_threshold == 0
    assert settle(StackWishes(), *series, known).link_threshold is None


def test_the_scope_of_intensities_depends_on_the_mode() -> None:
    known = Calibration(1, 1, 1)
    scopes = {mode: settle(StackWishes(mode), *STACK, known).intensity_scope for mode in StackMode}
    assert scopes == {
        StackMode.PLANES: IntensityScope.PLANE,
        StackMode.STITCHED: IntensityScope.PLANE,
        StackMode.VOLUME: IntensityScope.FRAME,
    }


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"anisotropy": 0.0}, "above 0; it is 0"),
        ({"anisotropy": -2.0}, "it is -2"),
        ({"anisotropy": math.nan}, "it is nan"),
        ({"stitch_threshold": 1.5}, "from 0 to 1; it is 1.5"),
        ({"stitch_threshold": math.nan}, "it is nan"),
        ({"link_threshold": -0.5, "link_frames": True}, "frame to frame must .* it is -0.5"),
        ({"link_threshold": 0.1}, "frames are not linked"),
        ({"flow_smoothing": 2.0}, "is for volumes"),
        ({"half_precision": True, "mode": STITCHED}, "these planes are stitched"),
        ({"orthogonal_model": "nuclei"}, "is for volumes"),
    ],
)
def test_values_that_no_stack_can_have(values, word: str) -> None:
    with pytest.raises(InvalidParameterError, match=word):
        StackWishes(**values)
