"""Telling Cellwire's own pictures from images: by what it wrote into them."""

from __future__ import annotations

import json
from pathlib import Path

from cellwire.outputs.save import KINDS

PICTURES = tuple(
    ending
    for files in KINDS.values()
    for ending, _ in files
    if Path(ending).suffix in (".tif", ".png")
)
"""How the names end of the results that could be taken for images."""


def is_own(path: Path) -> bool:
    """Whether a file is a result of Cellwire that has kept its name's ending.

    Files with other names are not opened; a file that cannot be read is none.
    """
    if not path.name.endswith(PICTURES):
        return False
    try:
        made = _of_tiff(path) if path.suffix == ".tif" else _of_png(path)
        return isinstance(made, str) and json.loads(made).get("program") == "cellwire"
    except Exception:  # readers of broken files raise whatever they like
        return False


def _of_tiff(path: Path) -> object:
    import tifffile

    with tifffile.TiffFile(path) as tiff:
        return (tiff.imagej_metadata or {}).get("Info")


def _of_png(path: Path) -> object:
    from PIL import Image

    with Image.open(path) as picture:
        return picture.info.get("provenance")
