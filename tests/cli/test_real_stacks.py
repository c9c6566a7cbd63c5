"""Stacks and time series as users have them, with the shipped models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from commanding import serving, write_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SAVED = ("--model", "nuclei", "--save", "labels,table", "--json")


@pytest.fixture(scope="module")
def address(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(environment, tmp_path_factory.mktemp("engine")) as found:
        yield found.address


@pytest.fixture
def both(cellwire: Callable[..., Any], address: str, tmp_path: Path) -> Callable[..., Any]:
    """Run the command here and on an engine; give what was told, and the labels of both."""

    def run(path: Path, *options: str) -> tuple[dict[str, Any], np.ndarray]:
        told, found = [], []
        for name, where in (("here", ()), ("there", ("--server", address))):
            out = tmp_path / name
            ended = cellwire("segment", path, *SAVED, *options, "--out", out, *where)
            assert ended.code == 0, ended.err
            told.append(json.loads(ended.out))
            found.append({file.name: file.read_bytes() for file in out.iterdir()})
        assert found[0] == found[1]
        assert told[0]["median_diameters"] == told[1]["median_diameters"]
        return told[0], tifffile.imread(tmp_path / "here" / f"{path.stem}_labels.tif")

    return run


def test_a_volume_of_nuclei_whose_file_says_nothing(
    both: Callable[..., Any], shared_data: Path, tmp_path: Path
) -> None:
    """A stack that TIFF alone describes: its axes and its anisotropy are given."""
    whole = tifffile.imread(shared_data / "stacks_3d" / "images" / "stardist_img3d.tif")
    truth = tifffile.imread(shared_data / "stacks_3d" / "masks" / "stardist_img3d.tif")
    part = (slice(0, 14), slice(0, 44), slice(0, 44))
    path = write_array(tmp_path / "part.tif", whole[part], photometric="minisblack", metadata=None)
    options = ("--axes", "ZYX", "--do-3d", "--anisotropy", "1", "--diameter", "11.5")
    told, labels = both(path, *options)
    assert told["axes"] == "ZYX"
    assert labels.shape == (14, 44, 44)
    assert told["cells"] == labels.max()
    true = truth[part]
    assert 0.5 * len(np.unique(true)) < told["cells"] < 2 * len(np.unique(true))
    found, inside = labels > 0, true > 0
    assert (found & inside).sum() > 0.4 * (found | inside).sum()


def test_a_stack_of_two_channels_is_stitched(
    both: Callable[..., Any], shared_data: Path, tmp_path: Path
) -> None:
    """ImageJ's axes are ZCYX; its calibration goes into the labels."""
    path = shared_data / "io_samples" / "neubias" / "xyzc_16bit__dna_conf_wf.tif"
    few = tmp_path / "few.tif"
    with tifffile.TiffFile(path) as tiff:
        meta, pixels = tiff.imagej_metadata, tiff.asarray()[18:26]
        assert tiff.series[0].axes == "ZCYX"
        spacing = meta["spacing"]
        resolution = [tiff.pages[0].tags[name].value for name in ("XResolution", "YResolution")]
    told = {"axes": "ZCYX", "unit": "micron", "spacing": spacing}
    write_array(few, pixels, imagej=True, resolution=resolution, metadata=told)
    found, labels = both(few, "--stitch", "--channels", "1", "--diameter", "60")
    assert (found["axes"], found["planes"], len(found["diameters"])) == ("ZYX", 8, 8)
    assert labels.shape == (8, 130, 133)
    assert 1 <= found["cells"] == labels.max()
    with tifffile.TiffFile(tmp_path / "here" / "few_labels.tif") as tiff:
        assert tiff.imagej_metadata["spacing"] == pytest.approx(spacing)


def test_a_time_series_keeps_its_numbers(
    both: Callable[..., Any], shared_data: Path, tmp_path: Path
) -> None:
    path = (
        shared_data
        / "io_samples"
        / "neubias"
        / "xyt_calibrated_16bit__golgi_bfa_sum_projection.tif"
    )
    found, labels = both(path, "--link", "time", "--diameter", "60")
    assert (found["axes"], found["frames"], found["stack"]) == ("TYX", 30, "planes")
    assert labels.shape == (30, 137, 147)
    longest = max(np.unique(np.nonzero(labels == n)[0]).size for n in range(1, labels.max() + 1))
    assert found["cells"] == labels.max()
    assert longest >= 10
