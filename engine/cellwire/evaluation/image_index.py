"""What an ``index.csv`` beside the images says of them: split, kind, set."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from cellwire.errors import TrainingDataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE = "index.csv"
NAME_COLUMNS = ("id", "stem", "name", "image")
SET_COLUMN = "set"
"""Where an index lists several folders of images, this column has the folder's name."""


def read_index(images: Path) -> dict[str, dict[str, str]]:
    """Read the index of a folder of images.

    Looked for in the folder, beside it and one folder further up, so that one index may stand
    beside ``images/`` or list several folders by their names in a column ``set``.

    Returns
    -------
    dict
        The row of each image, by its stem; empty where there is no index.
    """
    images = images.resolve()
    for folder in (images, images.parent, images.parent.parent):
        file = folder / FILE
        if file.is_file():
            rows = _rows(file, images)
            if rows:
                return rows
    return {}


def column_of(
    index: dict[str, dict[str, str]], column: str, stems: Sequence[str], images: Path
) -> list[str]:
    """Give a column's value for each image.

    Raises
    ------
    TrainingDataError
        There is no index, it has no such column, or it does not list an image.
    """
    if not index:
        raise TrainingDataError(
            f"There is no {FILE} beside {images}, which would say the {column} of each image.",
            f"Add one with the columns id and {column}, or leave the option out.",
        )
    known = next(iter(index.values()))
    if column not in known:
        raise TrainingDataError(
            f"The {FILE} beside {images} has no column {column!r}; it has {', '.join(known)}.",
            "Name one of these.",
        )
    absent = [stem for stem in stems if stem not in index]
    if absent:
        raise TrainingDataError(
            f"{len(absent)} of {len(stems)} images are not in the {FILE} beside {images}: "
            f"{', '.join(absent[:3])}{'…' if len(absent) > 3 else ''}.",
            "Add a row for each.",
        )
    return [index[stem][column] for stem in stems]


def _rows(file: Path, images: Path) -> dict[str, dict[str, str]]:
    with file.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        columns = reader.fieldnames or ()
        key = next((name for name in NAME_COLUMNS if name in columns), None)
        if key is None:
            return {}
        here = {images.name, images.parent.name}
        return {
            row[key]: {name: value or "" for name, value in row.items() if name is not None}
            for row in reader
            if SET_COLUMN not in columns or row[SET_COLUMN] in here
        }
