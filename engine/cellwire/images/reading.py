"""Reading image files: pixels, axes, calibration and names of channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cellwire.errors import (
    AxesUnknownError,
    CellwireError,
    ImageTooLargeError,
    ImageUnreadableError,
    UnsupportedTypeError,
)
from cellwire.images.checks import check_axes, check_content, check_size, to_wire_type
from cellwire.images.spec import Calibration
from cellwire.images.tiff_metadata import calibration_of, channel_names_of

if TYPE_CHECKING:
    import numpy.typing as npt
    import tifffile

TIFF_SUFFIXES = (".tif", ".tiff", ".btf", ".tf8")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
IMAGE_SUFFIXES = TIFF_SUFFIXES + PICTURE_SUFFIXES
VENDOR_SUFFIXES = {
    ".nd2": "Nikon ND2",
    ".czi": "Zeiss CZI",
    ".lif": "Leica LIF",
    ".lsm": "Zeiss LSM",
    ".oib": "Olympus OIB",
    ".oif": "Olympus OIF",
    ".vsi": "Olympus VSI",
    ".ims": "Imaris IMS",
}
RGB = ("red", "green", "blue")
PLAIN_MODES = {
    "1": "L", "LA": "L", "La": "L", "PA": "RGB", "P": "RGB", "RGBA": "RGB", "RGBa": "RGB",
    "RGBX": "RGB", "CMYK": "RGB", "YCbCr": "RGB", "LAB": "RGB", "HSV": "RGB",
}  # fmt: skip
"""What Pillow's modes are turned into: opacity is no signal, palettes and inks are colours."""


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """An image as it was read.

    Attributes
    ----------
    array
        Pixels, of one of the types that are segmented.
    axes
        A letter of TZCYX for each dimension.
    calibration
        Size of a pixel.
    channel_names
        Names of the channels, empty if unknown; red, green, blue for colour images.
    path
        The file.
    notices
        Things that the person should know.
    """

    array: npt.NDArray[Any]
    axes: str
    calibration: Calibration = Calibration()
    channel_names: tuple[str, ...] = ()
    path: Path = field(default_factory=Path)
    notices: tuple[str, ...] = ()


def read_image(path: str | Path, axes: str | None = None, max_bytes: int = 2**31) -> LoadedImage:
    """Read an image file.

    Parameters
    ----------
    path
        A TIFF (ImageJ, OME or plain), PNG, JPEG or BMP file.
    axes
        What its dimensions are, such as ``"CYX"``, where the file does not say; S stands for the
        samples of a colour image.
    max_bytes
        Greatest size of the pixels.

    Raises
    ------
    ImageUnreadableError
        Not there, a folder, no image, or broken.
    UnsupportedTypeError
        A maker's format, or a pixel type that is not segmented.
    AxesUnknownError
        The file does not say what its dimensions are.
    ShapeMismatchError
        ``axes`` do not fit the file.
    ImageContentError, ImageTooLargeError
        No pixels, values that are no numbers, or too many bytes.
    """
    path = Path(path)
    _check_file(path)
    if _starts_as_tiff(path):
        loaded = _read_tiff(path, axes, max_bytes)
    elif path.suffix.lower() in TIFF_SUFFIXES:
        raise ImageUnreadableError(
            f"{path.name} is not a TIFF file, though it is named like one.",
            "Open it in ImageJ and save it again, or copy it again from where it came.",
        )
    else:
        loaded = _read_picture(path, axes, max_bytes)
    array, own_axes, calibration, names = loaded
    array, own_axes, names = _samples_to_channels(array, own_axes, names)
    check_axes(own_axes, array.shape, path.name)
    array, notices = to_wire_type(array, path.name)
    check_content(array, path.name)
    return LoadedImage(array, own_axes, calibration, names, path, notices)


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise ImageUnreadableError(
            f"{path.name} is a folder, not an image.", f"Name its images: {path}/*.tif"
        )
    if not path.exists():
        raise ImageUnreadableError(f"There is no file {path}.", "Check the name and the folder.")
    if not path.stat().st_size:
        raise ImageUnreadableError(
            f"{path.name} is empty: it has no bytes.", "Copy it again from where it came."
        )
    maker = VENDOR_SUFFIXES.get(path.suffix.lower())
    if maker:
        raise UnsupportedTypeError(
            f"{path.name} is a {maker} file, which Cellwire does not read.",
            "Open it in Fiji (Plugins > Bio-Formats > Bio-Formats Importer) and save it as TIFF or "
            "OME-TIFF.",
        )


