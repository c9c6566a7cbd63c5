from __future__ import annotations

import io
import json
import time
import zipfile

import numpy as np
import pytest
import roifile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from cellwire.errors import RoiLimitError
from cellwire.outputs.provenance import Provenance
from cellwire.outputs.rois import roi_set


def decoded(data: bytes) -> list[roifile.ImagejRoi]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [roifile.ImagejRoi.frombytes(archive.read(name)) for name in archive.namelist()]


def rings_of(roi: roifile.ImagejRoi) -> list[np.ndarray]:
    if roi.composite:
        return roi.coordinates(multi=True)
    return [roi.coordinates()]


def filled(roi: roifile.ImagejRoi, shape: tuple[int, int]) -> np.ndarray:
    """Pixels whose centre is inside by the even-odd rule, as ImageJ fills a shape."""
    inside = np.zeros(shape, bool)
    for ring in rings_of(roi):
        ring = ring.astype(int)
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            assert x0 == x1 or y0 == y1
            if x0 == x1:  # every pixel right of an upright edge changes sides
                inside[min(y0, y1) : max(y0, y1), x0:] ^= True
    return inside


def shoelace(ring: np.ndarray) -> float:
    x, y = ring.astype(np.float64).T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def ragged_objects(count: int, seed: int) -> np.ndarray:
    """Noise in boxes: holes, parts, islands in holes, pixels that touch by corners."""
    rng = np.random.default_rng(seed)
    columns = 25
    labels = np.zeros((-(-count // columns) * 14 + 3, columns * 14 + 3), np.uint32)
    for index in range(count):
        y, x = (index // columns) * 14 + 1, (index % columns) * 14 + 1
        size = rng.integers(1, 14, 2)
        noise = ndimage.gaussian_filter(rng.normal(size=size), rng.uniform(0, 1.5))
        box = labels[y : y + size[0], x : x + size[1]]
        box[noise >= np.quantile(noise, rng.uniform(0, 0.7))] = index + 1
    return labels


def test_the_area_of_500_ragged_objects_is_their_pixel_count() -> None:
    labels = ragged_objects(500, 3)
    rois = decoded(roi_set(labels))
    assert len(rois) == 500
    composites = 0
    for label, roi in enumerate(rois, 1):
        own = labels == label
        np.testing.assert_array_equal(filled(roi, labels.shape), own)
        assert abs(sum(shoelace(ring) for ring in rings_of(roi))) == own.sum()
        composites += roi.composite
    assert 150 < composites < 450  # both forms are seen


@settings(max_examples=80, deadline=None)
@given(
    arrays(np.uint32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3))
)
def test_outlines_fill_to_the_labels_again(labels: np.ndarray) -> None:
    again = np.zeros_like(labels)
    for roi in decoded(roi_set(labels)):
        again[filled(roi, labels.shape)] = int(roi.name.removeprefix("cell-"))
    np.testing.assert_array_equal(again, labels)


def test_a_square_is_four_corners_and_a_ring_is_a_composite() -> None:
    labels = np.zeros((9, 9), np.uint32)
    labels[1:4, 2:7] = 1
    labels[5:8, 5:8] = 2
    labels[6, 6] = 0
    square, ring = decoded(roi_set(labels))
    assert square.roitype == roifile.ROI_TYPE.POLYGON
    assert sorted(map(tuple, square.coordinates().tolist())) == [(2, 1), (2, 4), (7, 1), (7, 4)]
    assert (square.left, square.top, square.right, square.bottom) == (2, 1, 7, 4)
    assert ring.composite
    assert [len(part) for part in ring.coordinates(multi=True)] in ([4, 4], [5, 5])
    assert (ring.left, ring.top, ring.right, ring.bottom) == (5, 5, 8, 8)


def test_names_and_comment(provenance: Provenance) -> None:
    labels = np.zeros((9, 9), np.uint32)
    labels[1, 1], labels[5, 5] = 7, 12345
    data = roi_set(labels, provenance)
    assert [roi.name for roi in decoded(data)] == ["cell-00007", "cell-12345"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["cell-00007.roi", "cell-12345.roi"]
        assert Provenance.from_json(archive.comment.decode()) == provenance
        assert json.loads(archive.comment)["model"] == "nuclei"
    assert data == roi_set(labels, provenance)


def test_no_objects_are_an_empty_set() -> None:
    assert decoded(roi_set(np.zeros((5, 5), np.uint32))) == []


def test_the_last_coordinate_of_imagej_holds_and_the_next_is_refused() -> None:
    labels = np.zeros((3, 32_767), np.uint32)
    labels[1, 32_760:] = 1
    (roi,) = decoded(roi_set(labels))
    assert (roi.left, roi.right) == (32_760, 32_767)
    assert filled(roi, labels.shape).sum() == 7
    with pytest.raises(RoiLimitError, match=r"3 × 32,768 pixels.*32,767.*--save labels"):
        roi_set(np.zeros((3, 32_768), np.uint32))


def test_five_thousand_objects_take_seconds() -> None:
    labels = np.zeros((320, 1000), np.uint32)
    blocks = np.arange(1, 5_001, dtype=np.uint32).reshape(40, 125)
    labels[:] = np.kron(blocks, np.ones((8, 8), np.uint32))
    roi_set(labels[:16, :16])  # compile
    start = time.perf_counter()
    data = roi_set(labels)
    assert time.perf_counter() - start < 30
    assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 5_000
