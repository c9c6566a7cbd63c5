from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellwire.errors import (
    AxesUnknownError,
    CellwireError,
    ImageContentError,
    ImageTooLargeError,
    ImageUnreadableError,
    ShapeMismatchError,
    UnsupportedTypeError,
)
from cellwire.images.reading import read_image

if TYPE_CHECKING:
    from pathlib import Path

RAMP = (np.arange(12 * 17).reshape(12, 17) * 37).astype(np.uint16)
QUICK = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "zstd", "packbits"])
def test_compressed_pixels_come_back(tmp_path: Path, compression: str | None) -> None:
    tifffile.imwrite(tmp_path / "a.tif", RAMP, compression=compression)
    image = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.array, RAMP)
    assert (image.axes, image.array.dtype, image.calibration.is_known) == ("YX", np.uint16, False)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.float32])
@pytest.mark.parametrize("order", ["<", ">"])
def test_types_and_byte_orders_come_back(tmp_path: Path, dtype: type, order: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", (RAMP // 40).astype(dtype), byteorder=order)
    image = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.array, RAMP // 40)
    assert image.array.dtype == np.dtype(dtype)
    assert image.array.dtype.isnative


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"resolution": (2.0, 4.0), "imagej": True, "metadata": {"unit": "micron"}}, (0.25, 0.5)),
        ({"resolution": (2.0, 4.0), "imagej": True, "metadata": {"unit": "um"}}, (0.25, 0.5)),
        ({"resolution": (2.0, 2.0), "imagej": True, "metadata": {"unit": "nm"}}, (5e-4, 5e-4)),
        ({"resolution": (2.0, 2.0), "imagej": True, "metadata": {"unit": "pixel"}}, None),
        ({"resolution": (20_000, 40_000), "resolutionunit": "CENTIMETER"}, (0.25, 0.5)),
        ({"resolution": (50_800, 25_400), "resolutionunit": "INCH"}, (1.0, 0.5)),
        ({"resolution": (72, 72), "resolutionunit": "INCH"}, None),
        ({"resolution": (118.11, 118.11), "resolutionunit": "CENTIMETER"}, None),  # 300 dpi
        ({"resolution": (1, 1), "resolutionunit": "INCH"}, None),
        ({"resolution": (2.0, 4.0), "resolutionunit": "NONE"}, None),
    ],
)
def test_calibration(tmp_path: Path, options: dict, expected: tuple | None) -> None:
    tifffile.imwrite(tmp_path / "a.tif", RAMP, **options)
    calibration = read_image(tmp_path / "a.tif").calibration
    if expected is None:
        assert not calibration.is_known
    else:
        assert (calibration.y, calibration.x) == pytest.approx(expected, rel=1e-5)


def test_ome_tells_axes_calibration_and_channels(tmp_path: Path) -> None:
    stack = np.stack([RAMP, RAMP + 1])
    metadata = {
        "axes": "CYX",
        "PhysicalSizeX": 325.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.5,
        "PhysicalSizeYUnit": "µm",
        "Channel": {"Name": ["membrane", "DAPI"]},
    }
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, metadata=metadata, photometric="minisblack")
    image = read_image(tmp_path / "a.ome.tif")
    np.testing.assert_array_equal(image.array, stack)
    assert image.axes == "CYX"
    assert image.channel_names == ("membrane", "DAPI")
    assert (image.calibration.y, image.calibration.x) == (0.5, pytest.approx(0.325))


def test_imagej_hyperstack_tells_axes_and_labels(tmp_path: Path) -> None:
    stack = np.stack([RAMP, RAMP + 1])
    labels = {"axes": "CYX", "Labels": ["c:1/2 - actin #1", "c:2/2 - DNA #1"], "mode": "composite"}
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True, metadata=labels)
    image = read_image(tmp_path / "a.tif")
    assert (image.axes, image.channel_names) == ("CYX", ("actin", "DNA"))


def test_rgb_samples_become_named_channels(tmp_path: Path) -> None:
    rgba = np.random.default_rng(0).integers(0, 255, (12, 17, 4), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", rgba, photometric="rgb", extrasamples=["unassalpha"])
    image = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.array, rgba[..., :3].transpose(2, 0, 1))
    assert (image.axes, image.channel_names) == ("CYX", ("red", "green", "blue"))


