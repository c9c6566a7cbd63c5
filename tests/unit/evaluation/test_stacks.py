from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellwire.errors import TrainingDataError
from cellwire.evaluation.label_files import read_labels
from cellwire.evaluation.matching import THRESHOLDS
from cellwire.evaluation.report import report_of
from cellwire.evaluation.score_table import image_rows
from cellwire.evaluation.scores import score_image

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = st.tuples(*[st.integers(1, 5)] * 3)
TWO = SHAPES.flatmap(
    lambda shape: st.tuples(*[arrays(np.int32, shape, elements=st.integers(0, 4))] * 2)
)


@settings(max_examples=80, deadline=None)
@given(TWO)
def test_stacks_are_scored_by_the_voxels_that_objects_share(
    pair: tuple[np.ndarray, np.ndarray],
) -> None:
    truth, prediction = pair
    scores = score_image("s", truth, prediction)
    # The same voxels laid out as one plane have the same overlaps.
    flat = (each.reshape(each.shape[0], -1) for each in pair)
    plane = score_image("s", *flat)
    assert (scores.tp, scores.objects, scores.predicted) == (
        plane.tp, plane.objects, plane.predicted,
    )  # fmt: skip
    assert np.isnan(scores.boundary).all()
    perfect = score_image("s", truth, truth)
    assert perfect.tp == (len(np.unique(truth[truth > 0])),) * len(THRESHOLDS)


def test_an_object_in_half_of_its_planes_is_half_right() -> None:
    truth = np.zeros((6, 9, 9), np.int32)
    truth[1:5, 2:6, 2:6] = 1
    prediction = truth.copy()
    prediction[3:] = 0
    scores = score_image("s", truth, prediction)
    assert scores.tp == (1, *(0,) * 9)  # IoU 0.5
    assert scores.aji == pytest.approx(0.5)


def test_labels_of_a_stack_need_not_say_their_axes(tmp_path: Path) -> None:
    labels = np.random.default_rng(0).integers(0, 9, (3, 20, 30)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "plain.tif", labels, photometric="minisblack")
    tifffile.imwrite(tmp_path / "ij.tif", labels, imagej=True, metadata={"axes": "ZYX"})
    for name in ("plain.tif", "ij.tif"):
        np.testing.assert_array_equal(read_labels(tmp_path / name, (3, 20, 30), "ZYX"), labels)


def test_labels_of_a_stack_may_come_from_cellpose_s_own_file(tmp_path: Path) -> None:
    labels = np.random.default_rng(0).integers(0, 9, (3, 20, 30)).astype(np.uint16)
    np.save(tmp_path / "a_seg.npy", {"masks": labels, "filename": "a.tif"}, allow_pickle=True)
    np.testing.assert_array_equal(read_labels(tmp_path / "a_seg.npy", (3, 20, 30), "ZYX"), labels)
    with pytest.raises(TrainingDataError, match="have 3×20×30"):
        read_labels(tmp_path / "a_seg.npy", (4, 20, 30), "ZYX")


@pytest.mark.parametrize(
    ("array", "name", "words"),
    [
        (
            np.zeros((2, 20, 30), np.uint16),
            "a.tif",
            "3×20×30 pixels, its labels a.tif have 2×20×30",
        ),
        (np.zeros((20, 30), np.uint16), "a.tif", "labels cannot be used"),
        (np.zeros((3, 20, 30, 3), np.uint8), "a.tif", "labels cannot be used"),
        (np.full((3, 20, 30), 0.5, np.float32), "a.tif", "fractions such as 0.5"),
    ],
)
def test_what_is_no_label_stack(tmp_path: Path, array: np.ndarray, name: str, words: str) -> None:
    photometric = "rgb" if array.ndim == 4 else "minisblack"
    tifffile.imwrite(tmp_path / name, array, photometric=photometric)
    with pytest.raises(TrainingDataError, match=words):
        read_labels(tmp_path / name, (3, 20, 30), "ZYX")


def test_roi_sets_are_of_planes(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match=r"a\.zip is a ROI set"):
        read_labels(tmp_path / "a.zip", (3, 20, 30), "ZYX")


def test_a_row_for_each_image_and_a_column_for_each_way() -> None:
    truth = np.zeros((4, 9, 9), np.int32)
    truth[:, 1:4, 1:4], truth[:, 5:8, 5:8] = 1, 2
    half = np.where(truth == 1, truth, 0)
    reports = [
        {"model": "nuclei", "diameter": "gt", "stack": way,
         **report_of([score_image("a", truth, found), score_image("b", truth, truth)])}
        for way, found in (("volume", truth), ("stitched", half))
    ]  # fmt: skip
    header, rows = image_rows(reports)
    assert header == [
        "image", "cells", "volume: AP@0.5 / AP@0.75", "stitched: AP@0.5 / AP@0.75",
    ]  # fmt: skip
    assert rows == [
        ["a", "2", "1.000 / 1.000", "0.500 / 0.500"],
        ["b", "2", "1.000 / 1.000", "1.000 / 1.000"],
        ["mean", "", "1.000 / 1.000", "0.750 / 0.750"],
    ]
