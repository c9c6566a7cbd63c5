"""Macros run by ``ImageJ -batch``: what ImageJ holds is what the Python client gets."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pictures
import pytest
import tifffile
from imagej_process import Installation

from cellwire_client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from java_tools import Java

    from cellwire_client.engine import Engine
    from tests.engine_process import EngineProcess

MACRO = Path(__file__).parent / "macros" / "batch.ijm"
PLANE = pictures.nuclei(160, 192)
STACK = np.stack([pictures.nuclei(96, 128, seed) for seed in (1, 2, 3)])
HYPER = np.stack([pictures.nuclei(96, 100, seed) for seed in range(10, 22)]).reshape(
    3, 2, 2, 96, 100
)
"""(T = 3, Z = 2, C = 2, Y, X)."""
TWO = np.stack([PLANE, pictures.cell_bodies(PLANE)])
COLOUR = np.stack([PLANE // 32, PLANE // 16, PLANE // 8], axis=-1).clip(0, 255).astype(np.uint8)
NO_CELLS = np.full((70, 80), 500, np.uint16)


class Run(NamedTuple):
    """What one batch run left."""

    out: Path
    said: str

    def labels(self, name: str) -> np.ndarray[Any, Any]:
        return pictures.read(self.out / f"{name}.tif")

    def rois(self, name: str) -> list[dict[str, Any]]:
        """Each ROI as ImageJ sees it on the label image."""
        fields = ["name", "channel", "slice", "frame", "pixels", "min", "max"]
        with (self.out / f"{name}.csv").open() as file:
            rows = list(csv.DictReader(file, fields))
        return [{"name": row.pop("name"), **{k: int(v) for k, v in row.items()}} for row in rows]


@pytest.fixture(scope="module", params=["oldest", "newest"])
def run(
    request: pytest.FixtureRequest,
    jar: Path,
    display: str,
    engine: EngineProcess,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    java = request.getfixturevalue(f"{request.param}_java")
    folder = tmp_path_factory.mktemp("batch")
    for name in ("plane", "calibrated", "automatic", "parameters", "selection", "lattice"):
        pictures.save(folder / f"{name}.tif", PLANE)
    pictures.save(folder / "two_channels.tif", TWO, "CYX")
    pictures.save(folder / "colour.tif", COLOUR, "YXS")
    pictures.save(folder / "colour_mean.tif", COLOUR, "YXS")
    pictures.save(folder / "stack.tif", STACK, "ZYX")
    pictures.save(folder / "current.tif", STACK, "ZYX")
    pictures.save(folder / "frames.tif", STACK, "TYX")
    pictures.save(folder / "hyperstack.tif", HYPER, "TZCYX")
    pictures.save(folder / "empty.tif", NO_CELLS)
    pictures.save(folder / "one_pixel.tif", np.full((1, 1), 9, np.uint8))
    installation = Installation(folder / "installation", jar, display)
    installation.prefer(server=engine.address)
    ended = installation.run_batch(java, MACRO, f"{folder}/")
    assert ended.code == 0, ended
    assert (folder / "out" / "overlay.csv").exists(), ended
    return Run(folder / "out", ended.out)


@pytest.fixture(scope="module")
def client(engine: EngineProcess) -> Iterator[Engine]:
    with connect(engine.address) as client:
        yield client


def test_both_ends_of_java_were_run(oldest_java: Java, newest_java: Java) -> None:
    assert oldest_java.version <= 17 <= newest_java.version


def expected(client: Engine, image: np.ndarray[Any, Any], **options: Any) -> Any:
    options.setdefault("diameter", 17)
    return client.segment(image, options.pop("model", "nuclei"), **options)


def same_rois(run: Run, name: str, labels: np.ndarray[Any, Any]) -> None:
    """Each ROI covers the pixels of its own cell, as many as there are."""
    rois = run.rois(name)
    counts = np.bincount(labels.ravel())
    assert len(rois) == labels.max()
    for label, roi in enumerate(rois, 1):
        assert roi["name"] == f"cell-{label:04d}"
        assert (roi["pixels"], roi["min"], roi["max"]) == (counts[label], label, label), roi


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("plane", {}),
        ("calibrated", {}),
        ("automatic", {"diameter": "auto"}),
        (
            "parameters",
            {
                "flow_threshold": 0.2,
                "cellprob_threshold": -1,
                "min_size": 200,
                "exclude_on_edges": True,
                "percentiles": (2, 98),
            },
        ),
    ],
)
def test_a_plane(run: Run, client: Engine, name: str, options: dict[str, Any]) -> None:
    result = expected(client, PLANE, **options)
    assert result.count > 5
    labels = run.labels(name)
    assert np.array_equal(labels, result.labels)
    with tifffile.TiffFile(run.out / f"{name}.tif") as file:
        assert file.series[0].dtype == np.uint16
        assert file.imagej_metadata["unit"] in ("um", "micron", "µm", "\\u00B5m")
        assert file.pages[0].tags["XResolution"].value == pytest.approx((2_000_000, 1_000_000))
    if name != "automatic":
        same_rois(run, name, labels)


def test_two_channels(run: Run, client: Engine) -> None:
    result = expected(client, TWO, axes="CYX", model="cyto", channels=(2, 1), diameter=26)
    assert result.count > 15
    labels = run.labels("two_channels")
    assert np.array_equal(labels, result.labels)
    same_rois(run, "two_channels", labels)


def test_a_channel_of_a_colour_image(run: Run, client: Engine) -> None:
    result = expected(client, np.ascontiguousarray(COLOUR[..., 2]))
    assert result.count > 15
    assert np.array_equal(run.labels("colour"), result.labels)


def test_the_mean_of_a_colour_image(run: Run, client: Engine) -> None:
    result = expected(client, COLOUR, axes="YXC", channels=0)
    assert result.count > 15
    assert np.array_equal(run.labels("colour_mean"), result.labels)


def test_all_slices_of_a_stack(run: Run, client: Engine) -> None:
    labels = run.labels("stack")
    assert labels.shape == STACK.shape
    rois = run.rois("stack")
    for index, plane in enumerate(STACK):
        result = expected(client, plane)
        assert np.array_equal(labels[index], result.labels)
        mine = [roi for roi in rois if roi["slice"] == index + 1]
        assert [roi["name"] for roi in mine] == [
            f"z{index + 1:03d}-cell-{label:04d}" for label in range(1, result.count + 1)
        ]
        counts = np.bincount(result.labels.ravel())[1:]
        assert [roi["pixels"] for roi in mine] == counts.tolist()
        assert all(roi["min"] == roi["max"] == label for label, roi in enumerate(mine, 1))
    assert len(rois) == sum(len(np.unique(plane)) - 1 for plane in labels)


def test_the_current_slice_alone(run: Run, client: Engine) -> None:
    labels = run.labels("current")
    assert np.array_equal(labels, expected(client, STACK[1]).labels)
    assert {roi["slice"] for roi in run.rois("current")} <= {0, 1, 2}


def test_all_frames(run: Run, client: Engine) -> None:
    labels = run.labels("frames")
    assert labels.shape == STACK.shape
    with tifffile.TiffFile(run.out / "frames.tif") as file:
        assert file.imagej_metadata["frames"] == len(STACK)
    for index, plane in enumerate(STACK):
        assert np.array_equal(labels[index], expected(client, plane).labels)
    # ImageJ opens a lone series as a plain stack, the places of which have one number.
    rois = run.rois("frames")
    assert all(roi["name"].startswith(f"t{roi['slice']:03d}-cell-") for roi in rois)
    assert {roi["slice"] for roi in rois} == {1, 2, 3}


def test_a_hyperstack(run: Run, client: Engine) -> None:
    labels = run.labels("hyperstack")
    assert labels.shape == (3, 2, 96, 100)
    with tifffile.TiffFile(run.out / "hyperstack.tif") as file:
        metadata = file.imagej_metadata
        assert (metadata["frames"], metadata["slices"]) == (3, 2)
        assert metadata.get("channels", 1) == 1
        assert metadata["spacing"] == 2.0
    rois = run.rois("hyperstack")
    total = 0
    for t, z in np.ndindex(3, 2):
        result = expected(client, np.ascontiguousarray(HYPER[t, z, 1]))
        assert np.array_equal(labels[t, z], result.labels)
        mine = [roi for roi in rois if (roi["slice"], roi["frame"]) == (z + 1, t + 1)]
        assert [roi["name"] for roi in mine] == [
            f"t{t + 1:03d}-z{z + 1:03d}-cell-{label:04d}" for label in range(1, result.count + 1)
        ]
        counts = np.bincount(result.labels.ravel())[1:]
        assert [roi["pixels"] for roi in mine] == counts.tolist()
        total += result.count
    assert len(rois) == total
    assert {roi["channel"] for roi in rois} == {0}


def test_inside_a_selection(run: Run, client: Engine) -> None:
    labels = run.labels("selection")
    y, x = np.nonzero(labels)
    assert labels.shape == PLANE.shape
    assert x.min() >= 40
    assert x.max() < 140
    assert y.min() >= 30
    assert y.max() < 120
    region = {"Y": (30, 120), "X": (40, 140)}
    y, x = np.arange(160)[:, None] + 0.5, np.arange(192) + 0.5
    away = ((x - 90) / 50) ** 2 + ((y - 75) / 45) ** 2
    assert (labels[away > 1.06] == 0).all()
    box = expected(client, PLANE, region=region)
    assert 3 < labels.max() <= box.count
    same_rois(run, "selection", labels)


def test_a_selection_with_holes_gives_cells_with_holes(run: Run, client: Engine) -> None:
    labels = run.labels("lattice")
    mask = np.ones(PLANE.shape, np.uint8)
    mask[2::6, 2::6] = mask[3::6, 2::6] = 0
    assert (labels[mask == 0] == 0).all()
    assert np.array_equal(labels, expected(client, PLANE, mask=mask, region={}).labels)
    same_rois(run, "lattice", labels)


@pytest.mark.parametrize(("name", "image"), [("empty", NO_CELLS), ("one_pixel", np.zeros((1, 1)))])
def test_no_cells(run: Run, name: str, image: np.ndarray[Any, Any]) -> None:
    labels = run.labels(name)
    assert labels.shape == image.shape
    assert not labels.any()
    assert run.rois(name) == []


def test_rois_that_were_there_stay(run: Run, client: Engine) -> None:
    rois = run.rois("kept")
    assert rois[0]["name"] == "mine"
    assert rois[0]["pixels"] == 30
    assert not rois[1]["name"].startswith("cell-")
    result = expected(client, PLANE)
    assert [roi["name"] for roi in rois[2:]] == [
        f"cell-{i:04d}" for i in range(1, result.count + 1)
    ]


def test_all_other_outputs(run: Run, client: Engine) -> None:
    result = expected(client, PLANE, outputs=("labels", "flows", "cellprob", "table"))
    assert np.array_equal(tifffile.imread(run.out / "flows.tif"), result.flows)
    assert np.array_equal(tifffile.imread(run.out / "probability.tif"), result.cellprob)
    counts = np.bincount(result.labels.ravel())
    with (run.out / "overlay.csv").open() as file:
        assert [int(row[1]) for row in csv.reader(file)] == counts[1:].tolist()
    with (run.out / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == result.count
    for label, row in enumerate(rows, 1):
        inside = result.labels == label
        y, x = np.nonzero(inside)
        assert int(row["Pixels"]) == counts[label]
        assert float(row["Area"]) == pytest.approx(counts[label] * pictures.PIXEL**2)
        assert float(row["Mean"]) == pytest.approx(PLANE[inside].mean(), abs=1e-3)
        assert float(row["X"]) == pytest.approx((x.mean() + 0.5) * pictures.PIXEL, abs=1e-3)
        assert float(row["Y"]) == pytest.approx((y.mean() + 0.5) * pictures.PIXEL, abs=1e-3)


def test_the_log_says_what_was_found(run: Run, client: Engine) -> None:
    count = expected(client, PLANE).count
    assert f"Cellwire: plane.tif: {count} cells, diameter 17.0 pixels, " in run.said
    assert "Cellwire: empty.tif: 0 cells" in run.said
