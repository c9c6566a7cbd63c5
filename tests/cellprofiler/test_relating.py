"""What must always hold of nuclei and their cells."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cellwire_cellprofiler.label_sets import keep, label_sets
from cellwire_cellprofiler.relating import children_counts, pair, paired, relate


@st.composite
def two_sets(draw: st.DrawFn) -> tuple[Any, Any]:
    """Cells and nuclei of one field, each numbered 1..n, with many ties and empty ones."""
    shape = draw(arrays.array_shapes(min_dims=2, max_dims=3, max_side=6))
    made = []
    for highest in (4, 5):
        labels = draw(arrays.arrays(np.int32, shape, elements=st.integers(0, highest)))
        made.append(label_sets(labels, {}).segmented)
    return made[0], made[1]


def _overlap(cells: Any, nuclei: Any, cell: int, nucleus: int) -> int:
    return int(np.count_nonzero((cells == cell) & (nuclei == nucleus)))


@given(two_sets())
def test_the_parent_shares_most_pixels(sets: tuple[Any, Any]) -> None:
    cells, nuclei = sets
    relation = relate(cells, nuclei)
    assert len(relation.parents) == nuclei.max()
    for nucleus, (parent, overlap) in enumerate(zip(*relation, strict=True), 1):
        shared = [_overlap(cells, nuclei, c, nucleus) for c in range(1, cells.max() + 1)]
        most = max(shared, default=0)
        assert overlap == most
        assert parent == (shared.index(most) + 1 if most else 0)  # the lowest of equals


@given(two_sets())
def test_children_are_counted(sets: tuple[Any, Any]) -> None:
    cells, nuclei = sets
    parents = relate(cells, nuclei).parents
    counts = children_counts(parents, int(cells.max()))
    assert len(counts) == cells.max()
    assert counts.sum() == np.count_nonzero(parents)
    for cell, count in enumerate(counts, 1):
        assert count == np.count_nonzero(parents == cell)


@given(two_sets())
def test_pairs_are_one_to_one_and_the_best(sets: tuple[Any, Any]) -> None:
    cells, nuclei = sets
    relation = relate(cells, nuclei)
    pairs = pair(relation)
    assert len(pairs.cells) == len(pairs.nuclei) == len(set(pairs.nuclei.tolist()))
    assert pairs.cells.tolist() == sorted(set(pairs.cells.tolist()))
    assert set(pairs.cells.tolist()) == set(relation.parents.tolist()) - {0}
    for cell, nucleus in zip(pairs.cells.tolist(), pairs.nuclei.tolist(), strict=True):
        rivals = np.flatnonzero(relation.parents == cell) + 1
        best = relation.overlaps[rivals - 1].max()
        assert relation.overlaps[nucleus - 1] == best
        assert nucleus == rivals[relation.overlaps[rivals - 1] == best].min()


@given(two_sets())
def test_nucleus_n_lies_in_cell_n_once_paired(sets: tuple[Any, Any]) -> None:
    cells, nuclei = (label_sets(labels, {}) for labels in sets)
    relation = relate(cells.segmented, nuclei.segmented)
    pairs = pair(relation)
    kept = keep(cells, pairs.cells).segmented, keep(nuclei, pairs.nuclei).segmented
    after = paired(pairs, relation)
    assert kept[0].max() == kept[1].max() == len(pairs.cells)
    for number in range(1, len(pairs.cells) + 1):
        assert after.parents[number - 1] == number
        assert _overlap(*kept, number, number) == after.overlaps[number - 1] > 0
