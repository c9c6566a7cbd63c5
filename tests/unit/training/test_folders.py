from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from cellwire.errors import TrainingDataError
from cellwire.training.folders import find_pairs, load_images
from tests.unit.training.samples import disks, prepare, write_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_two_folders_with_an_index(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set")
    (folder / "index.csv").write_text("id,split,kind\n0,val,fluo\n1,train,purple\n")
    pairs = {pair.name: pair for pair in find_pairs(folder)}
    assert [(p.split, p.kind) for p in pairs.values()] == [
        ("val", "fluo"), ("train", "purple"), ("train", ""),
    ]  # fmt: skip


def test_cellpose_names(tmp_path: Path) -> None:
    for name in ("a_img.tif", "a_masks.tif", "b.tif", "b_masks.tif", "alone.tif"):
        tifffile.imwrite(tmp_path / name, disks(0))
    assert [(p.name, p.image.name) for p in find_pairs(tmp_path)] == [
        ("a", "a_img.tif"), ("b", "b.tif"),
    ]  # fmt: skip


def test_images_carry_flows_diameter_and_number(tmp_path: Path) -> None:
    image = load_images(find_pairs(write_folder(tmp_path / "set", 1)), prepare, 1)[0]
    assert image.image.shape == (80, 96, 2)
    assert image.flows.shape == (2, 80, 96)
    assert image.cells == len(np.unique(disks(0))) - 1
    assert 10 < image.diameter < 14


def test_what_cannot_be_used_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="not a folder"):
        find_pairs(tmp_path / "none")
    with pytest.raises(TrainingDataError, match="labels beside"):
        find_pairs(tmp_path)
    folder = write_folder(tmp_path / "set", 2)
    with pytest.raises(TrainingDataError, match="least number of cells, 50"):
        load_images(find_pairs(folder), prepare, 50)
    tifffile.imwrite(folder / "masks" / "0.tif", np.zeros((5, 7), np.uint16))
    with pytest.raises(TrainingDataError, match="80×96"):
        load_images(find_pairs(folder), prepare, 1)
