"""From the end points of the voxels to labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

from cellwire.segmentation.masks import GROWTH_COUNT, REACH, SEED_COUNT
from cellwire.segmentation.objects import raster_ranks
from cellwire.segmentation.parallel import parallel_region
from cellwire.segmentation.volume.slabs import slabs
from cellwire.segmentation.volume.workspace import Workspace

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import LabelArray
    from cellwire.segmentation.volume.dynamics import Places
    from cellwire.segmentation.volume.slabs import Pulse

PART = 2**22
"""End points that are counted at once."""

PART_SEEDS = 2**14
"""Seeds that grow at once."""


def build_masks(
    order: Places,
    ends: Places,
    max_size_fraction: float = 0.4,
    workspace: Workspace | None = None,
    pulse: Pulse | None = None,
) -> tuple[LabelArray, int]:
    """Gather the voxels that end together into objects.

    As in a plane (`cellwire.segmentation.masks.build_masks`), in three dimensions: seeds are the
    greatest in 5x5x5 of the histogram of end points and above 10; each grows five times into
    neighbours in which more than two voxels end, within 11x11x11; seeds with more end points
    overwrite those with fewer, and among equals the later one in raster order (peer:
    ``dynamics.get_masks_torch`` 3.1.1.3, which leaves the order of equals to an unstable sort).

    Parameters
    ----------
    order, ends
        From `cellwire.segmentation.volume.dynamics.follow_flows`; ``order`` becomes the labels.
    max_size_fraction
        Objects above this share of the stack are taken out.
    workspace
        Where the arrays lie.
    pulse
        Called now and then; may raise to stop.

    Returns
    -------
    labels
        (Z, Y, X) uint32, numbered in raster order; the array of ``order``.
    oversized
        How many objects were taken out.
    """
    workspace = workspace or Workspace()
    if not len(ends):
        return order, 0
    histogram = workspace.zeros(order.shape, np.int32)
    pulse = pulse or (lambda: None)
    found = []
    for first in range(0, len(ends), PART):
        pulse()
        found.append(_count(histogram.ravel(), ends[first : first + PART]))
    seeds = np.concatenate(found)
    seeds.sort()
    with parallel_region():
        peak = _peaks(histogram, seeds)
    seeds = seeds[peak]
    seeds = seeds[np.argsort(histogram.ravel()[seeds], kind="stable")]
    places = workspace.zeros(order.shape, np.uint32)
    for first in range(0, len(seeds), PART_SEEDS):
        pulse()
        _grow(histogram, seeds[first : first + PART_SEEDS], first, places)
    del histogram
    volumes, firsts = np.zeros(len(seeds), np.int64), np.full(len(seeds), -1, np.int64)
    for first in range(0, len(ends), PART):
        pulse()
        _survey(places.ravel(), ends[first : first + PART], first, volumes, firsts)
    there = np.flatnonzero(volumes)
    large = volumes[there] > order.size * max_size_fraction
    table = raster_ranks(firsts, there[~large])
    for planes in slabs(order.shape, pulse):
        with parallel_region():
            _assign(places.ravel(), ends, table, order[planes])
    return order, int(np.count_nonzero(large))


@numba.njit(nogil=True, cache=True)
def _count(histogram, ends):  # type: ignore[no-untyped-def]
    # Gives the places with more than SEED_COUNT end points, each when it gets that many.
    crowded = np.empty(len(ends), np.int64)
    found = 0
    for k in range(len(ends)):
        histogram[ends[k]] += 1
        if histogram[ends[k]] == SEED_COUNT + 1:
            crowded[found] = ends[k]
            found += 1
    return crowded[:found].copy()


@numba.njit(nogil=True, parallel=True, cache=True)
def _peaks(histogram, candidates):  # type: ignore[no-untyped-def]
    depth, height, width = histogram.shape
    peak = np.ones(len(candidates), np.bool_)
    for index in numba.prange(len(candidates)):
        k = np.int64(index)
        z = candidates[k] // width // height
        y, x = candidates[k] // width % height, candidates[k] % width
        here = histogram[z, y, x]
        for plane in range(max(0, z - 2), min(depth, z + 3)):
            for row in range(max(0, y - 2), min(height, y + 3)):
                for column in range(max(0, x - 2), min(width, x + 3)):
                    if histogram[plane, row, column] > here:
                        peak[k] = False
    return peak


@numba.njit(nogil=True, cache=True)
def _grow(histogram, seeds, first_seed, places):  # type: ignore[no-untyped-def]
    depth, height, width = histogram.shape
    side = 2 * REACH + 1
    reached = np.zeros((side, side, side), np.bool_)
    queue = np.empty((side**3, 3), np.int64)
    for k in range(len(seeds)):
        z = seeds[k] // width // height
        y, x = seeds[k] // width % height, seeds[k] % width
        reached[:] = False
        reached[REACH, REACH, REACH] = True
        queue[0, :] = REACH
        places[z, y, x] = first_seed + k + 1
        first, end = 0, 1
        for _ in range(REACH):
            ring = end
            for item in range(first, ring):
                for w in range(queue[item, 0] - 1, queue[item, 0] + 2):
                    for v in range(queue[item, 1] - 1, queue[item, 1] + 2):
                        for u in range(queue[item, 2] - 1, queue[item, 2] + 2):
                            plane, row, column = z + w - REACH, y + v - REACH, x + u - REACH
                            if plane < 0 or plane >= depth or row < 0 or row >= height:
                                continue
                            if column < 0 or column >= width or reached[w, v, u]:
                                continue
                            if histogram[plane, row, column] <= GROWTH_COUNT:
                                continue
                            reached[w, v, u] = True
                            queue[end, 0], queue[end, 1], queue[end, 2] = w, v, u
                            end += 1
                            places[plane, row, column] = first_seed + k + 1
            first = ring


@numba.njit(nogil=True, cache=True)
def _survey(places, ends, first_end, volumes, firsts):  # type: ignore[no-untyped-def]
    # Index = seed, from 0. Voxels come in raster order: the first met is the first of all.
    for k in range(len(ends)):
        place = np.int64(places[ends[k]]) - 1
        if place >= 0:
            volumes[place] += 1
            if firsts[place] < 0:
                firsts[place] = first_end + k


@numba.njit(nogil=True, parallel=True, cache=True)
def _assign(places, ends, table, order):  # type: ignore[no-untyped-def]
    depth, height, width = order.shape
    for index in numba.prange(depth):
        z = np.int64(index)
        for y in range(height):
            for x in range(width):
                if order[z, y, x] > 0:
                    place = places[ends[order[z, y, x] - 1]]
                    order[z, y, x] = table[place - 1] if place > 0 else 0
