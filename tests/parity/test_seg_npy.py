"""What the reference's own reader makes of our ``_seg.npy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cellwire.outputs.provenance import Provenance
from cellwire.outputs.seg_npy import seg_npy
from cellwire.segmentation.result import Segmentation

if TYPE_CHECKING:
    from pathlib import Path

peer = pytest.importorskip("cellpose.io", reason="the reference is not installed")
utils = pytest.importorskip("cellpose.utils")
MADE = Provenance("0.1.0", "nuclei", "00" * 32, {}, "torch", "fp32")


def discs(count: int) -> Segmentation:
    y, x = np.mgrid[:90, :120]
    labels = np.zeros((90, 120), np.uint32)
    for index in range(count):
        centre = 14 + 26 * (index // 4), 14 + 27 * (index % 4)
        labels[np.hypot(y - centre[0], x - centre[1]) < 6 + index % 5] = index + 1
    labels[10:13, 12:15] = 0  # a hole
    labels[:5, 110:] = count  # and one on the edge of the image
    rng = np.random.default_rng(1)
    flows = rng.normal(size=(2, 90, 120)).astype(np.float32)
    cellprob = np.where(labels > 0, 5, -5).astype(np.float32)
    return Segmentation(labels, labels, {}, flows, cellprob, np.zeros(256, np.float32), 17.5, 15)


@pytest.fixture
def both(tmp_path: Path) -> tuple[dict, dict, Segmentation]:
    """Our file and the one that the reference writes of the same, as its GUI loads them."""
    found = discs(11)
    ours, theirs = tmp_path / "ours_seg.npy", tmp_path / "theirs.tif"
    ours.write_bytes(seg_npy(found, "theirs.tif", (1, 2), MADE))
    flows = [np.zeros((90, 120, 3), np.uint8), found.flows, found.cellprob]
    peer.masks_flows_to_seg(
        np.zeros((90, 120)), found.labels.astype(np.uint16), flows, str(theirs), diams=17.5,
        channels=[1, 2],
    )  # fmt: skip
    loaded = [np.load(p, allow_pickle=True).item() for p in (ours, tmp_path / "theirs_seg.npy")]
    return loaded[0], loaded[1], found


def test_keys_and_masks_are_the_references(both: tuple[dict, dict, Segmentation]) -> None:
    ours, theirs, found = both
    assert set(theirs) <= set(ours)
    for key in ("masks", "outlines", "ismanual"):
        np.testing.assert_array_equal(ours[key], theirs[key])
        assert ours[key].dtype == theirs[key].dtype
    assert list(ours["chan_choose"]) == theirs["chan_choose"]
    assert ours["diameter"] == theirs["diameter"]
    assert len(ours["ismanual"]) == found.count


def test_flows_have_the_shapes_that_the_gui_takes(both: tuple[dict, dict, Segmentation]) -> None:
    ours, _, found = both
    shown, probability, _, _, raw = ours["flows"]
    assert (shown.shape, shown.dtype) == ((1, 90, 120, 3), np.uint8)
    assert (probability.shape, probability.dtype) == ((1, 90, 120), np.uint8)
    np.testing.assert_array_equal(raw[:2], found.flows)  # thresholds are tried again on these
    np.testing.assert_array_equal(raw[2], found.cellprob)
    assert shown.shape[-3] == ours["masks"].shape[-2]  # else the GUI rescales every entry


def test_the_references_training_reads_it_as_labels(tmp_path: Path) -> None:
    found = discs(5)
    (tmp_path / "a_seg.npy").write_bytes(seg_npy(found, "a.tif", (0,), MADE))
    import tifffile

    tifffile.imwrite(tmp_path / "a.tif", np.zeros((90, 120), np.uint8))
    images, labels, *_ = peer.load_train_test_data(str(tmp_path), mask_filter="_seg.npy")
    assert len(images) == 1
    np.testing.assert_array_equal(labels[0], found.labels)
