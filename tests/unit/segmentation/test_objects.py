"""What is measured of every label, against NumPy."""

from __future__ import annotations

import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellwire.images.spec import Calibration
from cellwire.outputs.table import object_table
from cellwire.segmentation.flow_error import erase
from cellwire.segmentation.objects import centroids, measure
from cellwire.segmentation.outlines import trace_outlines

PLANES = arrays(np.uint32, (6, 9), elements=st.sampled_from([0, 1, 2, 4, 70_000]))


@settings(max_examples=50, deadline=None)
@given(PLANES)
def test_centroids_are_the_means_of_the_places(labels: np.ndarray) -> None:
    objects = measure(labels)
    y, x = centroids(labels, objects)
    for label in objects.present():
        rows, columns = np.nonzero(labels == label)
        assert (y[label], x[label]) == (rows.mean(), columns.mean())


@settings(max_examples=50, deadline=None)
@given(PLANES, st.sets(st.sampled_from([1, 2, 4])))
def test_erased_labels_need_no_second_measuring(labels: np.ndarray, doomed: set[int]) -> None:
    objects = measure(labels)
    gone = np.array([each for each in sorted(doomed) if each < len(objects.areas)], np.int64)
    told = objects.without(gone)
    erase(labels, gone)
    found = measure(labels, len(objects.areas) - 1)
    np.testing.assert_array_equal(told.areas, found.areas)
    np.testing.assert_array_equal(told.firsts[1:], found.firsts[1:])
    np.testing.assert_array_equal(told.boxes[told.present()], found.boxes[found.present()])


def test_a_hundred_thousand_objects_take_seconds() -> None:
    side = 317
    y, x = np.mgrid[: side * 4, : side * 4]
    labels = (1 + y // 4 * side + x // 4) * ((y % 4 > 0) & (x % 4 > 0))
    labels = labels.astype(np.uint32)
    start = time.process_time()
    table = object_table(labels, Calibration())
    rings = trace_outlines(labels)
    assert time.process_time() - start < 5
    assert len(table["label"]) == len(rings.labels) == side * side > 100_000
    assert (table["area_px"] == 9).all()
    assert (np.diff(rings.starts) == 4).all()
