"""The three sets of labels of a primary module, from the engine's labels and its reasons.

The engine removes small, large and edge cells and says why each went; nothing is measured or
decided a second time here, so that CellProfiler's objects are the engine's.
"""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Sequence

import numpy as np

SMALL, LARGE, EDGE = "small", "large", "edge"


class LabelSets(NamedTuple):
    """Labels as the modules after this one want them: (Y, X) or (Z, Y, X) int32, 0 = background.

    Attributes
    ----------
    segmented
        The accepted objects, 1..n.
    unedited
        All that were found; an accepted object has the same number as in `segmented`.
    small_removed
        `unedited` without the small ones; those at a border are still there, so that
        IdentifySecondaryObjects does not grow into them.
    by_size, by_border
        What was removed for its size, and for touching the border of the image or mask.
    """

    segmented: Any
    unedited: Any
    small_removed: Any
    by_size: Any
    by_border: Any

    @property
    def number(self) -> int:
        """Number of accepted objects."""
        return int(self.segmented.max(initial=0))


def label_sets(unedited: Any, removed: Mapping[int, str]) -> LabelSets:
    """Make the sets.

    Parameters
    ----------
    unedited
        (Y, X) or (Z, Y, X) labels of all objects, of any integer type, with gaps or without.
    removed
        For each label that is not accepted: ``"small"``, ``"large"`` or ``"edge"``.

    Returns
    -------
    LabelSets
        The accepted objects numbered in ascending order of their labels, the others after them.
    """
    unedited = np.asarray(unedited)
    present = _present(unedited)
    gone = np.isin(present, np.fromiter(removed, np.int64, len(removed)))
    order = np.concatenate([present[~gone], present[gone]])
    everything = _renumber(unedited, order)
    if not removed:  # a stack is too large to keep it five times
        nothing = np.zeros_like(everything)
        return LabelSets(everything, everything, everything, nothing, nothing)
    reasons = [removed[label] for label in present[gone].tolist()]
    first = int(np.count_nonzero(~gone)) + 1

    def of(*wanted: str) -> Any:
        chosen = [first + place for place, reason in enumerate(reasons) if reason in wanted]
        return _only(everything, np.asarray(chosen, np.int64))

    return LabelSets(
        segmented=_only(everything, np.arange(1, first)),
        unedited=everything,
        small_removed=np.where(of(SMALL) > 0, 0, everything).astype(np.int32),
        by_size=of(SMALL, LARGE),
        by_border=of(EDGE),
    )


def keep(sets: LabelSets, accepted: Sequence[int]) -> LabelSets:
    """Accept only some of the accepted objects, and number them anew in the order given.

    Parameters
    ----------
    sets
        Labels.
    accepted
        Numbers of objects in ``sets.segmented``, none twice.

    Returns
    -------
    LabelSets
        The objects that are no longer accepted are still among the unedited ones.
    """
    chosen = np.asarray(accepted, np.int64)
    present = _present(sets.unedited)
    order = np.concatenate([chosen, present[~np.isin(present, chosen)]])
    unedited = _renumber(sets.unedited, order)
    return LabelSets(
        segmented=_only(unedited, np.arange(1, len(chosen) + 1)),
        unedited=unedited,
        small_removed=np.where(sets.small_removed > 0, unedited, 0).astype(np.int32),
        by_size=np.where(sets.by_size > 0, unedited, 0).astype(np.int32),
        by_border=np.where(sets.by_border > 0, unedited, 0).astype(np.int32),
    )


def _present(labels: Any) -> Any:
    return np.flatnonzero(np.bincount(labels.ravel())[1:]) + 1


def _renumber(labels: Any, order: Any) -> Any:
    table = np.zeros(int(labels.max(initial=0)) + 1, np.int32)
    table[order] = np.arange(1, len(order) + 1)
    return table[labels]


def _only(labels: Any, chosen: Any) -> Any:
    table = np.zeros(int(labels.max(initial=0)) + 1, np.int32)
    table[chosen] = chosen
    return table[labels]
