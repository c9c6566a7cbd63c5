"""Which images of a folder belong to which labels, and what its index says of them."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cellwire.errors import TrainingDataError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

IMAGE_SUFFIXES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp")
LABEL_ENDINGS = ("_masks", "_mask", "_labels", "_label")
ROI_ENDINGS = ("_rois", "_roiset", "")
IMAGE_ENDING = "_img"
NO_IMAGE_ENDINGS = ("_flows", "_overlay", "_cellprob", "_outlines", "_output")
"""Results that Cellpose and Cellwire leave beside the images."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """An image file and its labels file.

    Attributes
    ----------
    name
        Stem of the image, without ``_img``.
    image, labels
        The files.
    split
        ``"train"`` or ``"val"``; others are left alone.
    kind
        What sort of image it is; the folder's name if its index does not say.
    channels
        Numbers of the segmented and the nucleus channel, see
        `cellwire.images.channels.choose_channels`; ``None`` = not said.
    unlabelled
        Whether 0 outside of the region with cells means that nobody looked there.
    """

    name: str
    image: Path
    labels: Path
    split: str = "train"
    kind: str = ""
    channels: tuple[int | str, ...] | None = None
    unlabelled: bool = False


def find_pairs(folder: Path, notice: Callable[[str], None] | None = None) -> list[Pair]:
    """List the images of a folder that have labels.

    Two ways of keeping them are known: ``images/NAME.*`` with ``masks/NAME.*``, and in one folder
    ``NAME_img.*`` or ``NAME.*`` with one of ``NAME_masks.*``, ``NAME_labels.*``, Cellpose's
    ``NAME_seg.npy`` and ImageJ's ``NAME_rois.zip``, ``NAME_RoiSet.zip`` or ``NAME.zip``. An
    ``index.csv`` with a column ``id`` and any of ``split``, ``kind``, ``channels`` and
    ``unlabelled`` may say more.

    Parameters
    ----------
    folder
        The folder.
    notice
        Told, as a sentence, which files are left out.

    Raises
    ------
    TrainingDataError
        If the folder holds neither, or its index is wrong.
    """
    if not folder.is_dir():
        raise TrainingDataError(
            f"{folder} is not a folder.", "Give the folder that holds images/ and masks/."
        )
    if (folder / "images").is_dir() and (folder / "masks").is_dir():
        images = _images_by_name((folder / "images").iterdir(), ())
        labels = _labels_by_name((folder / "masks").iterdir(), images.keys())
    else:
        labels = _labels_by_name(folder.iterdir(), None)
        results = (*LABEL_ENDINGS, *NO_IMAGE_ENDINGS)
        images = _images_by_name(folder.iterdir(), results)
    names = sorted(images.keys() & labels.keys())
    if not names:
        raise TrainingDataError(
            f"No image in {folder} has labels beside it ({len(images)} images, {len(labels)} "
            "label files).",
            "Put images into images/ and labels of the same name into masks/, or name them "
            "NAME_img.tif and NAME_masks.tif.",
        )
    if notice is not None:
        _tell_of_the_lonely(folder, images, labels, notice)
    kind = folder.resolve().name
    pairs = {name: Pair(name, images[name], labels[name], kind=kind) for name in names}
    index = folder / "index.csv"
    return list((_indexed(index, pairs) if index.is_file() else pairs).values())


def _labels_by_name(files: Iterable[Path], images: Collection[str] | None) -> dict[str, Path]:
    """Give the best labels file of each name.

    Parameters
    ----------
    files
        What there is.
    images
        Names of the images if the files are in a folder for labels, where every one is some.
    """
    found: dict[str, tuple[int, Path]] = {}
    for path in sorted(files):
        ranked = _label_name(path, images)
        if ranked is not None and (ranked[1] not in found or ranked[0] < found[ranked[1]][0]):
            found[ranked[1]] = ranked[0], path
    return {name: path for name, (_, path) in found.items()}


def _label_name(path: Path, images: Collection[str] | None) -> tuple[int, str] | None:
    """Give the name that a labels file belongs to, after its rank: what people drew comes first."""
    suffix, stem = path.suffix.lower(), path.stem
    if suffix == ".npy" and stem.lower().endswith("_seg"):
        return 2, _plain_name(stem[:-4])
    if suffix == ".zip":
        ending = next(each for each in ROI_ENDINGS if stem.lower().endswith(each))
        return 3, _plain_name(stem[: len(stem) - len(ending)])
    if suffix not in IMAGE_SUFFIXES:
        return None
    if images is not None and _plain_name(stem) in images:
        return 0, _plain_name(stem)
    for ending in LABEL_ENDINGS:
        if stem.endswith(ending):
            bare = stem.removesuffix(ending)
            return int(bare.endswith("_cp")), _plain_name(bare.removesuffix("_cp"))
    return None if images is None else (0, _plain_name(stem))


def _images_by_name(files: Iterable[Path], results: tuple[str, ...]) -> dict[str, Path]:
    """Give the image of each name; stems that end in one of ``results`` are none."""
    found: dict[str, Path] = {}
    for path in sorted(files):
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.stem.endswith(results):
            name = _plain_name(path.stem)
            if name not in found or path.stem.endswith(IMAGE_ENDING):
                found[name] = path
    return found


def _plain_name(stem: str) -> str:
    return stem.removesuffix(IMAGE_ENDING)


def _tell_of_the_lonely(
    folder: Path, images: dict[str, Path], labels: dict[str, Path], notice: Callable[[str], None]
) -> None:
    for some, others, what, lack in (
        (images, labels, "images", "labels"),
        (labels, images, "label files", "an image"),
    ):
        lonely = [some[name].name for name in sorted(some.keys() - others.keys())]
        if lonely:
            notice(f"{len(lonely)} {what} of {folder} lack {lack} and are left out: {few(lonely)}.")


def few(names: list[str]) -> str:
    """List the first of some names, and say how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _indexed(index: Path, pairs: dict[str, Pair]) -> dict[str, Pair]:
    with index.open(newline="", encoding="utf-8-sig") as stream:
        rows = csv.DictReader(stream)
        if "id" not in (rows.fieldnames or ()):
            raise TrainingDataError(
                f"{index} has no column id; its columns are {', '.join(rows.fieldnames or ())}.",
                "Name the column with the images' names, without their endings, id.",
            )
        for number, row in enumerate(rows, start=2):
            pair = pairs.get(_plain_name(row["id"] or ""))
            if pair is not None:
                pairs[pair.name] = replace(
                    pair,
                    split=row.get("split") or "train",
                    kind=row.get("kind") or pair.kind,
                    channels=_channels(row.get("channels"), index, number),
                    unlabelled=_truth(row.get("unlabelled"), index, number),
                )
    return pairs


def _channels(text: str | None, index: Path, line: int) -> tuple[int | str, ...] | None:
    if not text or not text.strip():
        return None
    parts = re.split(r"[,;\s]+", text.strip())
    if len(parts) > 2 or not all(part.isdigit() for part in parts):
        raise TrainingDataError(
            f"Line {line} of {index} gives the channels {text!r}.",
            'Write one number, or two as "2,3" (segmented, nucleus), counted from 1; 0 = the mean.',
        )
    return tuple(int(part) for part in parts)


def _truth(text: str | None, index: Path, line: int) -> bool:
    plain = (text or "").strip().lower()
    if plain in ("", "0", "false", "no"):
        return False
    if plain in ("1", "true", "yes"):
        return True
    raise TrainingDataError(
        f"Line {line} of {index} gives {text!r} in the column unlabelled.",
        "Write 1 where 0 in the labels means that nobody looked there, else 0.",
    )
