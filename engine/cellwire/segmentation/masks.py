"""From the end points of the dynamics to labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

from cellwire.segmentation.objects import raster_ranks
from cellwire.segmentation.parallel import parallel_region

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import LabelArray
    from cellwire.segmentation.dynamics import Positions

SEED_COUNT = 10
"""A seed is a peak in which more than this many pixels end."""

GROWTH_COUNT = 2
"""A seed grows into pixels in which more than this many pixels end."""

REACH = 5
"""A seed grows by so many pixels to each side."""


def build_masks(
    pixels: Positions, ends: Positions, shape: tuple[int, int], max_size_fraction: float = 0.4
) -> tuple[LabelArray, LabelArray | None]:
    """Gather the pixels that end together into cells.

    The end points are counted per pixel; peaks of that histogram (greatest in 5x5, above 10) are
    seeds; each grows five times by its neighbours, where more than two pixels end, within 11x11;
    seeds with more end points overwrite those with fewer, and among equals the later one in
    raster order does (peer: ``dynamics.get_masks_torch`` 3.1.1.3, which leaves the order of
    equals to an unstable sort: the only thing in which the two may legally differ). A pixel gets
    the label of the place where it ends.

    Parameters
    ----------
    pixels, ends
        (N,) positions from `cellwire.segmentation.dynamics.follow_flows`.
    shape
        (Y, X) of the image.
    max_size_fraction
        Cells above this share of the image are taken out.

    Returns
    -------
    labels
        (Y, X) uint32, numbered in raster order.
    oversized
        The cells taken out, numbered for themselves, ``None`` if there are none.
    """
    labels = np.zeros(shape, np.uint32)
    if not len(ends):
        return labels, None
    histogram = np.zeros(shape, np.int32)
    seeds = np.sort(_count(histogram.ravel(), ends))
    seeds = seeds[_peaks(histogram, seeds)]
    if not len(seeds):
        return labels, None
    seeds = seeds[np.argsort(histogram.ravel()[seeds], kind="stable")]
    places = np.zeros(shape, np.uint32)
    _grow(histogram, seeds, places)
    del histogram
    # Pixels are in raster order, so that areas and first pixels need no pass over the image.
    areas, firsts = _survey(places.ravel(), pixels, ends, len(seeds))
    present = np.flatnonzero(areas[1:]) + 1
    large = areas[present] > labels.size * max_size_fraction
    table = raster_ranks(firsts, present[~large])
    oversized = None
    with parallel_region():
        _assign(places.ravel(), pixels, ends, table, labels.ravel())
    if large.any():
        oversized = np.zeros(shape, np.uint32)
        table = raster_ranks(firsts, present[large])
        with parallel_region():
            _assign(places.ravel(), pixels, ends, table, oversized.ravel())
    return labels, oversized


def relabel(labels: LabelArray, table: LabelArray) -> LabelArray:
    """Give the label image in which every label is replaced by its entry in a table."""
    result = np.empty_like(labels)
    with parallel_region():
        _relabel(labels, table, result)
    return result


@numba.njit(nogil=True, cache=True)
def _count(histogram, ends):  # type: ignore[no-untyped-def]
    # Gives the places with more than SEED_COUNT end points, each once, when it gets that many.
    crowded = np.empty(len(ends) // (SEED_COUNT + 1), np.int64)
    found = 0
    for k in range(len(ends)):
        histogram[ends[k]] += 1
        if histogram[ends[k]] == SEED_COUNT + 1:
            crowded[found] = ends[k]
            found += 1
    return crowded[:found]


@numba.njit(nogil=True, cache=True)
def _peaks(histogram, candidates):  # type: ignore[no-untyped-def]
    height, width = histogram.shape
    peak = np.ones(len(candidates), np.bool_)
    for k in range(len(candidates)):
        y, x = candidates[k] // width, candidates[k] % width
        here = histogram[y, x]
        for row in range(max(0, y - 2), min(height, y + 3)):
            for column in range(max(0, x - 2), min(width, x + 3)):
                if histogram[row, column] > here:
                    peak[k] = False
    return peak


@numba.njit(nogil=True, cache=True)
def _grow(histogram, seeds, places):  # type: ignore[no-untyped-def]
    height, width = histogram.shape
    side = 2 * REACH + 1
    reached = np.zeros((side, side), np.bool_)
    queue = np.empty((side * side, 2), np.int64)
    for k in range(len(seeds)):
        y, x = seeds[k] // width, seeds[k] % width
        reached[:] = False
        reached[REACH, REACH] = True
        queue[0, 0], queue[0, 1] = REACH, REACH
        places[y, x] = k + 1
        first, end = 0, 1
        for _ in range(REACH):
            ring = end
            for item in range(first, ring):
                for v in range(queue[item, 0] - 1, queue[item, 0] + 2):
                    for u in range(queue[item, 1] - 1, queue[item, 1] + 2):
                        row, column = y + v - REACH, x + u - REACH
                        if row < 0 or row >= height or column < 0 or column >= width:
                            continue
                        if reached[v, u] or histogram[row, column] <= GROWTH_COUNT:
                            continue
                        reached[v, u] = True
                        queue[end, 0], queue[end, 1] = v, u
                        end += 1
                        places[row, column] = k + 1
            first = ring


@numba.njit(nogil=True, cache=True)
def _survey(places, pixels, ends, count):  # type: ignore[no-untyped-def]
    areas = np.zeros(count + 1, np.int64)
    firsts = np.full(count + 1, -1, np.int64)
    for k in range(len(pixels)):
        place = places[ends[k]]
        areas[place] += 1
        if firsts[place] < 0:
            firsts[place] = pixels[k]
    return areas, firsts


@numba.njit(nogil=True, parallel=True, cache=True)
def _assign(places, pixels, ends, table, labels):  # type: ignore[no-untyped-def]
    for index in numba.prange(len(pixels)):
        k = np.int64(index)
        labels[pixels[k]] = table[places[ends[k]]]


@numba.njit(nogil=True, parallel=True, cache=True)
def _relabel(labels, table, result):  # type: ignore[no-untyped-def]
    height, width = labels.shape
    for index in numba.prange(height):
        y = np.int64(index)
        for x in range(width):
            result[y, x] = table[labels[y, x]]