@pytest.mark.parametrize("shape", [(2, 12, 17), (3, 12, 17), (2, 3, 12, 17)])
def test_pages_of_unknown_meaning_are_asked_about(tmp_path: Path, shape: tuple) -> None:
    stack = np.zeros(shape, np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", metadata=None)
    with pytest.raises(AxesUnknownError, match=r"--axes CYX.*--axes ZYX"):
        read_image(tmp_path / "a.tif")


def test_given_axes_win(tmp_path: Path) -> None:
    stack = np.zeros((2, 12, 17), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", metadata=None)
    assert read_image(tmp_path / "a.tif", axes="zyx").axes == "ZYX"
    assert read_image(tmp_path / "a.tif", axes="CYX").axes == "CYX"


@pytest.mark.parametrize("axes", ["YX", "ZCYX", "CC2", "CYQ", "ZTC", "ZZX"])
def test_axes_that_do_not_fit_are_refused(tmp_path: Path, axes: str) -> None:
    stack = np.zeros((2, 12, 17), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", metadata=None)
    with pytest.raises(ShapeMismatchError, match=rf"3 dimensions \(2, 12, 17\).*'{axes}'"):
        read_image(tmp_path / "a.tif", axes=axes)


def test_several_images_in_one_file_are_no_guess(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(RAMP, metadata=None)
        writer.write(RAMP[:5, :5], metadata=None)
    with pytest.raises(AxesUnknownError, match=r"2 images \(12 × 17, 5 × 5 pixels\)"):
        read_image(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((4, 5), np.float16), "pixel type float16"),
        (np.ones((4, 5), np.complex64), "pixel type complex64"),
        (np.full((4, 5), -(2**31), np.int32), "values from -2147483648"),
        (np.full((4, 5), 2**40, np.uint64), "values from 1099511627776"),
        (np.full((4, 5), 1e300), "values up to 1e[+]300"),
    ],
)
def test_types_that_are_not_segmented(tmp_path: Path, array: np.ndarray, message: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", array)
    with pytest.raises(UnsupportedTypeError, match=message):
        read_image(tmp_path / "a.tif")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers(tmp_path: Path, bad: float) -> None:
    array = np.ones((4, 5), np.float32)
    array[1, 2:4] = bad
    tifffile.imwrite(tmp_path / "a.tif", array)
    with pytest.raises(ImageContentError, match="2 pixels that are NaN or infinite, of 20"):
        read_image(tmp_path / "a.tif")


def test_an_image_without_pixels(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="zero-size"):
        tifffile.imwrite(tmp_path / "a.tif", np.zeros((0, 5), np.uint8))
    with pytest.raises(ImageContentError, match=r"a\.tif has no pixels: its shape is 0"):
        read_image(tmp_path / "a.tif", axes="YX")


def test_conversions_lose_nothing_or_say_so(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "exact.tif", RAMP.astype(np.float64))
    tifffile.imwrite(tmp_path / "rounded.tif", RAMP + 1 / 3)
    tifffile.imwrite(tmp_path / "signed.tif", RAMP.astype(np.int32) - 5)
    exact, rounded, signed = (
        read_image(tmp_path / f"{n}.tif") for n in ("exact", "rounded", "signed")
    )
    assert (exact.array.dtype, exact.notices) == (np.float32, ())
    assert rounded.notices == ("rounded.tif is float64; it is rounded to float32 (7 digits).",)
    np.testing.assert_array_equal(signed.array, RAMP.astype(float) - 5)


def test_larger_than_the_limit(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((1024, 2048), np.uint16))
    with pytest.raises(ImageTooLargeError, match=r"4\.0 MiB; the limit is 1\.0 MiB"):
        read_image(tmp_path / "a.tif", max_bytes=2**20)


def test_folder_absent_empty_and_makers_files(tmp_path: Path) -> None:
    with pytest.raises(ImageUnreadableError, match="is a folder"):
        read_image(tmp_path)
    with pytest.raises(ImageUnreadableError, match="There is no file"):
        read_image(tmp_path / "absent.tif")
    for name in ("cells.tif", "cells.png", "cells"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(ImageUnreadableError, match=name):
            read_image(tmp_path / name)
    for name in ("a.nd2", "a.CZI", "a.lif", "a.lsm", "a.vsi"):
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(UnsupportedTypeError, match=r"Fiji .*OME-TIFF"):
            read_image(tmp_path / name)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.floats(0, 0.999), compressed=st.booleans())
def test_a_truncated_file_is_never_an_image(tmp_path: Path, cut: float, compressed: bool) -> None:
    path = tmp_path / "whole.tif"
    tifffile.imwrite(path, RAMP, imagej=not compressed, compression="zlib" if compressed else None)
    data = path.read_bytes()
    (tmp_path / "cut.tif").write_bytes(data[: int(len(data) * cut)])
    try:
        image = read_image(tmp_path / "cut.tif")
    except CellwireError as error:
        assert "cut.tif" in str(error)
    else:
        np.testing.assert_array_equal(image.array, RAMP)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.integers(0, 400), value=st.integers(0, 255))
def test_a_damaged_file_is_an_error_of_the_catalogue(
    tmp_path: Path, place: int, value: int
) -> None:
    path = tmp_path / "damaged.tif"
    tifffile.imwrite(path, RAMP, compression="lzw")
    data = bytearray(path.read_bytes())
    data[place % len(data)] = value
    path.write_bytes(data)
    try:
        read_image(path, max_bytes=2**24)
    except CellwireError as error:
        assert error.next_step
