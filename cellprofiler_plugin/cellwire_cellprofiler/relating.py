"""Which nucleus belongs to which cell."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Relation(NamedTuple):
    """The cell of each nucleus.

    Attributes
    ----------
    parents
        (number of nuclei,) int: the cell that shares most pixels with the nucleus, the lowest
        number of equals, 0 = none.
    overlaps
        (number of nuclei,) int: how many pixels they share.
    """

    parents: Any
    overlaps: Any


class Pairs(NamedTuple):
    """Cells with a nucleus, and the nucleus of each: entry i of both belongs together."""

    cells: Any
    nuclei: Any


def relate(cells: Any, nuclei: Any) -> Relation:
    """Find the cell of each nucleus.

    Parameters
    ----------
    cells, nuclei
        (Y, X) labels 1..n, 0 = background.

    Returns
    -------
    Relation
    """
    count = int(nuclei.max(initial=0))
    parents = np.zeros(count, np.int64)
    overlaps = np.zeros(count, np.int64)
    both = (cells > 0) & (nuclei > 0)
    stride = int(cells.max(initial=0)) + 1
    codes, shared = np.unique(
        nuclei[both].astype(np.int64) * stride + cells[both], return_counts=True
    )
    nucleus, cell = codes // stride, codes % stride
    # Most shared pixels last, and of equals the lowest cell last: the last write wins.
    order = np.lexsort((-cell, shared))
    parents[nucleus[order] - 1] = cell[order]
    overlaps[nucleus[order] - 1] = shared[order]
    return Relation(parents, overlaps)


def pair(relation: Relation) -> Pairs:
    """Keep one nucleus a cell: the one that shares most pixels with it, the lowest of equals.

    Parameters
    ----------
    relation
        Of all nuclei.

    Returns
    -------
    Pairs
        In ascending order of the cells; cells without a nucleus and nuclei without a cell are
        not in it.
    """
    parents, overlaps = relation
    related = np.flatnonzero(parents)
    order = related[np.lexsort((-related, overlaps[related]))]
    best = np.zeros(int(parents.max(initial=0)) + 1, np.int64)
    best[parents[order]] = order + 1
    cells = np.flatnonzero(best)
    return Pairs(cells, best[cells])


def children_counts(parents: Any, cells: int) -> Any:
    """Count the nuclei of each cell.

    Parameters
    ----------
    parents
        (number of nuclei,) cell of each nucleus, 0 = none.
    cells
        Number of cells.

    Returns
    -------
    array
        (cells,) int.
    """
    return np.bincount(np.asarray(parents, np.int64), minlength=cells + 1)[1:]


def paired(pairs: Pairs, relation: Relation) -> Relation:
    """Give the relation of the nuclei that were kept, after both were numbered anew."""
    number = np.arange(1, len(pairs.nuclei) + 1)
    return Relation(number, relation.overlaps[pairs.nuclei - 1])
