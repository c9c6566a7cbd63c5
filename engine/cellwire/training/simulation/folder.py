"""Writing a folder of simulated pictures as training reads it."""

from __future__ import annotations

import csv
import io
import math
import shutil
from typing import TYPE_CHECKING

from cellwire.errors import InvalidParameterError, OutputWriteError
from cellwire.training.simulation.composing import image_tiff, labels_tiff, name_of, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from cellwire.training.simulation.nuclei import NucleusBank

BYTES_PER_PIXEL = 5
"""Two channels of at most 16 bits, and labels that compress well."""

CHANNELS = "1,2"
"""What is segmented, and the nuclei."""


def split_of(index: int, validation_share: float) -> str:
    """Say whether a picture is for training or validation, whatever the number of pictures."""
    whole = math.floor((index + 1) * validation_share + 1e-9) > math.floor(
        index * validation_share + 1e-9
    )
    return "val" if whole else "train"


def check_folder(folder: Path, count: int, side: int) -> None:
    """Refuse a folder that holds something, or a disk without room for ``count`` pictures.

    Raises
    ------
    InvalidParameterError
        If the folder is a file or not empty.
    OutputWriteError
        If there is not enough room.
    """
    if folder.exists() and not folder.is_dir():
        raise InvalidParameterError(f"{folder} is a file.", "Give the name of a new folder.")
    if folder.is_dir() and any(folder.iterdir()):
        raise InvalidParameterError(
            f"The folder {folder} is not empty.", "Give the name of a new or empty folder."
        )
    needed = count * side**2 * BYTES_PER_PIXEL
    place = next(each for each in (folder, *folder.absolute().parents) if each.is_dir())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise OutputWriteError(
            f"{count} pictures need about {needed / 2**20:.0f} MiB; {free / 2**20:.0f} MiB are "
            f"free at {folder}.",
            "Make room, choose another folder, or lower --count or --size.",
        )


def write_folder(
    folder: Path,
    kinds: Sequence[str],
    count: int,
    seed: int,
    side: int,
    bank: NucleusBank,
    validation_share: float,
    write: Callable[[Path, bytes], None],
) -> Iterable[str]:
    """Write ``images/``, ``masks/`` and ``index.csv``; yields the name of each finished picture.

    The index comes first, so that a folder whose making was interrupted is read rightly.

    Parameters
    ----------
    count
        Pictures of each kind.
    write
        Writes a file whole or not at all.
    """
    stream = io.StringIO(newline="")
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(["id", "split", "kind", "channels"])
    for kind in kinds:
        for index in range(count):
            split = split_of(index, validation_share)
            rows.writerow([name_of(kind, index), split, kind, CHANNELS])
    write(folder / "index.csv", stream.getvalue().encode())
    for index in range(count):
        for kind in kinds:
            made = simulate(kind, index, seed, side, bank)
            write(folder / "masks" / f"{made.name}.tif", labels_tiff(made.labels))
            write(folder / "images" / f"{made.name}.tif", image_tiff(made.image))
            yield made.name
