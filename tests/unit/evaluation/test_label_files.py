"""Labels from Cellpose's and ImageJ's files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import roifile
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellwire.errors import TrainingDataError
from cellwire.evaluation.label_files import read_labels
from cellwire.outputs.rois import roi_set
from cellwire.training.folders import find_pairs
from cellwire.training.training_images import load_images
from tests.unit.training.samples import disks, picture


def write_rois(path: Path, *rois: roifile.ImagejRoi) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number, roi in enumerate(rois):
            archive.writestr(f"{number:04d}.roi", roi.tobytes())
    return path


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.uint32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3))
)
def test_rois_that_cellwire_wrote_give_the_labels_again(
    tmp_path_factory: pytest.TempPathFactory, labels: np.ndarray
) -> None:
    path = tmp_path_factory.mktemp("rois") / "a_rois.zip"
    path.write_bytes(roi_set(labels))
    if not labels.any():
        with pytest.raises(TrainingDataError, match=r"a_rois\.zip holds no ROI"):
            read_labels(path, labels.shape)
        return
    found = read_labels(path, labels.shape)
    ids = np.unique(labels[labels > 0])
    np.testing.assert_array_equal(np.concatenate([[0], ids])[found], labels)


def test_rois_as_people_draw_them(tmp_path: Path) -> None:
    triangle = roifile.ImagejRoi.frompoints([[2.0, 2.0], [12.0, 2.0], [2.0, 12.0]])
    rect = roifile.ImagejRoi(
        roitype=roifile.ROI_TYPE.RECT, left=14, top=3, right=18, bottom=9, name="r"
    )
    oval = roifile.ImagejRoi(
        roitype=roifile.ROI_TYPE.OVAL, left=20, top=14, right=30, bottom=24, name="o"
    )
    labels = read_labels(write_rois(tmp_path / "a.zip", triangle, rect, oval), (30, 40))
    areas = np.bincount(labels.ravel())[1:]
    assert 45 <= areas[0] <= 55
    assert areas[1] == 24
    assert abs(areas[2] - np.pi * 25) < 4
    assert labels[3, 3] == 1
    assert labels[8, 17] == 2
    assert labels[19, 25] == 3


def test_rois_of_another_image_and_lines_are_said(tmp_path: Path) -> None:
    rect = roifile.ImagejRoi(roitype=roifile.ROI_TYPE.RECT, left=14, top=3, right=98, bottom=9)
    path = write_rois(tmp_path / "a.zip", rect)
    with pytest.raises(TrainingDataError, match=r"0000 of a.zip reaches .* the image is 40×30"):
        read_labels(path, (30, 40))
    line = roifile.ImagejRoi(roitype=roifile.ROI_TYPE.LINE, x1=1, y1=1, x2=5, y2=5)
    with pytest.raises(TrainingDataError, match="is a line, not an area"):
        read_labels(write_rois(tmp_path / "b.zip", line), (30, 40))
    (tmp_path / "c.zip").write_bytes(b"PK no zip")
    with pytest.raises(TrainingDataError, match=r"c.zip is no ROI set"):
        read_labels(tmp_path / "c.zip", (30, 40))


def seg(masks: object, **more: object) -> np.ndarray:
    content = {
        "masks": masks, "filename": "a.tif", "chan_choose": [0, 0], "ismanual": np.zeros(3, bool),
        "flows": [np.zeros((2, 3)), [], None], "diameter": np.float64(12.0), **more,
    }  # fmt: skip
    return np.array(content, dtype=object)


def test_masks_of_the_cellpose_gui(tmp_path: Path) -> None:
    np.save(tmp_path / "a_seg.npy", seg(disks(3).astype(np.int32)), allow_pickle=True)
    tifffile.imwrite(tmp_path / "a.tif", picture(disks(3)))
    (image,) = load_images(find_pairs(tmp_path), least_cells=1)
    np.testing.assert_array_equal(image.labels, disks(3))


def test_a_seg_file_is_never_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"

    class Harm:
        def __reduce__(self) -> object:
            return (Path.touch, (trace,))

    path = tmp_path / "a_seg.npy"
    np.save(path, seg(disks(3), more=Harm()), allow_pickle=True)
    with pytest.raises(TrainingDataError, match=r"a_seg.npy was not read.*pathlib"):
        read_labels(path, (80, 96))
    assert not trace.exists()


def test_seg_files_without_masks_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a_seg.npy"
    for content, said in (
        (np.array({"flows": 1}, dtype=object), "no masks as Cellpose saves them"),
        (seg("none"), "no masks as Cellpose saves them"),
        (seg(np.zeros((2, 80, 96), np.int32)), "have 2×80×96"),
        (seg(np.zeros((3, 5), np.int32)), "has 80×96 pixels, its labels a_seg.npy have 3×5"),
    ):
        np.save(path, content, allow_pickle=True)
        with pytest.raises(TrainingDataError, match=said):
            read_labels(path, (80, 96))
    np.save(path, np.zeros((80, 96)))
    with pytest.raises(TrainingDataError, match="no masks as Cellpose saves them"):
        read_labels(path, (80, 96))
