"""Calibration and channel names of TIFF files, as ImageJ, OME and plain TIFF keep them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from cellwire.images.spec import Calibration

if TYPE_CHECKING:
    import tifffile

MICROMETRES = {
    "micron": 1.0, "microns": 1.0, "um": 1.0, "µm": 1.0, "μm": 1.0, "\\u00b5m": 1.0,
    "micrometer": 1.0, "micrometers": 1.0, "micrometre": 1.0, "micrometres": 1.0,
    "nm": 1e-3, "nanometer": 1e-3, "nanometre": 1e-3, "mm": 1e3, "millimeter": 1e3,
    "millimetre": 1e3, "cm": 1e4, "m": 1e6, "inch": 25_400.0, "in": 25_400.0, "pm": 1e-6,
}  # fmt: skip
TIFF_UNITS = {2: 25_400.0, 3: 10_000.0}
PRINTING = (72.0, 75.0, 90.0, 96.0, 100.0, 150.0, 200.0, 300.0, 400.0, 600.0)
"""Dots per inch that programs write without knowing the size of a pixel."""

LARGEST_PIXEL = 1000.0
"""In µm: a plain TIFF's resolution that says more was never meant."""

PLACE = re.compile(r"^(?:[czt]:\d+/\d+\s*)+-\s*|\s#\d+$")
"""What Bio-Formats writes around the name in a slice's label."""


def calibration_of(tiff: tifffile.TiffFile) -> Calibration:
    """Read the size of a pixel; unknown where the file does not say, never a printer's one."""
    if tiff.ome_metadata:
        return _of_ome(tiff.ome_metadata)
    tags: Any = tiff.pages.first.tags
    y, x = (_pixels_per_unit(tags, name) for name in ("YResolution", "XResolution"))
    if tiff.imagej_metadata is not None:
        meta = tiff.imagej_metadata
        factor = MICROMETRES.get(str(meta.get("unit", "")).strip().lower())
        if factor is None:
            return Calibration()
        spacing = meta.get("spacing")
        return Calibration(
            factor / y if y else None,
            factor / x if x else None,
            float(spacing) * factor if spacing else None,
        )
    unit = tags.get("ResolutionUnit")
    factor = TIFF_UNITS.get(int(unit.value) if unit is not None else 0)
    if factor is None or not y or not x or _is_printing(factor / x):
        return Calibration()
    return Calibration(factor / y, factor / x)


def _is_printing(size: float) -> bool:
    dots = 25_400.0 / size
    return size > LARGEST_PIXEL or any(abs(dots - known) < 1e-3 * known for known in PRINTING)


def channel_names_of(tiff: tifffile.TiffFile) -> tuple[str, ...]:
    """Read the names of the channels; empty where there are none."""
    if tiff.ome_metadata:
        root = _parse(tiff.ome_metadata)
        channels = [] if root is None else root.findall(".//{*}Image[1]/{*}Pixels/{*}Channel")
        names = tuple(channel.get("Name", "") for channel in channels)
        return names if all(names) else ()
    meta = tiff.imagej_metadata or {}
    labels = meta.get("Labels")
    count = int(meta.get("channels", 1))
    if not isinstance(labels, list) or count < 2 or len(labels) < count:
        return ()
    names = tuple(PLACE.sub("", str(label)).strip() for label in labels[:count])
    return names if all(names) and len(set(names)) == count else ()


def _of_ome(text: str) -> Calibration:
    root = _parse(text)
    pixels = None if root is None else root.find(".//{*}Pixels")
    if pixels is None:
        return Calibration()
    sizes = []
    for axis in "YXZ":
        value = pixels.get(f"PhysicalSize{axis}")
        factor = MICROMETRES.get(pixels.get(f"PhysicalSize{axis}Unit", "µm").strip())
        size = float(value) * factor if value and factor else None
        sizes.append(size if size and size > 0 else None)
    return Calibration(*sizes)


def _parse(text: str) -> ElementTree.Element | None:
    try:
        return ElementTree.fromstring(text)  # noqa: S314  no entities are resolved by expat here
    except ElementTree.ParseError:
        return None


def _pixels_per_unit(tags: Any, name: str) -> float | None:
    tag = tags.get(name)
    if tag is None:
        return None
    above, below = tag.value
    return float(above) / float(below) if above and below else None
