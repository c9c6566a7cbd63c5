"""What the TIFF of a stack says of itself, which CellProfiler does not ask it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple, Optional


class FileFacts(NamedTuple):
    """What a file says.

    Attributes
    ----------
    axes
        A letter for each axis, such as ``"ZYX"``; empty where none are told.
    anisotropy
        Distance of two planes over the side of a pixel; ``None`` if it does not say.
    """

    axes: str = ""
    anisotropy: Optional[float] = None


def look_at(image: Any) -> FileFacts:
    """Look at the file that an image, or what it was made of, comes from.

    Parameters
    ----------
    image
        CellProfiler's image.

    Returns
    -------
    FileFacts
        Empty for files that are no TIFF, or are not on this machine.
    """
    path = Path(image.path_name or "", image.file_name or "")
    if path.suffix.lower() not in (".tif", ".tiff") or not path.is_file():
        return FileFacts()
    import tifffile

    try:
        with tifffile.TiffFile(str(path)) as file:
            return FileFacts(str(file.series[0].axes), _anisotropy(file))
    except (tifffile.TiffFileError, OSError, ValueError, IndexError):
        return FileFacts()


def _anisotropy(file: Any) -> Optional[float]:
    # ImageJ writes pixels a unit into the resolution, and the distance of planes in that unit.
    distance = (file.imagej_metadata or {}).get("spacing")
    sides = []
    for name in ("XResolution", "YResolution"):
        tag = file.pages[0].tags.get(name)
        if tag is None or not all(tag.value):
            return None
        sides.append(tag.value[1] / tag.value[0])
    if not isinstance(distance, (int, float)) or not distance > 0:
        return None
    return float(distance) / math.sqrt(sides[0] * sides[1])
