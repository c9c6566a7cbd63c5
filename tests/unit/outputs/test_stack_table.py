from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellwire.images.spec import Calibration
from cellwire.outputs.stack_table import stack_table_csv, volume_table
from tests.unit.outputs.stacks import balls, stack_of

if TYPE_CHECKING:
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.volume.stack import StackSegmentation

ZYX = arrays(
    np.uint32, st.tuples(*[st.integers(1, 5)] * 3), elements=st.sampled_from([0, 0, 1, 2, 7])
)


def rows_of(
    segmentation: StackSegmentation, calibration: Calibration, provenance: Provenance
) -> list[dict[str, float]]:
    text = stack_table_csv(segmentation, calibration, provenance)
    first, rest = text.split("\n", 1)
    assert first == f"# {provenance.to_json()}"
    return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(io.StringIO(rest))]


@settings(max_examples=60, deadline=None)
@given(ZYX)
def test_counts_places_and_boxes_are_those_of_the_voxels(labels: np.ndarray) -> None:
    table = volume_table(labels, Calibration(0.5, 0.25, 2.0))
    np.testing.assert_array_equal(table["label"], np.unique(labels[labels > 0]))
    for row, label in enumerate(table["label"]):
        own = np.argwhere(labels == label)
        low, high = own.min(axis=0), own.max(axis=0)
        found = {name: column[row] for name, column in table.items()}
        assert found["volume_voxels"] == len(own)
        assert found["volume_um3"] == pytest.approx(len(own) * 0.25)
        assert found["planes"] == len(np.unique(own[:, 0]))
        centroid = [found[f"centroid_{n}"] for n in ("z_planes", "y_px", "x_px")]
        assert centroid == pytest.approx(own.mean(axis=0))
        assert [found[f"centroid_{axis}_um"] for axis in "zyx"] == pytest.approx(
            own.mean(axis=0) * (2.0, 0.5, 0.25)
        )
        assert (found["first_plane"], found["last_plane"]) == (low[0] + 1, high[0] + 1)
        assert (found["top_px"], found["left_px"]) == tuple(low[1:])
        assert (found["bottom_px"], found["right_px"]) == tuple(high[1:] + 1)
        extents = [found[n] for n in ("depth_planes", "height_px", "width_px")]
        assert extents == (high - low + 1).tolist()
        assert [found[f"{n}_um"] for n in ("depth", "height", "width")] == pytest.approx(
            np.array(extents) * (2.0, 0.5, 0.25)
        )
        assert found["surface_um2"] > 0


def test_a_ball_in_micrometres() -> None:
    labels = balls((15, 40, 40), 5, (7, 14, 14))
    table = volume_table(labels, Calibration(0.2, 0.2, 0.2))
    assert table["diameter_um"][0] == pytest.approx(2.0, rel=0.02)
    assert table["diameter_px"][0] == pytest.approx(10.0, rel=0.02)
    assert table["surface_um2"][0] == pytest.approx(4 * np.pi, rel=0.03)
    assert table["volume_um3"][0] == pytest.approx(4 / 3 * np.pi, rel=0.05)


def test_without_the_distance_of_planes_there_are_voxels_only(provenance: Provenance) -> None:
    labels = balls((15, 40, 40), 5, (7, 14, 14))
    for calibration in (Calibration(), Calibration(0.5, 0.5), Calibration(z=2.0)):
        table = volume_table(labels, calibration, anisotropy=8.0)
        assert not [name for name in table if "um" in name.split("_")[-1]]
        assert table["diameter_px"][0] == pytest.approx(20.0, rel=0.02)


def test_a_row_for_each_object_and_frame(provenance: Provenance) -> None:
    labels = np.stack([balls((6, 30, 30), 3, (3, 8, 8), (3, 20, 20)), np.zeros((6, 30, 30))])
    labels[1, 2, 4:6, 4:6] = 2
    rows = rows_of(stack_of(labels, "TZYX"), Calibration(1, 1, 1), provenance)
    assert [(row["frame"], row["label"]) for row in rows] == [(1, 1), (1, 2), (2, 2)]
    assert rows[2]["volume_um3"] == 4
    assert "plane" not in rows[0]


def test_planes_by_themselves_have_a_row_each_with_its_areas(provenance: Provenance) -> None:
    labels = np.zeros((2, 3, 20, 20), np.uint32)
    labels[0, 1, 2:6, 3:8] = 1
    labels[1, 2, 2:4, 2:4] = 1
    labels[1, 2, 10:13, 2:4] = 2
    rows = rows_of(stack_of(labels, "TZYX", "Z"), Calibration(0.5, 0.5, 3.0), provenance)
    assert [(row["frame"], row["plane"], row["label"]) for row in rows] == [
        (1, 2, 1), (2, 3, 1), (2, 3, 2),
    ]  # fmt: skip
    assert [row["area_px"] for row in rows] == [20, 4, 6]
    assert [row["area_um2"] for row in rows] == [5, 1, 1.5]


def test_frames_of_planes_have_no_volumes(provenance: Provenance) -> None:
    labels = np.zeros((2, 20, 20), np.uint32)
    labels[0, 2:6, 3:8], labels[1, 4:8, 4:9] = 5, 5
    rows = rows_of(stack_of(labels, "TYX"), Calibration(), provenance)
    assert [(row["frame"], row["label"], row["area_px"]) for row in rows] == [
        (1, 5, 20),
        (2, 5, 20),
    ]
    assert "volume_voxels" not in rows[0]


def test_a_stack_without_objects_has_its_columns(provenance: Provenance) -> None:
    text = stack_table_csv(
        stack_of(np.zeros((2, 3, 4), int), "ZYX"), Calibration(1, 1, 1), provenance
    )
    assert "volume_um3,surface_um2" in text
    assert text.count("\n") == 2
