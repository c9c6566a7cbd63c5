from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellwire.errors import OutputWriteError
from cellwire.images.reading import read_image
from cellwire.images.spec import Calibration
from cellwire.outputs.provenance import Provenance
from cellwire.outputs.tiff import array_tiff, label_tiff

if TYPE_CHECKING:
    from pathlib import Path

SIZES = st.floats(1e-3, 500)
KEPT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@KEPT
@given(
    arrays(np.uint32, st.tuples(*[st.integers(2, 9)] * 2), elements=st.integers(0, 2**24)),
    SIZES,
    SIZES,
)
def test_labels_and_calibration_come_back(
    tmp_path: Path, provenance: Provenance, labels: np.ndarray, y: float, x: float
) -> None:
    path = tmp_path / "labels.tif"
    path.write_bytes(label_tiff(labels, Calibration(y, x), provenance))
    image = read_image(path, axes="YX")
    np.testing.assert_array_equal(image.array, labels)
    assert image.array.dtype == (np.uint16 if labels.max() <= 65_535 else np.float32)
    assert (image.calibration.y, image.calibration.x) == pytest.approx((y, x), rel=1e-5)


def test_every_label_up_to_the_float_limit_is_exact(provenance: Provenance) -> None:
    for count, dtype in ((65_535, np.uint16), (65_536, np.float32), (2**24, np.float32)):
        labels = np.array([[0, 1], [count - 1, count]], np.uint32)
        page = tifffile.imread(io.BytesIO(label_tiff(labels, Calibration(), provenance)))
        assert page.dtype == dtype
        np.testing.assert_array_equal(page, labels)
    with pytest.raises(OutputWriteError, match=r"16,777,217 objects.*holds 16,777,216"):
        label_tiff(np.array([[2**24 + 1]], np.uint32), Calibration(), provenance)


def test_imagej_finds_unit_spacing_range_and_provenance(provenance: Provenance) -> None:
    labels = np.arange(12, dtype=np.uint32).reshape(3, 4)
    data = label_tiff(labels, Calibration(0.5, 0.25, 2.0), provenance)
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        assert tiff.is_imagej
        meta = tiff.imagej_metadata
        assert (meta["unit"], meta["spacing"], meta["max"]) == ("micron", 2.0, 11.0)
        assert Provenance.from_json(meta["Info"]) == provenance
        assert provenance.digest in tiff.pages.first.description


def test_no_calibration_is_no_unit(provenance: Provenance) -> None:
    data = label_tiff(np.zeros((3, 4), np.uint32), Calibration(), provenance)
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        assert "unit" not in tiff.imagej_metadata


def test_flows_are_two_named_channels(tmp_path: Path, provenance: Provenance) -> None:
    flows = np.random.default_rng(0).normal(size=(2, 5, 6)).astype(np.float32)
    extra = {"Labels": ["dY", "dX"]}
    (tmp_path / "f.tif").write_bytes(
        array_tiff(flows, "CYX", Calibration(1.0, 1.0), provenance, extra)
    )
    image = read_image(tmp_path / "f.tif")
    np.testing.assert_array_equal(image.array, flows)
    assert (image.axes, image.channel_names) == ("CYX", ("dY", "dX"))
