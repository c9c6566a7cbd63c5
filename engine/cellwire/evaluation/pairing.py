"""Which image belongs to which labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.errors import TrainingDataError
from cellwire.images.reading import IMAGE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from pathlib import Path

LABEL_ENDINGS = ("_labels", "_label", "_masks", "_mask", "_cp_masks")
IMAGE_ENDINGS = ("_img", "_image")
SHOWN = 5


def pair_by_stem(
    images: Path, labels: Path, only: Container[Path] | None = None
) -> list[tuple[Path, Path]]:
    """Pair the images of a folder with the label images of another, or of the same.

    ``X.png`` goes with ``X.tif``, ``X_labels.tif``, ``X_masks.png`` or ``X_cp_masks.png``; an
    ``_img`` at the end of the image's name does not count.

    Parameters
    ----------
    images, labels
        Folders; they may be the same if the labels' names end in ``_labels`` or ``_masks``.
    only
        The images that count; ``None`` = all.

    Returns
    -------
    list of (image, labels)
        In the order of names.

    Raises
    ------
    TrainingDataError
        If a folder is missing or empty, an image has no labels, or two claim the same stem.
    """
    label_files = _files(labels, "labels")
    image_files = _files(images, "images")
    if images.resolve() == labels.resolve():
        label_files = [path for path in label_files if bare_stem(path, LABEL_ENDINGS) != path.stem]
        image_files = [path for path in image_files if path not in label_files]
    if only is not None:
        image_files = [path for path in image_files if path in only]
    by_stem = _by_stem(label_files, LABEL_ENDINGS, "labels")
    wanted = _by_stem(image_files, IMAGE_ENDINGS, "images")
    missing = [path.name for stem, path in wanted.items() if stem not in by_stem]
    if missing or not wanted:
        raise TrainingDataError(
            f"{len(missing)} of {len(wanted)} images in {images} have no labels in {labels}: "
            f"{_listed(missing)}.",
            "Labels have the image's name, or end in _labels or _masks: cells.png goes with "
            "cells.tif or cells_labels.tif.",
        )
    return [(path, by_stem[stem]) for stem, path in wanted.items()]


def _files(folder: Path, what: str) -> list[Path]:
    if not folder.is_dir():
        raise TrainingDataError(
            f"There is no folder {folder} with {what}.", "Check its name; a file is no folder."
        )
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    if not found:
        raise TrainingDataError(
            f"The folder {folder} holds no {what}.",
            f"It needs files of these kinds: {', '.join(s[1:] for s in IMAGE_SUFFIXES)}.",
        )
    return found


def _by_stem(files: Iterable[Path], endings: tuple[str, ...], what: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in files:
        stem = bare_stem(path, endings)
        if stem in found:
            raise TrainingDataError(
                f"{found[stem].name} and {path.name} are both {what} of {stem!r}.",
                "Keep one of them in the folder.",
            )
        found[stem] = path
    return found


def bare_stem(path: Path, endings: tuple[str, ...]) -> str:
    """Give the stem of a file without one of the endings."""
    for ending in sorted(endings, key=len, reverse=True):
        if path.stem.endswith(ending) and len(path.stem) > len(ending):
            return path.stem[: -len(ending)]
    return path.stem


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
