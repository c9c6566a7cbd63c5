from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellwire.images.reading import read_image
from cellwire.images.spec import Calibration
from cellwire.outputs import tiff as tiff_module
from cellwire.outputs.tiff import array_tiff, label_tiff

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.outputs.provenance import Provenance

LENGTHS = st.integers(2, 4)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["ZYX", "TYX", "TZYX"]), st.data(), st.sampled_from([9, 65_535, 65_536, 2**24])
)
def test_labels_axes_and_calibration_come_back(
    tmp_path: Path, provenance: Provenance, axes: str, data: st.DataObject, highest: int
) -> None:
    shape = tuple(data.draw(LENGTHS) for _ in axes)
    labels = np.random.default_rng(highest).integers(0, highest + 1, shape).astype(np.uint32)
    labels.flat[0] = highest
    path = tmp_path / "labels.tif"
    path.write_bytes(label_tiff(labels, Calibration(0.5, 0.25, 2.0), provenance, axes))
    image = read_image(path)
    np.testing.assert_array_equal(image.array, labels)
    assert image.axes == axes
    assert image.array.dtype == (np.uint16 if highest <= 65_535 else np.float32)
    assert (image.calibration.z, image.calibration.y, image.calibration.x) == (2.0, 0.5, 0.25)


@pytest.mark.parametrize(
    ("axes", "shape", "told"),
    [
        ("ZYX", (5, 6, 7), {"images": 5, "slices": 5}),
        ("TYX", (5, 6, 7), {"images": 5, "frames": 5}),
        ("TZYX", (3, 2, 6, 7), {"images": 6, "frames": 3, "slices": 2}),
        ("CTZYX", (2, 3, 4, 6, 7), {"images": 24, "channels": 2, "slices": 4, "frames": 3}),
    ],
)
def test_what_imagej_reads_of_the_axes(
    provenance: Provenance, axes: str, shape: tuple[int, ...], told: dict[str, int]
) -> None:
    data = array_tiff(np.zeros(shape, np.float32), axes, Calibration(1, 1, 3), provenance)
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        meta = tiff.imagej_metadata
        counts = {k: meta[k] for k in ("images", "channels", "slices", "frames") if k in meta}
        assert counts == told
        assert (meta["spacing"], meta["unit"], meta["hyperstack"]) == (3, "micron", True)
        assert provenance.to_json() in tiff.pages.first.description


def test_flows_of_a_volume_stand_as_channels_behind_the_planes(provenance: Provenance) -> None:
    flows = np.random.default_rng(0).normal(size=(3, 2, 4, 5, 6)).astype(np.float16)
    data = array_tiff(flows, "CTZYX", Calibration(), provenance)
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        series = tiff.series[0]
        assert (series.axes, series.dtype) == ("TZCYX", np.float32)
        np.testing.assert_array_equal(series.asarray(), flows.transpose(1, 2, 0, 3, 4))


def test_what_is_too_large_for_an_index_of_planes_is_read_whole(
    provenance: Provenance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.arange(3 * 4 * 5 * 6, dtype=np.uint32).reshape(3, 4, 5, 6)
    monkeypatch.setattr(tiff_module, "LARGEST_INDEXED", 100)
    path = tmp_path / "large.tif"
    path.write_bytes(label_tiff(labels, Calibration(), provenance, "TZYX"))
    with tifffile.TiffFile(path) as tiff:
        assert len(tiff.pages) == 1
    image = read_image(path)
    assert image.axes == "TZYX"
    np.testing.assert_array_equal(image.array, labels)
