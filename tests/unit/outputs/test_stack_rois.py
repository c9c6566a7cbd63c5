from __future__ import annotations

import io
import time
import zipfile

import numpy as np
import pytest
import roifile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellwire.errors import RoiLimitError
from cellwire.evaluation.roi_files import fill_rings
from cellwire.outputs import rois as rois_module
from cellwire.outputs.rois import roi_set
from tests.unit.outputs.stacks import balls

SMALL = st.integers(2, 4)
TZYX = arrays(np.uint32, st.tuples(SMALL, SMALL, SMALL, SMALL), elements=st.integers(0, 3))


def decoded(data: bytes) -> dict[str, roifile.ImagejRoi]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name.removesuffix(".roi") for name in archive.namelist()]
        assert len(set(names)) == len(names)
        return {
            name: roifile.ImagejRoi.frombytes(archive.read(f"{name}.roi")) for name in names
        }  # fmt: skip


def drawn(roi: roifile.ImagejRoi, plane: np.ndarray, label: int) -> None:
    rings = roi.coordinates(multi=True) if roi.composite else [roi.coordinates()]
    top, left, inside = fill_rings(rings)
    assert not plane[top : top + inside.shape[0], left : left + inside.shape[1]][inside].any()
    plane[top : top + inside.shape[0], left : left + inside.shape[1]][inside] = label


@settings(max_examples=60, deadline=None)
@given(TZYX)
def test_every_plane_is_drawn_again_at_its_position(labels: np.ndarray) -> None:
    again = np.zeros_like(labels)
    for roi in decoded(roi_set(labels, axes="TZYX")).values():
        assert (roi.position, roi.c_position) == (0, 0)
        plane = again[roi.t_position - 1, roi.z_position - 1]
        drawn(roi, plane, int(roi.name.removeprefix("cell-")))
    np.testing.assert_array_equal(again, labels)


@settings(max_examples=40, deadline=None)
@given(TZYX.map(lambda labels: labels[0]), st.sampled_from(["ZYX", "TYX"]))
def test_planes_of_a_simple_stack_have_one_number(labels: np.ndarray, axes: str) -> None:
    again = np.zeros_like(labels)
    for roi in decoded(roi_set(labels, axes=axes)).values():
        assert (roi.c_position, roi.z_position, roi.t_position) == (0, 0, 0)
        drawn(roi, again[roi.position - 1], int(roi.name.removeprefix("cell-")))
    np.testing.assert_array_equal(again, labels)


def test_a_stack_of_a_hyperstack_has_slices_and_frames() -> None:
    labels = np.ones((3, 4, 5), np.uint32)
    for axes, field in (("ZYX", "z_position"), ("TYX", "t_position")):
        rois = decoded(roi_set(labels, axes=axes, hyperstack=True)).values()
        assert [getattr(roi, field) for roi in rois] == [1, 2, 3]
        assert all(roi.position == 0 for roi in rois)


def test_one_frame_of_planes_is_a_simple_stack_for_imagej() -> None:
    labels = np.ones((1, 3, 4, 5), np.uint32)
    rois = decoded(roi_set(labels, axes="TZYX")).values()
    assert [(roi.position, roi.z_position) for roi in rois] == [(1, 0), (2, 0), (3, 0)]


@pytest.mark.parametrize(
    ("restarts", "names", "entries"),
    [
        ("", {"cell-0002"}, {"cell-0002-t001-z001", "cell-0002-t002-z003"}),
        ("T", {"t001-cell-0002", "t002-cell-0002"}, {"t001-cell-0002-z003"}),
        ("Z", {"t001-z001-cell-0002", "t002-z003-cell-0002"}, {"t002-z003-cell-0002"}),
    ],
)
def test_an_object_has_one_name(restarts: str, names: set[str], entries: set[str]) -> None:
    labels = np.full((2, 3, 4, 5), 2, np.uint32)
    rois = decoded(roi_set(labels, axes="TZYX", restarts=restarts))
    assert len(rois) == 6
    assert entries <= set(rois)
    found = {roi.name for roi in rois.values()}
    assert names <= found
    assert len(found) == {"": 1, "T": 2, "Z": 6}[restarts]


def test_many_rois_take_seconds() -> None:
    ball = balls((5, 9, 9), 4, (2, 4, 4)) > 0
    rows, columns = 40, 50
    labels = np.zeros((5, 9 * rows, 9 * columns), np.uint32)
    for index in range(rows * columns):
        y, x = 9 * (index // columns), 9 * (index % columns)
        labels[:, y : y + 9, x : x + 9][ball] = index + 1
    roi_set(labels[:1, :9, :9], axes="ZYX")
    started = time.perf_counter()
    data = roi_set(labels, axes="ZYX")
    seconds = time.perf_counter() - started
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        count = len(archive.namelist())
    assert count == int(sum(len(np.unique(plane)) - 1 for plane in labels)) == 10_000
    assert seconds < 10  # 36 µs each where nothing else runs


def test_more_than_can_be_worked_with(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.ones((3, 4, 5), np.uint32)
    monkeypatch.setattr(rois_module, "MAX_ROIS", 2)
    with pytest.raises(RoiLimitError, match=r"more than 2 outlines.*may have 2"):
        roi_set(labels, axes="ZYX")
    with pytest.raises(RoiLimitError, match="32,767"):
        roi_set(np.broadcast_to(np.uint32(1), (2, 3, 32_768)), axes="ZYX")
