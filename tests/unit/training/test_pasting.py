from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwire.segmentation.targets import labels_to_flows
from cellwire.training.augmentation import Seen
from cellwire.training.pasting import MOST_COVERED, paste_cells

SIDE = 96


def view(seed: int, count: int, cells: float = 0.8, ground: float = 0.1) -> Seen:
    rng = np.random.default_rng(seed)
    labels = np.zeros((SIDE, SIDE), np.int32)
    for label in range(1, count + 1):
        centre = tuple(int(at) for at in rng.integers(0, SIDE, 2))
        axes = tuple(int(at) for at in rng.integers(5, 11, 2))
        cv2.ellipse(labels, centre, axes, int(rng.integers(180)), 0, 360, label, -1)
    image = np.where(labels > 0, cells, ground).astype(np.float32)
    image += rng.normal(0.0, 0.02, image.shape).astype(np.float32)
    targets = np.concatenate([(labels > 0)[None], labels_to_flows(labels)]).astype(np.float32)
    return Seen(image[None], targets, None, labels)


@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_what_is_pasted_is_whole_and_hides_little(seed: int, own: int, others: int) -> None:
    seen, source = view(seed, own), view(seed + 1, others)
    before = seen.labels.copy()
    made = paste_cells(np.random.default_rng(seed), seen, source)
    np.testing.assert_array_equal(seen.labels, before)
    shapes = {_shape(source.labels, number) for number in np.unique(source.labels) if number}
    for number in np.unique(before)[np.unique(before) > 0]:
        was, now = before == number, made.labels == number
        assert not (now & ~was).any()
        assert np.count_nonzero(now) >= (1.0 - MOST_COVERED) * np.count_nonzero(was)
        same = np.array_equal(was, now)
        if same:
            np.testing.assert_array_equal(made.targets[1:, now], seen.targets[1:, now])
    new = np.setdiff1d(made.labels, before)
    # One that others hide in part has no shape to compare.
    whole = [_shape(made.labels, number) in shapes for number in new]
    assert not len(new) or whole[-1]
    np.testing.assert_array_equal(made.targets[0], made.labels > 0)


def _shape(labels: np.ndarray, number: int) -> bytes:
    ys, xs = np.nonzero(labels == number)
    return np.stack([ys - ys.min(), xs - xs.min()]).tobytes()


def test_pasted_cells_add_light_and_get_their_own_flows() -> None:
    seen, source = view(3, 3), view(4, 9)
    made = paste_cells(np.random.default_rng(0), seen, source)
    new = ~np.isin(made.labels, seen.labels)
    assert len(np.unique(made.labels)) > len(np.unique(seen.labels))
    assert made.image[0][new].mean() > seen.image[0][new].mean() + 0.1
    far = cv2.dilate(new.astype(np.uint8), np.ones((15, 15), np.uint8)) == 0
    np.testing.assert_array_equal(made.image[0][far], seen.image[0][far])
    expected = labels_to_flows(np.where(new, made.labels, 0))
    np.testing.assert_allclose(made.targets[1:, new], expected[:, new], atol=1e-6)


def test_dark_cells_are_not_pasted_among_bright_ones() -> None:
    seen = view(3, 4)
    assert paste_cells(np.random.default_rng(0), seen, view(4, 9, 0.1, 0.8)) is seen
    dark = view(3, 4, 0.1, 0.8)
    made = paste_cells(np.random.default_rng(0), dark, view(4, 9, 0.1, 0.8))
    new = ~np.isin(made.labels, dark.labels)
    assert new.any()
    assert made.image[0][new].mean() < dark.image[0][new].mean()


def test_nothing_to_paste_or_beside() -> None:
    empty = view(1, 0)
    assert paste_cells(np.random.default_rng(0), empty, view(2, 5)) is empty
    seen = view(2, 5)
    assert paste_cells(np.random.default_rng(0), seen, empty) is seen
