from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cellwire.errors import TrainingDataError
from cellwire.evaluation.pairing import pair_by_stem

if TYPE_CHECKING:
    from pathlib import Path


def folder(place: Path, *names: str) -> Path:
    place.mkdir(exist_ok=True)
    for name in names:
        (place / name).touch()
    return place


def test_endings_and_types_pair_up(tmp_path: Path) -> None:
    images = folder(tmp_path / "i", "a.png", "b_img.tif", "c.jpg", "d.tif", "notes.txt")
    labels = folder(
        tmp_path / "l", "a.tif", "b_masks.png", "c_labels.tif", "d_cp_masks.png", "e.tif"
    )
    found = [(i.name, m.name) for i, m in pair_by_stem(images, labels)]
    assert found == [
        ("a.png", "a.tif"),
        ("b_img.tif", "b_masks.png"),
        ("c.jpg", "c_labels.tif"),
        ("d.tif", "d_cp_masks.png"),
    ]


def test_one_folder_holds_both(tmp_path: Path) -> None:
    both = folder(tmp_path / "both", "a_img.png", "a_masks.png", "b.png", "b_labels.tif")
    found = [(i.name, m.name) for i, m in pair_by_stem(both, both)]
    assert found == [("a_img.png", "a_masks.png"), ("b.png", "b_labels.tif")]


def test_missing_labels_are_listed(tmp_path: Path) -> None:
    images = folder(tmp_path / "i", "a.png", "b.png")
    labels = folder(tmp_path / "l", "a.png")
    with pytest.raises(TrainingDataError, match=r"1 of 2 images.*no labels.*b\.png"):
        pair_by_stem(images, labels)


def test_two_labels_for_one_image(tmp_path: Path) -> None:
    images = folder(tmp_path / "i", "a.png")
    labels = folder(tmp_path / "l", "a.png", "a_masks.tif")
    with pytest.raises(TrainingDataError, match="both labels of 'a'"):
        pair_by_stem(images, labels)


def test_folders_that_are_none_or_empty(tmp_path: Path) -> None:
    images = folder(tmp_path / "i", "a.png")
    with pytest.raises(TrainingDataError, match="There is no folder"):
        pair_by_stem(images, tmp_path / "absent")
    with pytest.raises(TrainingDataError, match="holds no labels"):
        pair_by_stem(images, folder(tmp_path / "empty"))
