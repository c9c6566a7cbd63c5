from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellwire.images.spec import Calibration
from cellwire.outputs.table import object_table, removed_csv, table_csv

if TYPE_CHECKING:
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.result import Segmentation


def rows(text: str) -> list[dict[str, str]]:
    first, *rest = text.splitlines()
    assert json.loads(first.removeprefix("# "))["program"] == "cellwire"
    return list(csv.DictReader(rest))


def test_columns_in_pixels_and_micrometres(
    segmentation: Segmentation, provenance: Provenance
) -> None:
    first, second = rows(table_csv(segmentation, Calibration(0.5, 0.25), provenance))
    assert (first["label"], first["area_px"]) == ("1", "200")
    assert (float(first["centroid_y_px"]), float(first["centroid_x_px"])) == (6.5, 12.5)
    box = [first[f"{side}_px"] for side in ("top", "left", "bottom", "right")]
    assert box == ["2", "3", "12", "23"]
    assert float(first["area_um2"]) == 25.0
    assert (float(first["centroid_y_um"]), float(first["centroid_x_um"])) == (3.25, 3.125)
    assert float(first["diameter_px"]) == pytest.approx(2 * np.sqrt(200 / np.pi), rel=1e-5)
    assert second["area_px"] == str(100 - 6)


def test_unknown_pixel_size_has_no_micrometres(
    segmentation: Segmentation, provenance: Provenance
) -> None:
    first = rows(table_csv(segmentation, Calibration(), provenance))[0]
    assert not any("um" in name for name in first)


def test_removed_objects_have_their_reason(
    segmentation: Segmentation, provenance: Provenance
) -> None:
    assert rows(removed_csv(segmentation, provenance)) == [{"label": "3", "reason": "small"}]


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint32, (7, 8), elements=st.sampled_from([0, 1, 2, 5, 9])))
def test_every_object_is_measured(labels: np.ndarray) -> None:
    table = object_table(labels, Calibration())
    assert table["label"].tolist() == [n for n in np.unique(labels) if n]
    for index, label in enumerate(table["label"]):
        y, x = np.nonzero(labels == label)
        assert table["area_px"][index] == len(y)
        assert table["centroid_y_px"][index] == pytest.approx(y.mean())
        assert table["centroid_x_px"][index] == pytest.approx(x.mean())
        assert (table["top_px"][index], table["bottom_px"][index]) == (y.min(), y.max() + 1)
        assert (table["left_px"][index], table["right_px"][index]) == (x.min(), x.max() + 1)