def _starts_as_tiff(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
    except OSError as error:
        raise ImageUnreadableError(
            f"{path.name} cannot be read: {error.strerror}.", "Check who may read it."
        ) from error


_Loaded = tuple["npt.NDArray[Any]", str, Calibration, tuple[str, ...]]


def _read_tiff(path: Path, axes: str | None, max_bytes: int) -> _Loaded:
    import tifffile

    try:
        with tifffile.TiffFile(path) as tiff:
            series = tiff.series[0]
            check_size(int(np.prod(series.shape, dtype=object)) * series.dtype.itemsize, max_bytes)
            told = axes.upper() if axes else _told_axes(path, _series_axes(tiff), series.shape)
            calibration, names = calibration_of(tiff), channel_names_of(tiff)
            if tiff.filehandle.size < sum(map(sum, (page.databytecounts for page in tiff.pages))):
                raise ImageUnreadableError(
                    f"{path.name} is cut off: the file is shorter than its index says.",
                    "Copy it again from where it came.",
                )
            return series.asarray(), told, calibration, names
    except CellwireError:
        raise
    except Exception as error:  # decoders of broken files raise whatever they like
        raise ImageUnreadableError(
            f"{path.name} is not a readable TIFF file (or is cut off): {error}.",
            "Open it in ImageJ and save it again, or copy it again from where it came.",
        ) from error


def _series_axes(tiff: tifffile.TiffFile) -> str:
    """Name the axes; the samples of an ImageJ composite are channels, not colours."""
    axes = tiff.series[0].axes
    if len(tiff.series) > 1 and not tiff.is_svs:
        sizes = [" × ".join(map(str, series.shape)) for series in tiff.series]
        raise AxesUnknownError(
            f"{tiff.filename} holds {len(sizes)} images ({', '.join(sizes[:5])} pixels).",
            "Save the one to segment as a file of its own, for example from Fiji.",
        )
    composite = int((tiff.imagej_metadata or {}).get("channels", 1)) > 1
    return axes.replace("S", "C") if composite and "C" not in axes else axes


def _told_axes(path: Path, axes: str, shape: tuple[int, ...]) -> str:
    """Refuse axes that tifffile could not tell: I, Q and the like; length 1 does not matter."""
    if len(shape) == 2:
        return "YX"
    unknown = [
        (letter, length)
        for letter, length in zip(axes, shape, strict=True)
        if letter not in "TZCYXS" and length != 1
    ]
    if unknown:
        sizes = " × ".join(str(length) for length in shape)
        letters = "".join("?" if letter not in "TZCYXS" else letter for letter in axes)
        raise AxesUnknownError(
            f"{path.name} has {len(shape)} dimensions ({sizes}) and does not say what they are "
            f"({letters}).",
            "Say it with --axes, one letter of T, Z, C, Y, X for each: for example --axes CYX for "
            "channels, --axes ZYX for planes.",
        )
    return axes


def _read_picture(path: Path, axes: str | None, max_bytes: int) -> _Loaded:
    from PIL import Image

    try:
        with Image.open(path) as opened:
            picture: Image.Image = opened
            check_size(picture.width * picture.height * len(picture.getbands()), max_bytes)
            array = _png_of_16_bits(path) if picture.format == "PNG" else None
            if array is None:
                plain = PLAIN_MODES.get(picture.mode)
                array = np.asarray(picture.convert(plain) if plain else picture)
    except CellwireError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageTooLargeError(
            f"{path.name} is larger than a picture file may be: {error}.", "Save it as a TIFF."
        ) from error
    except Exception as error:  # decoders of broken files raise whatever they like
        raise ImageUnreadableError(
            f"{path.name} is not an image that Cellwire reads, or is broken.",
            f"Give a file of one of these: {', '.join(s[1:] for s in IMAGE_SUFFIXES)}.",
        ) from error
    return array, axes.upper() if axes else ("YX" if array.ndim == 2 else "YXS"), Calibration(), ()


def _png_of_16_bits(path: Path) -> npt.NDArray[Any] | None:
    """Read what Pillow would cut down to 8 bits; None for other PNG files. Opacity is dropped."""
    import imagecodecs

    data = path.read_bytes()
    if data[24:25] != b"\x10":
        return None
    array: npt.NDArray[Any] = imagecodecs.png_decode(data)
    return array[..., 0] if array.ndim == 3 and array.shape[2] == 2 else array


def _samples_to_channels(
    array: npt.NDArray[Any], axes: str, names: tuple[str, ...]
) -> tuple[npt.NDArray[Any], str, tuple[str, ...]]:
    """Drop unknown axes of length 1, and turn colour samples into channels."""
    if len(axes) == array.ndim:
        kept = [i for i, letter in enumerate(axes) if letter in "TZCYXS" or array.shape[i] != 1]
        array = array.reshape([array.shape[i] for i in kept])
        axes = "".join(axes[i] for i in kept)
    if "S" in axes and len(axes) == array.ndim:
        place = axes.index("S")
        if array.shape[place] == 4:  # opacity is no signal
            array = np.take(array, range(3), axis=place)
        if "C" in axes and array.shape[axes.index("C")] == 1:
            array = array.squeeze(axes.index("C"))
            axes = axes.replace("C", "")
        if "C" not in axes:
            array = np.moveaxis(array, axes.index("S"), 0)
            axes = "C" + axes.replace("S", "")
            names = RGB if array.shape[0] == 3 else ()
            if array.shape[0] == 1:
                array, axes = array[0], axes[1:]
    return array, axes, names
