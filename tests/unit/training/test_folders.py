from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tifffile

from cellwire.errors import TrainingDataError
from cellwire.training.folders import find_pairs
from tests.unit.training.samples import disks, write_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_two_folders_with_an_index(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", 4)
    (folder / "index.csv").write_text(
        'id,split,kind,channels,unlabelled\n0,val,fluo,"2,3",1\n1,,purple,3;1,0\n3,test,,,\n'
    )
    pairs = {pair.name: pair for pair in find_pairs(folder)}
    assert [(p.split, p.kind, p.channels, p.unlabelled) for p in pairs.values()] == [
        ("val", "fluo", (2, 3), True), ("train", "purple", (3, 1), False),
        ("train", "set", None, False), ("test", "set", None, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,split\n0,val\n", "no column id; its columns are name, split"),
        ("id,channels\n0,red\n", "Line 2 .* channels 'red'"),
        ('id,channels\n0,1\n1,"1,2,3"\n', "Line 3 .* channels '1,2,3'"),
        ("id,unlabelled\n0,maybe\n", "Line 2 .* 'maybe' in the column unlabelled"),
    ],
)
def test_a_wrong_index_is_said(tmp_path: Path, text: str, said: str) -> None:
    folder = write_folder(tmp_path / "set", 2)
    (folder / "index.csv").write_text(text)
    with pytest.raises(TrainingDataError, match=said):
        find_pairs(folder)


def test_one_folder_with_all_kinds_of_labels(tmp_path: Path) -> None:
    for name in (
        "a_img.tif", "a_masks.tif", "b.tif", "b_masks.tif", "c.tif", "c_cp_masks.tif",
        "d_img.tif", "d_img_masks.tif", "e.tif", "f.tif", "g.tif", "h.tif", "i.tif", "i_labels.tif",
        "a_img_flows.tif",
    ):  # fmt: skip
        tifffile.imwrite(tmp_path / name, disks(0))
    for name in ("e_seg.npy", "f_rois.zip", "g_RoiSet.zip", "h.zip", "b_seg.npy"):
        (tmp_path / name).touch()
    notices: list[str] = []
    found = find_pairs(tmp_path, notices.append)
    assert [(p.name, p.image.name, p.labels.name) for p in found] == [
        ("a", "a_img.tif", "a_masks.tif"), ("b", "b.tif", "b_masks.tif"),
        ("c", "c.tif", "c_cp_masks.tif"), ("d", "d_img.tif", "d_img_masks.tif"),
        ("e", "e.tif", "e_seg.npy"), ("f", "f.tif", "f_rois.zip"), ("g", "g.tif", "g_RoiSet.zip"),
        ("h", "h.tif", "h.zip"), ("i", "i.tif", "i_labels.tif"),
    ]  # fmt: skip
    assert not notices


def test_names_in_two_folders_may_end_in_anything(tmp_path: Path) -> None:
    for part, names in (
        ("images", ("a_mask", "b", "c_img", "d")),
        ("masks", ("a_mask", "b_masks", "c_img_cp_masks", "c_masks", "d")),
    ):
        (tmp_path / part).mkdir()
        for name in names:
            tifffile.imwrite(tmp_path / part / f"{name}.tif", disks(0))
    assert [(pair.name, pair.labels.stem) for pair in find_pairs(tmp_path)] == [
        ("a_mask", "a_mask"), ("b", "b_masks"), ("c", "c_masks"), ("d", "d"),
    ]  # fmt: skip


def test_images_without_labels_and_labels_without_images_are_told(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", 3)
    (folder / "masks" / "0.tif").unlink()
    (folder / "images" / "2.tif").unlink()
    notices: list[str] = []
    assert [pair.name for pair in find_pairs(folder, notices.append)] == ["1"]
    assert len(notices) == 2
    assert "1 images of" in notices[0]
    assert notices[0].endswith("lack labels and are left out: 0.tif.")
    assert notices[1].endswith("lack an image and are left out: 2.tif.")
    (folder / "images" / "1.tif").unlink()
    with pytest.raises(TrainingDataError, match=r"\(1 images, 2 label files\)"):
        find_pairs(folder)


def test_what_is_no_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="not a folder"):
        find_pairs(tmp_path / "none")
    with pytest.raises(TrainingDataError, match="labels beside"):
        find_pairs(tmp_path)
