from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from cellwire.cli.app import app
from cellwire.errors import OutputWriteError
from cellwire.images.reading import read_image
from cellwire.training.folders import find_pairs
from cellwire.training.simulation import folder as writing
from cellwire.training.simulation.composing import KINDS, image_tiff, simulate
from cellwire.training.simulation.nuclei import made_bank, real_bank
from cellwire.training.training_images import load_images

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.training.simulation.nuclei import NucleusBank


@pytest.fixture(scope="module")
def bank() -> NucleusBank:
    return made_bank(0, 8)


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["simulate", *map(str, arguments)])
    return result.exit_code, result.output + result.stderr


def light_of_cells(labels: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Mean brightness of each cell, from label 1 on."""
    inside = labels > 0
    return np.bincount(labels[inside], plane[inside])[1:] / np.bincount(labels[inside])[1:]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("index", range(3))
def test_every_kind_gives_labelled_cells(kind: str, index: int, bank: NucleusBank) -> None:
    made = simulate(kind, index, 3, 160, bank)
    assert made.image.shape == (2, 160, 160)
    assert made.image.dtype in (np.uint8, np.uint16)
    assert made.image[0].std() > 0
    assert made.labels.shape == (160, 160)
    assert made.labels.dtype == np.uint16
    numbers, areas = np.unique(made.labels, return_counts=True)
    assert np.array_equal(numbers[numbers > 0], np.arange(1, made.labels.max() + 1))
    assert made.labels.max() >= 5
    assert areas[numbers > 0].min() >= 15
    for label in numbers[numbers > 0]:
        parts, _ = cv2.connectedComponents((made.labels == label).astype(np.uint8), connectivity=4)
        assert parts == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_depends_on_its_number_and_seed_alone(kind: str, bank: NucleusBank) -> None:
    first = simulate(kind, 5, 1, 128, bank)
    simulate(kind, 4, 1, 128, bank)
    again, other = simulate(kind, 5, 1, 128, bank), simulate(kind, 5, 2, 128, bank)
    assert image_tiff(first.image) == image_tiff(again.image)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.labels, other.labels)


def test_cells_are_told_from_the_background_by_their_light(bank: NucleusBank) -> None:
    """In sharp fluorescence, a threshold finds much of what the labels say."""
    agreements = []
    for index in range(12):
        made = simulate("sim_culture", index, 0, 160, bank)
        cells = made.labels > 0
        light = cv2.GaussianBlur(made.image[0].astype(np.float32), (0, 0), 2)
        if 0.2 < cells.mean() < 0.8:
            agreements.append(abs(np.corrcoef(light.ravel(), cells.ravel())[0, 1]))
    assert len(agreements) >= 3
    assert np.median(agreements) > 0.4


def test_nuclei_of_a_plane_stand_out_of_it(bank: NucleusBank) -> None:
    """Grazed and dim ones too: what is far dimmer than the others is not outlined."""
    standing_out = []
    for index in range(12):
        made = simulate("sim_stack", index, 0, 160, bank)
        assert not made.image[1].any()
        smooth = cv2.GaussianBlur(made.image[0].astype(np.float32), (0, 0), 1.5)
        ground = float(np.median(smooth[made.labels == 0]))
        light = light_of_cells(made.labels, smooth)
        # Inverted pictures have dark nuclei.
        sign = np.sign(np.median(light) - ground)
        standing_out.append(float(np.mean(sign * (light - ground) > 0.0)))
    assert np.median(standing_out) > 0.9


def test_cells_of_stroma_show_their_nuclei(bank: NucleusBank) -> None:
    """Its stain says nothing of most cells, so none may lack its nucleus."""
    shown, told = [], []
    for index in range(12):
        made = simulate("sim_stroma", index, 0, 160, bank)
        signal, nuclei = (
            light_of_cells(made.labels, cv2.GaussianBlur(plane, (0, 0), 1.5))
            - np.median(plane[made.labels == 0])
            for plane in made.image.astype(np.float32)
        )
        shown.append(float(np.mean(nuclei > 0.0)))
        told.append(float(np.mean(signal > 0.0)))
    assert np.median(shown) > 0.95
    assert np.median(shown) > np.median(told) + 0.1


def test_the_command_writes_what_training_reads(tmp_path: Path) -> None:
    out, sheet = tmp_path / "set", tmp_path / "sheet.png"
    code, said = run(
        out, "--kinds", "culture,sim_yeast", "--count", 4, "--size", 128, "--seed", 7,
        "--validation-share", 0.25, "--sheet", sheet,
    )  # fmt: skip
    assert code == 0, said
    pairs = find_pairs(out)
    assert sorted(pair.kind for pair in pairs) == ["sim_culture"] * 4 + ["sim_yeast"] * 4
    assert [pair.split for pair in pairs].count("val") == 2
    assert read_image(pairs[0].image).axes == "CYX"
    images = load_images(pairs, least_cells=5)
    assert len(images) == 8
    assert {image.image.shape for image in images} == {(128, 128, 2)}
    assert read_image(sheet).array.shape[0] == 3
    assert not list(tmp_path.rglob("*.part"))
    code, said = run(out, "--count", 1)
    assert code != 0
    assert "not empty" in said


def test_the_same_pictures_whatever_else_is_made(tmp_path: Path) -> None:
    for name, kinds, count in (("one", "yeast", 2), ("two", "bacteria,yeast", 3)):
        assert run(tmp_path / name, "--kinds", kinds, "--count", count, "--size", 96)[0] == 0
    for part in ("images", "masks"):
        one, two = (tmp_path / name / part / "sim_yeast_00001.tif" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--count", 0), "at least 1"),
        (("--kinds", "cultures"), "sim_culture, sim_membrane"),
        (("--kinds", ","), "Nothing"),
        (("--size", 20), "96 to 1024"),
        (("--nuclei", "/nowhere"), "index.csv"),
    ],
)
def test_bad_options_are_said(tmp_path: Path, options: tuple[object, ...], expected: str) -> None:
    code, said = run(tmp_path / "set", *options)
    assert code != 0
    assert expected in " ".join(said.split())
    assert not (tmp_path / "set").exists()


def test_nothing_to_write() -> None:
    code, said = run("--count", 1)
    assert code != 0
    assert "--sheet" in said


def test_a_file_in_the_folders_place_and_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "set").write_text("")
    code, said = run(tmp_path / "set")
    assert code != 0
    assert "is a file" in said
    with pytest.raises(OutputWriteError, match="MiB are free"):
        writing.check_folder(tmp_path / "new", 10**9, 1024)


def test_real_nuclei_lend_their_texture(shared_data: Path) -> None:
    bank = real_bank(shared_data / "nuclei_train", 0)
    assert len(bank.light) > 100
    assert np.isfinite(bank.light).all()
    inside = bank.cover > 0
    assert 0.8 < np.median(bank.light[inside]) < 1.2
    areas = bank.cover.sum(axis=(1, 2))
    assert np.median(np.abs(areas / (np.pi * 24**2) - 1)) < 0.05
