from __future__ import annotations

import json
import os
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from commanding import MODEL, in_own_process, write_array, write_image
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALL = "labels,rois,overlay,table,flows,cellprob,style,unedited,seg"
CELLS = 25


def test_an_image_becomes_labels_and_rois_beside_it(
    cellwire: Callable[..., object], image: Path
) -> None:
    ended = cellwire("segment", image, "--model", MODEL)
    assert ended.code == 0, ended.err
    assert f"{CELLS} cells, diameter 17 px (the default of {MODEL}" in ended.out
    labels = tifffile.imread(image.with_name("field_labels.tif"))
    assert labels.dtype == np.uint16
    assert labels.max() == CELLS
    with zipfile.ZipFile(image.with_name("field_rois.zip")) as archive:
        assert len(archive.namelist()) == CELLS
    assert sorted(p.name for p in image.parent.iterdir()) == [
        "field.tif",
        "field_labels.tif",
        "field_rois.zip",
    ]


def test_the_wire_gives_the_same_bytes(
    cellwire: Callable[..., object], engine: str, image: Path, tmp_path: Path
) -> None:
    options = ("--model", MODEL, "--save", ALL, "--diameter", "8.5um", "--exclude-edges")
    here = cellwire("segment", image, *options, "--out", tmp_path / "here")
    there = cellwire("segment", image, *options, "--out", tmp_path / "there", "--server", engine)
    assert (here.code, there.code) == (0, 0), here.err + there.err
    names = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert len(names) == 10
    for name in names:
        if name.endswith("rois.zip"):
            assert _members(tmp_path / "here" / name) == _members(tmp_path / "there" / name)
        else:
            same = (tmp_path / "here" / name).read_bytes() == (
                tmp_path / "there" / name
            ).read_bytes()
            assert same, name
    assert tifffile.imread(tmp_path / "there" / "field_labels.tif").max() == CELLS


