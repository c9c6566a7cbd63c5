from __future__ import annotations

import pytest

from cellwire.cli.stacks import check_stack
from cellwire.errors import CellwireError, InvalidParameterError, ShapeMismatchError
from cellwire.images.spec import Calibration
from cellwire.jobs.stack import StackMode, StackWishes

VOLUME = StackWishes(StackMode.VOLUME)
STITCHED = StackWishes(StackMode.STITCHED)
LINKED = StackWishes(link_frames=True)
KNOWN = Calibration(0.5, 0.5, 2.0)


@pytest.mark.parametrize(
    ("wishes", "axes", "region", "calibration", "kind", "words"),
    [
        (StackWishes(), "YX", {}, KNOWN, ShapeMismatchError, ["--each-plane", "one plane", "YX"]),
        (STITCHED, "CYX", {}, KNOWN, ShapeMismatchError, ["--stitch", "one plane", "--axes"]),
        (LINKED, "ZYX", {}, KNOWN, ShapeMismatchError, ["--link time", "no frames along T", "ZYX"]),
        (VOLUME, "TYX", {}, KNOWN, ShapeMismatchError, ["time series", "--link", "--axes ZYX"]),
        (STITCHED, "TCYX", {}, KNOWN, ShapeMismatchError, ["time series", "--axes ZCYX"]),
        (VOLUME, "ZYX", {"Z": (1, 2)}, KNOWN, ShapeMismatchError, ["2 planes", "is 1", "--plane"]),
        (
            VOLUME, "ZYX", {}, Calibration(), InvalidParameterError,
            ["needs the anisotropy", "does not say", "--anisotropy 2"],
        ),
        (
            VOLUME, "TZYX", {}, Calibration(0.36, 0.36), InvalidParameterError,
            ["how far its planes are apart", "0.36 µm", "--anisotropy 2.78"],
        ),
        (
            VOLUME, "ZYX", {}, Calibration(z=3.0), InvalidParameterError,
            ["how large its pixels are", "3 µm", "--anisotropy 6"],
        ),
    ],
)  # fmt: skip
def test_what_an_image_cannot_be_is_refused_in_words(
    wishes: StackWishes,
    axes: str,
    region: dict[str, tuple[int, int]],
    calibration: Calibration,
    kind: type[CellwireError],
    words: list[str],
) -> None:
    with pytest.raises(kind) as caught:
        check_stack(wishes, axes, (5,) * len(axes), region, calibration)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("wishes", "axes", "restarts"),
    [
        (StackWishes(), "ZYX", "Z"),
        (StackWishes(), "TYX", "T"),
        (StackWishes(), "TZYX", "Z"),
        (LINKED, "TYX", ""),
        (STITCHED, "ZYX", ""),
        (STITCHED, "TZYX", "T"),
        (VOLUME, "TZYX", "T"),
        (StackWishes(StackMode.VOLUME, link_frames=True), "TZYX", ""),
    ],
)
def test_what_fits_is_taken_and_its_numbering_is_known(
    wishes: StackWishes, axes: str, restarts: str
) -> None:
    check_stack(wishes, axes, (5,) * len(axes), {}, KNOWN)
    assert wishes.restarts(axes) == restarts


def test_a_volume_takes_a_given_anisotropy_over_none() -> None:
    check_stack(StackWishes(StackMode.VOLUME, anisotropy=2.0), "ZYX", (2, 9, 9), {}, Calibration())
