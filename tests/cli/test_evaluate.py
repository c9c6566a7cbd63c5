"""cellwire evaluate with groups, settings, sizes, others' labels and pictures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import tifffile
from blob_network import blobs
from commanding import MODEL, write_array
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three fields, of two kinds and two splits, and labels that another program made."""
    folder = tmp_path / "data"
    for name in ("images", "masks", "theirs"):
        (folder / name).mkdir(parents=True)
    rows = ["id,split,kind"]
    for seed, split, kind in ((4, "val", "dim"), (5, "val", "bright"), (6, "train", "dim")):
        pixels, labels = blobs(112, seed)
        write_array(folder / "images" / f"f{seed}.tif", pixels)
        write_array(folder / "masks" / f"f{seed}.tif", labels)
        theirs = labels.copy()
        theirs[theirs == 1] = 0
        tifffile.imwrite(folder / "theirs" / f"f{seed}_labels.tif", theirs)
        rows.append(f"f{seed},{split},{kind}")
    (folder / "index.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture
def evaluate(cellwire: Callable[..., object], data: Path) -> Callable[..., object]:
    """Evaluate on the fields."""
    folders = ("--images", data / "images", "--labels", data / "masks")
    return lambda *options: cellwire("evaluate", *folders, *options)


def test_settings_and_others_labels_in_one_table(
    evaluate: Callable[..., object], data: Path, tmp_path: Path
) -> None:
    scores = tmp_path / "scores.json"
    ended = evaluate(
        "--model", MODEL, "--diameter", "gt,17", "--predictions", data / "theirs",
        "--group", "kind", "--split", "val", "--json", scores, "--markdown",
        "--pictures", tmp_path / "pictures",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    figures, gallery = ended.out.strip().split("\n\n")
    table = [line.split("|") for line in figures.splitlines()]
    assert [row[1].strip() for row in table[2:]] == [MODEL] * 6 + ["theirs"] * 3
    assert [row[3].strip() for row in table[2:5]] == ["bright", "dim", "all"]
    runs = json.loads(scores.read_text())["runs"]
    assert [(run["model"], run["diameter"]) for run in runs] == [
        (MODEL, "gt"), (MODEL, "17"), ("theirs", ""),
    ]  # fmt: skip
    assert all([image["name"] for image in run["images"]] == ["f4", "f5"] for run in runs)
    theirs = runs[2]
    wanted = theirs["pooled"]["objects"]
    assert theirs["pooled"]["predicted"] == wanted - 2
    assert theirs["pooled"]["ap"]["0.95"] == pytest.approx((wanted - 2) / wanted)
    assert theirs["groups"]["dim"]["mean"]["images"] == 1
    saved = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert {f"{MODEL}-gt-dim-best.png", "theirs-bright-best.png"} <= saved
    assert len(saved) == 6
    assert sum(f"/{name})" in gallery for name in saved) == 6
    with Image.open(tmp_path / "pictures" / "theirs-dim-best.png") as picture:
        assert picture.size == (560, 608)


def test_images_at_other_sizes(evaluate: Callable[..., object], tmp_path: Path) -> None:
    scores = tmp_path / "scores.json"
    ended = evaluate(
        "--model", MODEL, "--diameter", "gt", "--rescale-to", "12,24", "--rescale", "1",
        "--split", "val", "--json", scores,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    runs = json.loads(scores.read_text())["runs"]
    assert [run["rescaled"] for run in runs] == ["× 1", "12 px", "24 px", "all of these"]
    for run, target in zip(runs[1:3], (12, 24), strict=True):
        diameters = [image["true_diameter"] for image in run["images"]]
        assert diameters == pytest.approx([target] * 2)
        assert run["mean"]["ap"]["0.5"] > 0.7
    assert runs[3]["mean"]["images"] == 6
    assert runs[3]["pooled"]["objects"] == sum(run["pooled"]["objects"] for run in runs[:3])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--split", "test"), "No image in .* is in the split 'test'.*train, val"),
        (("--group", "colour"), "no column 'colour'; it has id, split, kind"),
        (("--rescale", "0"), "--rescale takes numbers above 0"),
        (("--rescale-to", "wide"), "--rescale-to takes numbers above 0"),
        (("--diameter", "gt,tiny"), "diameter 'tiny' is not understood"),
        (("--diameter", "auto"), "has no size model"),
        (("--model", "nuclei,"), "one of 'nuclei,' is empty"),
        (("--flow-threshold", "-2"), "flow"),
    ],
)
def test_wishes_that_cannot_be(
    evaluate: Callable[..., object], options: tuple[str, ...], said: str
) -> None:
    import re

    model = () if "--model" in options else ("--model", MODEL)
    ended = evaluate(*model, *options)
    assert ended.code in (2, 3), ended
    assert re.search(said, ended.err), ended.err


def test_others_labels_must_fit_and_are_not_resized(
    evaluate: Callable[..., object], data: Path
) -> None:
    ended = evaluate("--predictions", data / "theirs", "--rescale", "2")
    assert ended.code == 2
    assert "labels that are there already" in ended.err
    tifffile.imwrite(data / "theirs" / "f5_labels.tif", blobs(96, 5)[1])
    ended = evaluate("--predictions", data / "theirs")
    assert ended.code == 3
    assert "112×112 pixels, its labels f5_labels.tif have 96×96" in ended.err
    (data / "theirs" / "f5_labels.tif").unlink()
    assert "1 of 3 images" in evaluate("--predictions", data / "theirs").err
