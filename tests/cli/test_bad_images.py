"""Every image that cannot be segmented gets a sentence of its own, and does not stop the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from commanding import MODEL, write_array, write_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _not_an_image(folder: Path) -> Path:
    path = folder / "notes.tif"
    path.write_text("dear diary")
    return path


def _no_picture(folder: Path) -> Path:
    path = folder / "notes.png"
    path.write_text("dear diary")
    return path


def _truncated(folder: Path) -> Path:
    path = write_image(folder / "cut.tif")
    path.write_bytes(path.read_bytes()[:9000])
    return path


def _empty_axis(folder: Path) -> Path:
    return write_array(folder / "none.tif", np.zeros((0, 12), np.uint8))


def _with_nan(folder: Path) -> Path:
    pixels = np.ones((12, 12), np.float32)
    pixels[3, 4:6] = np.nan
    pixels[0, 0] = np.inf
    return write_array(folder / "nan.tif", pixels)


def _five_channels(folder: Path) -> Path:
    pixels = np.ones((5, 12, 12), np.uint8)
    return write_array(folder / "five.tif", pixels, imagej=True, metadata={"axes": "CYX"})


def _half(folder: Path) -> Path:
    return write_array(folder / "half.tif", np.ones((12, 12), np.float16))


def _complex(folder: Path) -> Path:
    return write_array(folder / "waves.tif", np.ones((12, 12), np.complex64))


def _unknown_axes(folder: Path) -> Path:
    return write_array(folder / "stack.tif", np.ones((7, 12, 12), np.uint8), metadata=None)


def _several_planes(folder: Path) -> Path:
    pixels = np.ones((7, 12, 12), np.uint8)
    return write_array(folder / "z.tif", pixels, imagej=True, metadata={"axes": "ZYX"})


def _no_bytes(folder: Path) -> Path:
    (folder / "none.png").touch()
    return folder / "none.png"


def _folder(folder: Path) -> Path:
    (folder / "plate").mkdir()
    return folder / "plate"


def _absent(folder: Path) -> Path:
    return folder / "gone.tif"


def _maker(ending: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / f"scan.{ending}"
        path.write_bytes(b"\x00" * 64)
        return path

    return make


CASES = {
    "not an image": (_not_an_image, ["notes.tif", "not a TIFF file", "save it again"]),
    "no bytes": (_no_bytes, ["none.png is empty", "Copy it again"]),
    "no picture": (_no_picture, ["notes.png", "not an image", "tif, tiff"]),
    "truncated": (_truncated, ["cut.tif", "cut off", "Copy it again"]),
    "0 x N": (_empty_axis, ["none.tif", "no pixels", "0 × 12", "Give an image"]),
    "NaN": (_with_nan, ["nan.tif", "3 pixels", "NaN or infinite", "of 144", "Replace them"]),
    "5 channels": (_five_channels, ["5 channels", "none was chosen", "--channels"]),
    "float16": (_half, ["half.tif", "float16", "32-bit floats", "Convert it"]),
    "complex": (_complex, ["waves.tif", "complex64", "32-bit floats", "Convert it"]),
    "axes": (_unknown_axes, ["stack.tif", "7 × 12 × 12", "does not say", "--axes"]),
    "planes": (_several_planes, ["7 planes along Z", "--stitch or --do-3d", "--plane Z=4"]),
    "folder": (_folder, ["plate is a folder", "plate/*.tif"]),
    "absent": (_absent, ["gone.tif", "There is no file", "Check the name"]),
    "ND2": (_maker("nd2"), ["scan.nd2", "Nikon", "Bio-Formats", "OME-TIFF"]),
    "CZI": (_maker("czi"), ["scan.czi", "Zeiss", "Bio-Formats", "OME-TIFF"]),
    "LIF": (_maker("lif"), ["scan.lif", "Leica", "Bio-Formats", "OME-TIFF"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_image_is_refused_in_words(
    cellwire: Callable[..., object], tmp_path: Path, case: str
) -> None:
    make, words = CASES[case]
    path = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ended = cellwire("segment", path, "--model", MODEL)
    assert ended.code == 3, ended
    for word in words:
        assert word in ended.err
    assert ended.err.startswith(f"error: {path}: ")
    assert "Traceback" not in ended.err
    assert ended.out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_the_others_of_a_batch_go_on(cellwire: Callable[..., object], tmp_path: Path) -> None:
    bad = [CASES[case][0](tmp_path) for case in ("not an image", "NaN", "CZI", "folder")]
    good = [write_image(tmp_path / "a.tif", 1), write_image(tmp_path / "b.tif", 2)]
    images = [bad[0], good[0], *bad[1:], good[1]]
    ended = cellwire("segment", *images, "--model", MODEL, "--save", "labels", "--json")
    assert ended.code == 1
    told = [json.loads(line) for line in ended.out.splitlines()]
    assert [each["file"] for each in told] == [str(path) for path in images]
    assert [path for path, each in zip(images, told, strict=True) if "error" not in each] == good
    assert ended.err.count("error: ") == len(bad)
    assert "2 of 6 images were segmented" in ended.err
    assert (tmp_path / "a_labels.tif").exists()
    assert (tmp_path / "b_labels.tif").exists()


def test_a_constant_image_has_no_cells_and_a_note(
    cellwire: Callable[..., object], tmp_path: Path
) -> None:
    path = write_array(tmp_path / "dark.tif", np.full((64, 64), 7, np.uint16))
    ended = cellwire("segment", path, "--model", MODEL, "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["cells"] == 0
    assert "constant: every pixel is 7" in ended.err
    assert not tifffile.imread(tmp_path / "dark_labels.tif").any()


def test_axes_that_do_not_fit_are_refused(
    cellwire: Callable[..., object], image: Path, tmp_path: Path
) -> None:
    for axes, words in {"CYX": ["2 dimensions", "'CYX'"], "YQ": ["'YQ'"], "YY": ["'YY'"]}.items():
        ended = cellwire(
            "segment", image, "--model", MODEL, "--axes", axes, "--out", tmp_path / "o"
        )
        assert ended.code == 3, ended
        for word in [*words, "field.tif", "one letter of T, Z, C, Y, X"]:
            assert word in ended.err


def test_a_channel_or_plane_that_is_not_there(
    cellwire: Callable[..., object], image: Path, tmp_path: Path
) -> None:
    stack = _several_planes(tmp_path)
    for path, options, words in (
        (image, ["--channels", "3"], ["Channel 3", "the image has 1", "Choose 1"]),
        (image, ["--channels", "DAPI"], ["no channel 'DAPI'", "no names"]),
        (stack, ["--plane", "Z=9"], ["7 planes", "Z=9", "from 1 to 7"]),
        (image, ["--plane", "Z=1"], ["the axes YX", "Leave it out"]),
    ):
        ended = cellwire("segment", path, "--model", MODEL, *options)
        assert ended.code == 3, ended
        for word in words:
            assert word in ended.err


def test_micrometres_need_a_calibration(cellwire: Callable[..., object], tmp_path: Path) -> None:
    path = write_array(tmp_path / "plain.tif", np.eye(40, dtype=np.uint8))
    ended = cellwire("segment", path, "--model", MODEL, "--diameter", "10um")
    assert ended.code == 3
    assert "10 µm" in ended.err
    assert "how large a pixel is" in ended.err
    assert "in pixels" in ended.err


@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_image_above_the_limit(
    cellwire: Callable[..., object], engine: str, tmp_path: Path, elsewhere: bool
) -> None:
    path = write_array(tmp_path / "huge.tif", np.zeros((1025, 1024), np.uint8), compression="zlib")
    where = ["--server", engine] if elsewhere else ["--max-image-mib", "1"]
    ended = cellwire("segment", path, "--model", MODEL, *where)
    assert ended.code == 3
    assert "1.0 MiB; the limit is 1.0 MiB" in ended.err
    assert "--max-image-mib" in ended.err


def test_a_mask_of_another_size(
    cellwire: Callable[..., object], image: Path, tmp_path: Path
) -> None:
    mask = write_array(tmp_path / "mask.tif", np.ones((5, 6), np.uint8))
    ended = cellwire("segment", image, "--model", MODEL, "--mask", mask)
    assert ended.code == 3
    assert "5 x 6" in ended.err
    assert "128 x 128" in ended.err