def _members(path: Path) -> tuple[bytes, dict[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        return archive.comment, {name: archive.read(name) for name in archive.namelist()}


def test_json_is_one_object_a_line(cellwire: Callable[..., object], tmp_path: Path) -> None:
    good = write_image(tmp_path / "good.tif")
    bad = tmp_path / "bad.tif"
    bad.write_text("no image")
    ended = cellwire("segment", bad, good, "--model", MODEL, "--json")
    assert ended.code == 1
    first, second = (json.loads(line) for line in ended.out.splitlines())
    assert first["file"] == str(bad)
    assert first["reason"] == "IMAGE_UNREADABLE"
    assert "bad.tif" in first["error"]
    assert second["file"] == str(good)
    assert second["model"] == MODEL
    assert second["diameter"] == 17.0
    assert second["diameter_source"] == "model"
    assert second["cells"] == CELLS
    assert second["seconds"] > 0
    assert second["outputs"] == [
        str(tmp_path / f"good_{end}") for end in ("labels.tif", "rois.zip")
    ]


def test_images_of_one_stem_do_not_overwrite_each_other(
    cellwire: Callable[..., object], tmp_path: Path
) -> None:
    images = [write_image(tmp_path / plate / "a1.tif", seed) for seed, plate in enumerate("pq")]
    png = tmp_path / "q" / "a1.png"
    Image.fromarray(tifffile.imread(images[1])).save(png)
    out = tmp_path / "out"
    ended = cellwire("segment", *images, png, "--model", MODEL, "--out", out, "--save", "labels")
    assert ended.code == 0, ended.err
    names = ["a1_labels.tif", "a1_png_labels.tif", "a1_tif_labels.tif"]
    assert sorted(path.name for path in out.iterdir()) == names
    again = cellwire(
        "segment", *images, "--model", MODEL, "--out", tmp_path / "two", "--save", "labels"
    )
    assert again.code == 0
    names = sorted(path.name for path in (tmp_path / "two").iterdir())
    assert names == ["p_a1_labels.tif", "q_a1_labels.tif"]


def test_a_second_run_over_everything_leaves_out_what_the_first_one_made(
    cellwire: Callable[..., object], image: Path
) -> None:
    elsewhere = image.parent.with_name(f"{image.parent.name}_elsewhere")
    kinds = ("--model", MODEL, "--save", "labels,overlay,flows")
    assert cellwire("segment", image, *kinds).code == 0
    made = {path.name for path in image.parent.iterdir()}
    for folder in ((), ("--out", elsewhere)):
        ended = cellwire("segment", f"{image.parent}/*.*", *kinds, *folder)
        assert ended.code == 0
        assert "Left out, since they are results of Cellwire: field_flows.tif" in ended.err
        assert {path.name for path in image.parent.iterdir()} == made
    assert {path.name for path in elsewhere.iterdir()} == made - {image.name}
    ended = cellwire("segment", image.with_name("field_labels.tif"), *kinds)
    assert ended.code == 3
    assert "only results of Cellwire here, no images: field_labels.tif" in ended.err


def test_an_image_too_wide_for_imagejs_rois_is_segmented_without_them(
    cellwire: Callable[..., object], engine: str, tmp_path: Path
) -> None:
    wide = write_array(tmp_path / "wide.tif", np.eye(8, 32_768, dtype=np.uint8))
    command = ("segment", wide, "--model", MODEL, "--diameter", "136", "--min-size", "-1")
    for where in ((), ("--server", engine)):
        ended = cellwire(*command, *where)
        assert ended.code == 0, ended.err
        assert "ImageJ's format ends at pixel 32,767" in ended.err
        assert sorted(path.name for path in tmp_path.iterdir()) == ["wide.tif", "wide_labels.tif"]
        ended = cellwire(*command, "--save", "rois", *where)
        assert ended.code == 3
        for word in ("8 × 32,768 pixels", "32,767", "--save labels"):
            assert word in ended.err


def test_results_can_be_protected(cellwire: Callable[..., object], image: Path) -> None:
    target = image.with_name("field_labels.tif")
    target.write_text("mine")
    ended = cellwire("segment", image, "--model", MODEL, "--no-overwrite")
    assert ended.code == 2
    assert "field_labels.tif is there already" in ended.err
    assert target.read_text() == "mine"


def test_channels_planes_and_masks_are_chosen(
    cellwire: Callable[..., object], image: Path, tmp_path: Path
) -> None:
    plane = tifffile.imread(image)
    empty = np.full_like(plane, 5)
    stack = write_array(tmp_path / "stack.tif", np.stack([empty, plane]), imagej=True,
                        metadata={"axes": "CYX", "Labels": ["membrane", "DAPI"]})  # fmt: skip
    by_number = cellwire("segment", stack, "--model", MODEL, "--channels", "2", "--json")
    assert json.loads(by_number.out)["cells"] == CELLS, by_number.err
    z = write_array(tmp_path / "z.tif", np.stack([empty, empty, plane]), photometric="minisblack")
    ended = cellwire("segment", z, "--model", MODEL, "--axes", "ZYX", "--plane", "Z=3", "--json")
    assert json.loads(ended.out)["cells"] == CELLS, ended.err
    half = np.zeros(plane.shape, np.uint8)
    half[:, :50] = 255
    mask = write_array(tmp_path / "half.tif", half)
    ended = cellwire("segment", image, "--model", MODEL, "--mask", mask, "--json")
    assert json.loads(ended.out)["cells"] == 10, ended.err


def test_the_client_path_imports_no_network(
    environment: dict[str, str], engine: str, image: Path
) -> None:
    code = (
        "import sys\n"
        "from cellwire.cli.app import app\n"
        "try:\n"
        "    app(sys.argv[1:])\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "heavy = {'torch', 'numba', 'cv2', 'scipy', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    import subprocess
    import sys

    for arguments in (
        ["--help"],
        ["segment", "--help"],
        [
            "segment",
            str(image),
            "--model",
            MODEL,
            "--save",
            "labels,rois,table",
            "--server",
            engine,
        ],
    ):
        ended = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stderr


def test_a_command_in_its_own_process(environment: dict[str, str], image: Path) -> None:
    ended = in_own_process(environment, "segment", str(image), "--model", MODEL, "--device", "cpu")
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert os.linesep.join(ended.stdout.splitlines()[1:]).endswith("field_rois.zip")


@pytest.mark.parametrize("wanted", ["10um", "30", "30px", " 12 µm "])
def test_diameters_are_understood(
    cellwire: Callable[..., object], image: Path, wanted: str
) -> None:
    ended = cellwire(
        "segment", image, "--model", MODEL, "--diameter", wanted, "--json", "--save", "style"
    )
    found = json.loads(ended.out)
    assert found["diameter"] == {"10um": 20.0, " 12 µm ": 24.0}.get(wanted, 30.0)
    assert found["diameter_source"] == "given"
