from __future__ import annotations

import io

import numpy as np
from PIL import Image

from cellwire.outputs.comparison import LINE, comparison_png


def near(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (np.abs(picture.astype(int) - colour) < 40).all(axis=2)


def squares(*corners: tuple[int, int]) -> np.ndarray:
    labels = np.zeros((60, 80), np.int32)
    for number, (y, x) in enumerate(corners, 1):
        labels[y : y + 15, x : x + 15] = number
    return labels


def drawn(image: np.ndarray) -> np.ndarray:
    png = comparison_png(
        image, squares((5, 5), (5, 40)), squares((5, 5), (40, 40)), "a title", "2 true, 2 found"
    )
    with Image.open(io.BytesIO(png)) as opened:
        return np.asarray(opened.convert("RGB"))[2 * LINE :, : 80 * 8]


def test_outlines_have_the_colour_of_who_drew_them() -> None:
    image = np.random.default_rng(0).integers(0, 60, (60, 80, 1)).astype(np.uint16)
    picture = drawn(image)
    assert picture.shape == (480, 640, 3)
    both = near(picture[30:180, 30:170], (255, 255, 90))
    true = near(picture[30:180, 310:450], (0, 170, 255))
    found = near(picture[310:450, 310:450], (255, 120, 0))
    for outline in (both, true, found):
        assert 300 < outline.sum() < 2000
    assert not near(picture, (0, 170, 255))[:, :300].any()
    assert not near(picture, (255, 120, 0))[:300].any()


def test_colour_pictures_are_shown_as_they_are() -> None:
    image = np.full((60, 80, 3), (180, 90, 170), np.uint8)
    assert near(drawn(image)[350:, :250], (180, 90, 170)).all()
