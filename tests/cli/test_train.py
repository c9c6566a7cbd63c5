"""``cellwire train``, from folders to a model that is served."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from blob_network import blobs
from commanding import MODEL, Ended, in_own_process, run_here

from cellwire.networks.precision import has_fast_bf16

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHORT = ("--batch", "2", "--crop", "32", "--size-views", "12", "--min-train-masks", "1")


def write_set(folder: Path, count: int = 3, *, channels: int = 1) -> Path:
    """Images of blobs, the last of them for validation."""
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    rows = ["id,split,channels"]
    for number in range(count):
        image, labels = blobs(96, number)
        if channels > 1:
            image = np.stack([image // 2, image][-channels:])
        tifffile.imwrite(folder / "images" / f"{number}.tif", image, imagej=True)
        tifffile.imwrite(folder / "masks" / f"{number}.tif", labels)
        split = "val" if number == count - 1 else "train"
        rows.append(f"{number},{split},{'2;1' if channels > 1 else ''}")
    (folder / "index.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_from_several_folders_to_a_model_that_a_running_engine_serves(
    environment: dict[str, str], engine: str, home: Path, tmp_path: Path, image: Path
) -> None:
    one, two = write_set(tmp_path / "grey"), write_set(tmp_path / "pair", channels=2)
    out = tmp_path / "out"
    ended = in_own_process(
        environment, "train", str(one), str(two), "--from", MODEL, "--epochs", "2",
        "--share", "grey=0.7", "--out", str(out), "--measurements", "2", *SHORT,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert f"cellwire models add NAME {out / 'model'}" in ended.stdout
    assert "reading training images, computing flows: 4 of 4" in ended.stderr
    assert "crops/s" in ended.stderr
    assert "AP@0.5" in ended.stderr
    card = json.loads((out / "model" / "card.json").read_text())
    assert card["diam_mean"] == 17.0
    assert "2 grey, 2 pair" in card["data"]
    assert "shares of the views: grey 0.7" in card["recipe"]
    assert "AP@0.5, true diameters, validation images, pair" in card["figures"]
    assert "median relative error of the size model alone, validation images" in card["figures"]
    assert isinstance(card["bf16_ap_difference"], float) is has_fast_bf16()
    assert "| AP@0.5" in (out / "model" / "MODEL_CARD.md").read_text()
    assert (out / "model" / "curves.png").read_bytes()[1:4] == b"PNG"

    added = run_here("models", "add", "fine-tuned", str(out), home=home)
    assert added.code == 0, added.err
    assert "finds the diameter by itself" in added.out
    served = run_here(
        "segment", str(image), "--server", engine, "--model", "fine-tuned", "--diameter", "17",
        "--json", home=home,
    )  # fmt: skip
    assert served.code == 0, served.err
    assert json.loads(served.out)["model"] == "fine-tuned"

    shutil.rmtree(home / "models" / "fine-tuned")  # other tests share the home

    resumed = in_own_process(
        environment, "train", str(one), str(two), "--from", MODEL, "--epochs", "2",
        "--share", "grey=0.7", "--out", str(out), "--measurements", "2", *SHORT[:4],
        "--size-views", "0", "--min-train-masks", "1", "--resume",
    )  # fmt: skip
    assert resumed.returncode == 0, resumed.stderr
    assert "Trained for 4 steps" in ended.stdout + resumed.stdout
    assert not (out / "model" / "size.safetensors").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--crop", "50"], "--crop must be a multiple of 16; it is 50"),
        (["--precision", "fp8"], "--precision is fp32 or bf16; it is 'fp8'"),
        (["--optimizer", "adam"], "--optimizer is sgd or adamw; it is 'adam'"),
        (["--share", "grey"], "A share is KIND=NUMBER"),
        (["--share", "a=0.7", "--share", "b=0.7"], "must not exceed 1 in sum; they are 1.4"),
        (["--share", "purple=0.5"], "the training images are of the kinds grey"),
        (["--from", "nucleii"], "nuclei"),
        (["--from", "nuclei", "--no-style"], "The network of nuclei is built otherwise"),
        (["--channels", "3"], "Channel 3 was asked for; the image has 1"),
    ],
)
def test_wrong_options_are_said(
    cellwire: Callable[..., Ended], tmp_path: Path, options: list[str], said: str
) -> None:
    folder = write_set(tmp_path / "grey")
    (folder / "index.csv").unlink()
    ended = cellwire("train", folder, "--out", tmp_path / "out", *SHORT[2:], *options)
    assert ended.code == 2, ended.err
    assert said in ended.err
    assert not (tmp_path / "out" / "model").exists()
