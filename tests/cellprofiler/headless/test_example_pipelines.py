"""The example pipelines on CellProfiler's own images: its tables say what the engine found."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from scipy import ndimage

from cellwire_client import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[..., Path]

ADDRESS = "Address of the engine"
PLUGIN = Path(__file__).resolve().parents[3] / "cellprofiler_plugin"


def numbers(table: dict[str, list[str]], column: str) -> np.ndarray[Any, Any]:
    return np.array(table[column], float)


def assert_objects_are(table: dict[str, list[str]], labels: np.ndarray[Any, Any]) -> None:
    """Rows of a table are the objects 1..n of a label image (Y, X): areas and centres."""
    ids = np.arange(1, labels.max() + 1)
    assert numbers(table, "ObjectNumber").tolist() == ids.tolist()
    assert numbers(table, "AreaShape_Area").tolist() == np.bincount(labels.ravel())[1:].tolist()
    centres = np.array(ndimage.center_of_mass(labels > 0, labels, ids)).reshape(-1, 2)
    np.testing.assert_allclose(numbers(table, "Location_Center_Y"), centres[:, 0], atol=1e-6)
    np.testing.assert_allclose(numbers(table, "Location_Center_X"), centres[:, 1], atol=1e-6)


@pytest.fixture
def first(fly: Path, tmp_path: Path) -> Path:
    """The first image set of ExampleFly, all of it."""
    folder = tmp_path / "images"
    folder.mkdir()
    for channel in "DR":
        shutil.copy(fly / f"01_POS002_{channel}.TIF", folder)
    return folder


def test_nuclei_grow_into_cells(
    cellprofiler: Any, pipeline: Write, engine: Any, first: Path, tmp_path: Path
) -> None:
    changed = pipeline("ExampleFly.cppipe", **{ADDRESS: engine.address})
    run = cellprofiler.run(changed, first, tmp_path / "out")
    assert run.code == 0, run.log
    with connect(engine.address) as client:
        found = client.segment(
            tifffile.imread(first / "01_POS002_D.TIF"),
            "nuclei",
            diameter=20,
            min_size=78,
            max_size=1257,
            exclude_on_edges=True,
            outputs=("labels",),
        )
    nuclei, cells = run.table("Fly_Nuclei.csv"), run.table("Fly_Cells.csv")
    image = run.table("Fly_Image.csv")
    assert found.count > 200
    assert_objects_are(nuclei, found.labels)
    assert image["Count_Nuclei"] == [f"{found.count:.1f}"]
    assert image["Cellwire_ModelDigest_Nuclei"] == [found.model_digest]
    assert image["Cellwire_Skipped_Nuclei"] == ["0"]
    assert numbers(image, "Cellwire_Diameter_Nuclei") == 20
    assert numbers(image, "Cellwire_Seconds_Nuclei") > 0
    assert cells["Parent_Nuclei"] == nuclei["ObjectNumber"]
    assert np.all(numbers(cells, "AreaShape_Area") >= numbers(nuclei, "AreaShape_Area"))
    assert len(run.table("Fly_Cytoplasm.csv")["ObjectNumber"]) == found.count
    assert (run.out / "01_POS002_R_outlines.png").stat().st_size > 100_000


def test_cells_with_related_nuclei(
    cellprofiler: Any, pipeline: Write, engine: Any, first: Path, tmp_path: Path
) -> None:
    actin, dna = (first / f"01_POS002_{channel}.TIF" for channel in "RD")
    for path in (actin, dna):
        tifffile.imwrite(path, tifffile.imread(path)[500:, 300:800])
    changed = pipeline("ExampleFly-cells.cppipe", **{ADDRESS: engine.address})
    run = cellprofiler.run(changed, first, tmp_path / "out")
    assert run.code == 0, run.log
    with connect(engine.address) as client:
        dna_image = tifffile.imread(dna)
        common = {"exclude_on_edges": True, "outputs": ("labels",)}
        cells = client.segment(
            tifffile.imread(actin), "cyto", nucleus=dna_image, diameter=35, min_size=150, **common
        ).labels
        nuclei = client.segment(dna_image, "nuclei", diameter=20, **common).labels
    cell_table, nucleus_table = run.table("FlyCells_Cells.csv"), run.table("FlyCells_Nuclei.csv")
    assert cells.max() > 50
    assert_objects_are(cell_table, cells)
    assert_objects_are(nucleus_table, nuclei)
    parents = [largest_overlap(cells[nuclei == nucleus]) for nucleus in range(1, nuclei.max() + 1)]
    assert numbers(nucleus_table, "Parent_Cells").tolist() == parents
    children = np.bincount(parents, minlength=cells.max() + 1)[1:]
    assert numbers(cell_table, "Children_Nuclei_Count").tolist() == children.tolist()
    assert children.max() >= 1
    listed = columns_beforehand(cellprofiler, changed)
    image_table = run.table("FlyCells_Image.csv")
    made = {("Cells", name) for name in cell_table} | {("Nuclei", name) for name in nucleus_table}
    made |= {("Image", name) for name in image_table if name.startswith(("Cellwire", "Count"))}
    own = {name for _, name in made if name.startswith("Cellwire")}
    assert len(own) == 11
    assert {name for name in made if name[1] not in ("ImageNumber", "ObjectNumber")} <= listed


def columns_beforehand(cellprofiler: Any, pipeline: Path) -> set[tuple[str, str]]:
    """Ask CellProfiler for the columns of a pipeline: no engine and no image is needed."""
    options = ["--measurements", f"--plugins-directory={PLUGIN}", "-p", pipeline]
    with cellprofiler.start("-m", "cellprofiler", *options) as process:
        log = process.communicate(timeout=120)[0]  # its exit code is 1 for every pipeline
    assert "--- end measurements ---" in log, log
    return set(re.findall(r"^(\w+),(\w+),\S+$", log, re.MULTILINE))


def largest_overlap(under: np.ndarray[Any, Any]) -> int:
    """Give the cell with most pixels, 0 if there is none among them."""
    counts = np.bincount(under[under > 0])
    return int(counts.argmax()) if len(counts) else 0


def test_primary_objects_beside_ours(
    cellprofiler: Any, pipeline: Write, engine: Any, first: Path, tmp_path: Path
) -> None:
    """The example that compares the two; on a part of the image both find about as many."""
    (first / "01_POS002_R.TIF").unlink()
    path = first / "01_POS002_D.TIF"
    tifffile.imwrite(path, tifffile.imread(path)[:300, 300:800])
    changed = pipeline("ExampleFly-comparison.cppipe", **{ADDRESS: engine.address})
    run = cellprofiler.run(changed, first, tmp_path / "out")
    assert run.code == 0, run.log
    table = run.table("Comparison_Image.csv")
    primary, ours = (float(table[f"Count_{who}Nuclei"][0]) for who in ("Primary", "Cellwire"))
    assert ours > 20
    assert abs(primary - ours) < 0.3 * ours


def test_example_human_with_odd_names_behind_a_proxy(
    cellprofiler: Any, pipeline: Write, engine: Any, fly: Path, tmp_path: Path
) -> None:
    """ExampleHuman's images are not at hand: ExampleFly's stand in, under names like theirs."""
    images = tmp_path / "Bilder µm 細胞"
    images.mkdir()
    for channel, number in (("D", 0), ("R", 2)):
        part = tifffile.imread(fly / f"01_POS002_{channel}.TIF")[765:, 370:680]
        tifffile.imwrite(images / f"AS_09125_Zürich_D03f00d{number}.tif", part)
    changed = pipeline("ExampleHuman.cppipe", **{ADDRESS: engine.address})
    proxy = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    run = cellprofiler.run(changed, images, tmp_path / "Ergebnis ß", environment=proxy)
    assert run.code == 0, run.log
    cells, nuclei = run.table("Human_Cells.csv"), run.table("Human_Nuclei.csv")
    assert len(cells["ObjectNumber"]) > 10
    assert nuclei["Parent_Cells"] == nuclei["ObjectNumber"] == cells["ObjectNumber"]
    assert set(cells["Children_Nuclei_Count"]) == {"1"}
    assert (run.out / "AS_09125_Zürich_D03f00d2_outlines.png").exists()


def test_the_examples_are_what_their_script_writes(cellprofiler: Any, tmp_path: Path) -> None:
    examples = PLUGIN / "pipelines"
    cellprofiler.ask(examples / "make_pipelines.py", tmp_path)
    names = sorted(path.name for path in examples.glob("*.cppipe"))
    assert sorted(path.name for path in tmp_path.glob("*.cppipe")) == names
    for name in names:
        assert (tmp_path / name).read_text("utf-8") == (examples / name).read_text("utf-8"), name
