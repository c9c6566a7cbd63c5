from __future__ import annotations

from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from cellwire.errors import AxesUnknownError, ImageUnreadableError, InvalidParameterError
from cellwire.images.channels import choose_channels
from cellwire.images.reading import read_image

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(7)
GREY = RNG.integers(0, 255, (9, 14), np.uint8)
RGB = RNG.integers(0, 255, (9, 14, 3), np.uint8)
DEEP = RNG.integers(0, 65535, (9, 14), np.uint16)


@pytest.mark.parametrize("suffix", ["png", "bmp"])
def test_grey_and_rgb_come_back(tmp_path: Path, suffix: str) -> None:
    for name, array, axes in (("grey", GREY, "YX"), ("rgb", RGB, "CYX")):
        path = tmp_path / f"{name}.{suffix}"
        Image.fromarray(array).save(path)
        image = read_image(path)
        np.testing.assert_array_equal(np.atleast_3d(array), _last(image.array))
        assert image.axes == axes


def test_sixteen_bits_stay_sixteen(tmp_path: Path) -> None:
    colour = RNG.integers(0, 65535, (9, 14, 3), np.uint16)
    alpha = np.dstack([DEEP, np.full_like(DEEP, 9)])
    for name, array in (("grey", DEEP), ("rgb", colour), ("alpha", alpha)):
        (tmp_path / f"{name}.png").write_bytes(imagecodecs.png_encode(array))
    np.testing.assert_array_equal(read_image(tmp_path / "grey.png").array, DEEP)
    np.testing.assert_array_equal(_last(read_image(tmp_path / "rgb.png").array), colour)
    np.testing.assert_array_equal(read_image(tmp_path / "alpha.png").array, DEEP)


def test_opacity_and_palettes(tmp_path: Path) -> None:
    Image.fromarray(np.dstack([RGB, GREY])).save(tmp_path / "rgba.png")
    np.testing.assert_array_equal(_last(read_image(tmp_path / "rgba.png").array), RGB)
    palette = Image.fromarray(RGB).quantize(16)
    palette.save(tmp_path / "palette.png")
    np.testing.assert_array_equal(
        _last(read_image(tmp_path / "palette.png").array), np.asarray(palette.convert("RGB"))
    )


def test_jpeg_is_read_by_its_content(tmp_path: Path) -> None:
    Image.fromarray(RGB).save(tmp_path / "a.jpg", quality=95)
    assert read_image(tmp_path / "a.jpg").array.shape == (3, 9, 14)


def test_text_named_png_and_half_a_png(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("not an image at all")
    with pytest.raises(ImageUnreadableError, match=r"a\.png is not an image.*tif.*png"):
        read_image(tmp_path / "a.png")
    Image.fromarray(RNG.integers(0, 255, (90, 90, 3), np.uint8)).save(tmp_path / "b.png")
    data = (tmp_path / "b.png").read_bytes()
    (tmp_path / "b.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageUnreadableError, match=r"b\.png"):
        read_image(tmp_path / "b.png")


def _last(array: np.ndarray) -> np.ndarray:
    return np.moveaxis(array if array.ndim == 3 else array[None], 0, -1)


SHAPE = (3, 20, 30)
NAMES = ("actin", "DNA", "ER")


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ([2], (2,)),
        ([1, 2], (1, 2)),
        ([3, 0], (3,)),
        ([0, 2], (0, 2)),
        (["DNA"], (2,)),
        (["actin", "dna"], (1, 2)),
        (["1", "none"], (1,)),
    ],
)
def test_channels_are_chosen(channels: list, expected: tuple) -> None:
    assert choose_channels(channels, "CYX", SHAPE, NAMES) == expected


def test_without_a_choice() -> None:
    assert choose_channels(None, "YX", (20, 30), ()) == (1,)
    assert choose_channels(None, "CYX", SHAPE, ("red", "green", "blue")) == (0,)
    with pytest.raises(AxesUnknownError, match=r"3 channels \(actin, DNA, ER\).*--channels"):
        choose_channels(None, "CYX", SHAPE, NAMES)
    with pytest.raises(AxesUnknownError, match="5 channels and none was chosen"):
        choose_channels(None, "CYX", (5, 20, 30), ())


@pytest.mark.parametrize(
    ("channels", "message"),
    [
        ([4], "Channel 4 was asked for; the image has 3"),
        (["golgi"], "no channel 'golgi'; it has 3 and they are named actin, DNA, ER"),
        ([-1], "no channel '-1'"),
        ([1, 2, 3], "One or two channels"),
        ([], "One or two channels"),
    ],
)
def test_channels_that_are_not_there(channels: list, message: str) -> None:
    with pytest.raises(InvalidParameterError, match=message):
        choose_channels(channels, "CYX", SHAPE, NAMES)
