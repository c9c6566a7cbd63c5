"""The macros that come with the plugin, each run by ImageJ on images with cells."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pictures
import pytest
from imagej_process import Installation
from java_tools import BRIDGE

from cellwire_client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagej_process import ImageJ
    from java_tools import Java

    from cellwire_client.engine import Engine
    from tests.engine_process import EngineProcess

MACROS = BRIDGE / "macros"
PLANE = pictures.nuclei(128, 160, seed=31)
SERIES = np.stack([pictures.nuclei(96, 96 + 32, seed) for seed in (41, 42, 43)])
TWO = np.stack([np.stack([plane, plane[::-1] // 2]) for plane in SERIES])
"""(Z, C, Y, X); the second channel is measured, and has other intensities."""


@pytest.fixture(scope="module")
def imagej(
    jar: Path,
    display: str,
    harness: Path,
    newest_java: Java,
    engine: EngineProcess,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ImageJ]:
    """An ImageJ that has the function library."""
    installation = Installation(tmp_path_factory.mktemp("imagej"), jar, display)
    installation.prefer(server=engine.address)
    library = installation.folder / "macros" / "Library.txt"
    library.parent.mkdir()
    library.write_text((MACROS / "cellwire_functions.ijm").read_text())
    # ImageJ looks for a library only beside start-up macros, which Debian's package lacks.
    (library.parent / "StartupMacros.txt").write_text("macro 'Nothing' { }\n")
    imagej = installation.open_window(newest_java, harness)
    yield imagej
    imagej.close()


@pytest.fixture(autouse=True)
def desk(imagej: ImageJ) -> Iterator[None]:
    imagej.macro('run("Close All"); roiManager("reset"); run("Clear Results"); print("\\\\Clear");')
    yield
    assert imagej.ask("dialogs") == "0"


@pytest.fixture(scope="module")
def client(engine: EngineProcess) -> Iterator[Engine]:
    with connect(engine.address) as client:
        yield client


def run_file(imagej: ImageJ, name: str, argument: object) -> None:
    said = imagej.macro(f'runMacro("{MACROS / name}", "{argument}"); return "ran";')
    assert said == "ran", imagej.ask("log")


def found(client: Engine, image: np.ndarray[Any, Any], **options: Any) -> Any:
    options.setdefault("diameter", "auto")
    return client.segment(np.ascontiguousarray(image), "nuclei", **options)


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_every_macro_is_run_here() -> None:
    here = Path(__file__).read_text()
    assert len(list(MACROS.iterdir())) == 7
    for path in MACROS.iterdir():
        assert f'"{path.name}"' in here


def test_an_image(imagej: ImageJ, client: Engine, tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "field.tif", PLANE)
    run_file(imagej, "segment_image.ijm", path)
    labels = pictures.read(tmp_path / "field_labels.tif")
    assert labels.max() > 10
    assert np.array_equal(labels, found(client, PLANE).labels)
    imagej.macro(f'roiManager("reset"); roiManager("open", "{tmp_path}/field_rois.zip");')
    assert imagej.macro('return "" + roiManager("count");') == str(labels.max())
    assert f"field.tif: {labels.max()} cells" in imagej.ask("log").replace("-labels", ".tif")


def test_a_folder(imagej: ImageJ, client: Engine, tmp_path: Path) -> None:
    for index, plane in enumerate(SERIES):
        pictures.save(tmp_path / f"field{index}.tif", plane)
    (tmp_path / "notes.txt").write_text("no image")
    run_file(imagej, "segment_folder.ijm", tmp_path)
    rows = table(tmp_path / "cellwire" / "cells.csv")
    assert [row["Image"] for row in rows] == ["field0.tif", "field1.tif", "field2.tif"]
    for index, plane in enumerate(SERIES):
        result = found(client, plane)
        labels = pictures.read(tmp_path / "cellwire" / f"field{index}_labels.tif")
        assert np.array_equal(labels, result.labels)
        assert int(rows[index]["Cells"]) == result.count
        assert int(rows[index]["Pixels in cells"]) == np.count_nonzero(labels)


def test_a_time_series(imagej: ImageJ, client: Engine, tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "movie.tif", SERIES, "TYX")
    run_file(imagej, "time_series.ijm", path)
    counts = [found(client, plane).count for plane in SERIES]
    rows = table(tmp_path / "movie_cells.csv")
    assert [float(row["Cells"]) for row in rows] == counts
    assert pictures.read(tmp_path / "movie_labels.tif").max() == max(counts)


def test_a_stack(imagej: ImageJ, client: Engine, tmp_path: Path) -> None:
    stack = np.stack([pictures.nuclei(36, 38, seed) for seed in (51, 51, 51)])
    path = pictures.save(tmp_path / "stack.tif", stack, "ZYX")
    run_file(imagej, "segment_stack.ijm", path)
    result = found(client, stack, axes="ZYX", stack="volume", pixel_size=(2.0, 0.5, 0.5))
    assert result.count > 0
    assert np.array_equal(pictures.read(tmp_path / "stack_labels.tif"), result.labels)
    sizes = np.bincount(result.labels.ravel())[1:]
    rows = table(tmp_path / "stack_volumes.csv")
    assert [int(row["Voxels"]) for row in rows] == sizes.tolist()
    planes = sum(len(np.unique(plane[plane > 0])) for plane in result.labels)
    imagej.macro(f'roiManager("reset"); roiManager("open", "{tmp_path}/stack_rois.zip");')
    assert imagej.macro('return "" + roiManager("count");') == str(planes)


def test_another_channel_is_measured(imagej: ImageJ, client: Engine, tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "two.tif", TWO, "ZCYX")
    run_file(imagej, "measure_other_channel.ijm", path)
    rows = table(tmp_path / "two_channel2.csv")
    at = 0
    for index, (nuclear, other) in enumerate(TWO):
        labels = found(client, nuclear).labels
        for label in range(1, labels.max() + 1):
            row, inside = rows[at], labels == label
            assert row["Label"].endswith(f"cell-{label:04d}")
            assert float(row["Slice"]) == index + 1
            assert float(row["Area"]) == pytest.approx(inside.sum() * pictures.PIXEL**2, abs=1e-3)
            assert float(row["Mean"]) == pytest.approx(other[inside].mean(), abs=1e-2)
            assert float(row["Max"]) == other[inside].max()
            at += 1
    assert at == len(rows) > 15


def test_the_way_by_python(imagej: ImageJ, tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "field.tif", PLANE)
    command = tmp_path / "cellwire"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m cellwire.cli.app "$@"\n')
    command.chmod(0o755)
    run_file(imagej, "rois_by_python.ijm", f"{path}|{command}")
    assert int(imagej.macro('return "" + roiManager("count");')) > 10


def test_the_functions(imagej: ImageJ, client: Engine, tmp_path: Path) -> None:
    path = pictures.save(tmp_path / "two.tif", TWO, "ZCYX")
    counts = [found(client, nuclear, diameter=17).count for nuclear, _ in TWO]
    said = imagej.macro(
        f'open("{path}"); image = getTitle(); a = cellwireSegment("nuclei", 17); close();'
        ' selectImage(image); b = cellwireSegmentWith("model=nuclei diameter=17 label_image");'
        ' selectImage(image); c = cellwireRois("nuclei", 17); cellwireMeasure(image, 2, 0, c - 1);'
        ' return "" + a + " " + b + " " + c + " " + nResults;'
    )
    assert said.split() == [str(n) for n in (sum(counts), counts[0], sum(counts), sum(counts))]
    labels = found(client, TWO[0, 0], diameter=17).labels
    mean = imagej.macro('return "" + getResult("Mean", 0);')
    assert float(mean) == pytest.approx(TWO[0, 1][labels == 1].mean(), abs=1e-2)


def test_the_folder_command(imagej: ImageJ, client: Engine, tmp_path: Path) -> None:
    pictures.save(tmp_path / "field.tif", PLANE)
    pictures.save(tmp_path / "movie.tif", SERIES, "TYX")
    pictures.save(tmp_path / "other.tif", PLANE[::-1].copy())
    (tmp_path / "broken.tif").write_bytes((tmp_path / "field.tif").read_bytes()[:2000])
    out = tmp_path / "cells"
    said = imagej.macro(
        f'run("Cellwire Segment Folder...", "input=[{tmp_path}] output=[{out}] model=nuclei'
        ' diameter=17 save_labels save_rois save_tables"); return "went on";'
    )
    assert said == "went on", imagej.ask("log")
    rows = {row["File"]: row for row in table(out / "cellwire-folder.csv")}
    assert sorted(rows) == ["broken.tif", "field.tif", "movie.tif", "other.tif"]
    assert rows["broken.tif"]["Remarks"]
    result = found(client, PLANE, diameter=17)
    assert int(rows["field.tif"]["Cells"]) == result.count
    assert np.array_equal(pictures.read(out / "field-labels.tif"), result.labels)
    frames = [found(client, plane, diameter=17).labels for plane in SERIES]
    assert np.array_equal(pictures.read(out / "movie-labels.tif"), frames)
    assert len(table(out / "field-cells.csv")) == result.count
    imagej.macro(f'roiManager("open", "{out}/movie-rois.zip");')
    total = sum(int(labels.max()) for labels in frames)
    assert imagej.macro('return "" + roiManager("count");') == str(total)
    assert not (out / "broken-labels.tif").exists()


def test_the_folder_command_with_stacks(imagej: ImageJ, client: Engine, tmp_path: Path) -> None:
    pictures.save(tmp_path / "stack.tif", SERIES, "ZYX")
    pictures.save(tmp_path / "movie.tif", SERIES, "TYX")
    said = imagej.macro(
        f'run("Cellwire Segment Folder...", "input=[{tmp_path}] output=[{tmp_path}/out] save_labels'
        ' save_tables diameter=17 stack=stitched"); return "went on";'
    )
    assert said == "went on", imagej.ask("log")
    rows = {row["File"]: row for row in table(tmp_path / "out" / "cellwire-folder.csv")}
    result = found(client, SERIES, axes="ZYX", stack="stitched", diameter=17)
    assert int(rows["stack.tif"]["Cells"]) == result.count
    assert np.array_equal(pictures.read(tmp_path / "out" / "stack-labels.tif"), result.labels)
    assert len(table(tmp_path / "out" / "stack-cells.csv")) == result.count
    assert "two slices" in rows["movie.tif"]["Remarks"]
    assert not rows["movie.tif"]["Cells"]


def test_help_in_a_macro_goes_to_the_log(imagej: ImageJ) -> None:
    imagej.macro('run("Cellwire Help");')
    assert "cellwire serve" in imagej.ask("log")
