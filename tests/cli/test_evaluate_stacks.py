"""cellwire evaluate on stacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from blob_network import blobs
from commanding import MODEL
from scipy import ndimage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEPTH, SIDE = 12, 80


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stacks of columns of disks, files that do not say what their axes are, and others'."""
    folder = tmp_path_factory.mktemp("stacks")
    for name in ("images", "masks", "theirs"):
        (folder / name).mkdir()
    for seed in (1, 2):
        pixels, labels = blobs(SIDE, seed)
        empty = blobs(SIDE, seed + 10)[0].min() + np.zeros_like(pixels)
        inside = slice(3, DEPTH - 3)
        stack, truth = np.stack([empty] * DEPTH), np.zeros((DEPTH, SIDE, SIDE), np.uint16)
        stack[inside], truth[inside] = pixels, labels
        tifffile.imwrite(folder / "images" / f"s{seed}.tif", stack)
        tifffile.imwrite(folder / "masks" / f"s{seed}.tif", truth)
        theirs = truth.copy()
        theirs[theirs == 1] = 0
        tifffile.imwrite(folder / "theirs" / f"s{seed}_labels.tif", theirs)
    return folder


@pytest.fixture
def evaluate(cellwire: Callable[..., object], data: Path) -> Callable[..., object]:
    folders = ("--images", data / "images", "--labels", data / "masks")
    return lambda *options: cellwire("evaluate", *folders, *options)


def test_ways_of_stacks_in_one_table(
    evaluate: Callable[..., object], data: Path, tmp_path: Path
) -> None:
    scores = tmp_path / "scores.json"
    ended = evaluate(
        "--model", MODEL, "--axes", "ZYX", "--do-3d", "--anisotropy", "2", "--stitch",
        "--compat", "none,cellpose3", "--diameter", "gt", "--predictions", data / "theirs",
        "--only", "s2",
        "--json", scores, "--each-image", "--markdown", "--pictures", tmp_path / "pictures",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    runs = json.loads(scores.read_text())["runs"]
    assert [(run["model"], run.get("stack"), run.get("compat")) for run in runs] == [
        (MODEL, "volume", "none"), (MODEL, "volume", "cellpose3"), (MODEL, "stitched", "none"),
        (MODEL, "stitched", "cellpose3"), ("theirs", None, None),
    ]  # fmt: skip
    truths = [tifffile.imread(data / "masks" / "s2.tif")]
    for run in runs:
        assert [image["objects"] for image in run["images"]] == [t.max() for t in truths]
        assert all(image["boundary"]["0.05"]["fscore"] is None for image in run["images"])
    stitched, theirs = runs[2], runs[4]
    assert stitched["mean"]["ap"]["0.5"] > 0.8
    for image, truth in zip(theirs["images"], truths, strict=True):
        assert image["ap"]["0.95"] == pytest.approx(1 - 1 / truth.max())
    volume = np.unique(truths[0][truths[0] > 0], return_counts=True)[1]
    diameter = np.median(np.cbrt(6 * 2 * volume / np.pi))
    for run in runs:
        assert run["images"][0]["true_diameter"] == pytest.approx(diameter)
        assert run["images"][0]["anisotropy"] == 2
    summary, each, _ = ended.out.strip().split("\n\n")
    assert summary.count("stitched") == 2
    rows = [row.split("|")[1].strip() for row in each.splitlines()[2:]]
    assert rows == ["s2", "mean"]
    assert len(list((tmp_path / "pictures").iterdir())) == 5


def test_one_diameter_and_the_anisotropy_from_the_labels(
    evaluate: Callable[..., object], data: Path, tmp_path: Path
) -> None:
    scores = tmp_path / "scores.json"
    ended = evaluate(
        "--model", MODEL, "--axes", "ZYX", "--do-3d", "--stitch", "--anisotropy", "gt",
        "--diameter", "gt", "--only", "s2", "--json", scores,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    volume, stitched = (run["images"][0] for run in json.loads(scores.read_text())["runs"])
    truth = tifffile.imread(data / "masks" / "s2.tif")
    boxes = ndimage.find_objects(truth)
    sides = [along.stop - along.start for box in boxes for along in box[1:]]
    anisotropy = np.median(sides) / (DEPTH - 6)
    diameter = np.median(np.cbrt(6 / np.pi * anisotropy * np.bincount(truth.ravel())[1:]))
    for image in (volume, stitched):
        assert image["anisotropy"] == pytest.approx(anisotropy)
        assert image["true_diameter"] == pytest.approx(diameter)
    assert volume["ap"]["0.5"] > 0.8


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--axes", "ZYX"), 2, "Add --do-3d, --stitch, or both"),
        (("--do-3d",), 3, "does not say what they are"),
        (("--axes", "ZYX", "--do-3d", "--diameter", "gt"), 2, "the file does not say how far"),
        (("--axes", "ZYX", "--do-3d", "--anisotropy", "0"), 2, "anisotropy must be above 0"),
        (("--axes", "ZYX", "--stitch", "--anisotropy", "2"), 2, "--do-3d was not given"),
        (("--axes", "ZYX", "--stitch", "--anisotropy", "gt"), 2, "--do-3d was not given"),
        (("--axes", "ZYX", "--do-3d", "--anisotropy", "GB"), 2, "a number or auto or gt"),
        (("--axes", "ZYX", "--stitch", "--diameter", "gt"), 2, "Add --anisotropy gt"),
        (("--axes", "ZYX", "--stitch", "--rescale", "2"), 2, "only planes are resized"),
        (("--axes", "TYX", "--do-3d", "--anisotropy", "1"), 3, "a time series of 12 frames"),
        (("--axes", "ZYX", "--stitch", "--compat", "none,cellpose2"), 2, "cellpose2"),
        (("--axes", "ZYX", "--stitch", "--only", "s1,s9"), 3, "no image 's9'"),
    ],
)
def test_what_cannot_be_done(
    evaluate: Callable[..., object], options: tuple[str, ...], code: int, words: str
) -> None:
    ended = evaluate("--model", MODEL, *options)
    assert (ended.code, words in ended.err) == (code, True), ended.err


def test_labels_of_another_size_or_with_planes_missing(
    cellwire: Callable[..., object], data: Path, tmp_path: Path
) -> None:
    labels = tifffile.imread(data / "masks" / "s1.tif")
    tifffile.imwrite(tmp_path / "s1.tif", labels[1:])
    ended = cellwire(
        "evaluate", "--images", data / "images", "--labels", data / "masks", "--axes", "ZYX",
        "--predictions", tmp_path, "--only", "s1",
    )  # fmt: skip
    assert ended.code == 3
    assert "12×80×80 pixels, its labels s1.tif have 11×80×80" in ended.err
