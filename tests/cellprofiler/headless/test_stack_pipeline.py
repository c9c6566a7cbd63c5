"""The example pipeline for stacks, on real ones: objects, labels and tables are the engine's."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from scipy import ndimage

from cellwire_client import connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

ADDRESS = "Address of the engine"
MODE = "How the planes of a stack belong together"
PIPELINE = "Stack-nuclei.cppipe"
SPACING = 4.83  # of the pipeline
DIAMETER = 22.0  # that of the model: the fewest tiles


@pytest.fixture
def images(shared_data: Path, tmp_path: Path) -> Path:
    """A part of a real stack, alone in a folder."""
    folder = tmp_path / "images"
    folder.mkdir()
    sample = shared_data / "io_samples" / "neubias" / "xyz_8bit__nuclei_autothresh.tif"
    part = tifffile.imread(sample)[22:28, 70:, :48]
    tifffile.imwrite(folder / "xyz_part.tif", part, imagej=True, metadata={"axes": "ZYX"})
    return folder


def numbers(table: dict[str, list[str]], column: str) -> np.ndarray[Any, Any]:
    return np.array(table[column], float)


@pytest.mark.parametrize(
    ("mode", "wishes", "anisotropy"),
    [
        ("Segment in 3D", {"stack": "volume", "anisotropy": SPACING}, SPACING),
        ("Stitch planes by overlap", {"stack": "stitched", "stitch_threshold": 0.25}, 1.0),
    ],
)
def test_objects_labels_and_tables_are_the_engines(
    cellprofiler: Any,
    pipeline: Write,
    engine: Any,
    images: Path,
    tmp_path: Path,
    mode: str,
    wishes: dict[str, Any],
    anisotropy: float,
) -> None:
    changes = {ADDRESS: engine.address, MODE: mode, "Diameter in pixels": str(DIAMETER)}
    run = cellprofiler.run(pipeline(PIPELINE, **changes), images, tmp_path / "out")
    assert run.code == 0, run.log
    with connect(engine.address) as client:
        found = client.segment(
            tifffile.imread(images / "xyz_part.tif").astype(np.uint16),  # as the module sends it
            "nuclei",
            axes="ZYX",
            diameter=DIAMETER,
            min_size=60,
            outputs=("labels",),
            **wishes,
        )
    labels = found.labels
    ids = np.arange(1, labels.max() + 1)
    assert len(ids) >= 3
    assert np.array_equal(tifffile.imread(run.out / "xyz_part_labels.tiff"), labels)
    nuclei, image = run.table("Stack_Nuclei.csv"), run.table("Stack_Image.csv")
    assert numbers(nuclei, "ObjectNumber").tolist() == ids.tolist()
    assert numbers(nuclei, "Number_Object_Number").tolist() == ids.tolist()
    assert numbers(nuclei, "AreaShape_Volume").tolist() == np.bincount(labels.ravel())[1:].tolist()
    centres = np.array(ndimage.center_of_mass(labels > 0, labels, ids))
    for axis, along in zip("ZYX", centres.T, strict=True):
        np.testing.assert_allclose(numbers(nuclei, f"Location_Center_{axis}"), along, atol=1e-6)
    pixels = tifffile.imread(images / "xyz_part.tif") / 255
    np.testing.assert_allclose(
        numbers(nuclei, "Intensity_MeanIntensity_DNA"),
        ndimage.mean(pixels, labels, ids),
        rtol=1e-5,
    )
    assert image["Count_Nuclei"] == [f"{len(ids):.1f}"]
    assert image["Cellwire_ModelDigest_Nuclei"] == [found.model_digest]
    assert numbers(image, "Cellwire_Anisotropy_Nuclei") == anisotropy
    assert numbers(image, "Cellwire_Diameter_Nuclei") == DIAMETER
    assert image["Cellwire_Skipped_Nuclei"] == ["0"]


def test_a_time_series_sent_as_a_stack_is_refused(
    cellprofiler: Any,
    pipeline: Write,
    engine: Any,
    shared_data: Path,
    tmp_path: Path,
) -> None:
    images = tmp_path / "images"
    images.mkdir()
    sample = shared_data / "io_samples/neubias/xyt_calibrated_16bit__golgi_bfa_sum_projection.tif"
    shutil.copyfile(sample, images / "xyz_it_says.tif")
    changed = pipeline(PIPELINE, **{ADDRESS: engine.address})
    run = cellprofiler.run(changed, images, tmp_path / "out")
    assert run.code == 1
    assert "xyz_it_says.tif holds frames of a time series" in run.log
    assert "Set 'Process as 3D?' in NamesAndTypes to No" in run.log
    assert not list(run.out.iterdir())
