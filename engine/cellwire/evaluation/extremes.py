"""The images to look at: the best, the median and the worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.evaluation.scores import ImageScores


def extremes(scores: Sequence[ImageScores]) -> dict[str, ImageScores]:
    """Choose the best, the median and the worst image by AP@0.5; more precise outlines break ties.

    Returns
    -------
    dict
        ``best``, ``median``, ``worst``, each another image: with two images there is no median,
        with one only the best. Images without any object count for none.
    """
    scored = [each for each in scores if not np.isnan(each.ap[0])]
    order = sorted(scored, key=lambda each: (float(each.ap[0]), float(each.ap.mean())))
    found = {}
    if order:
        found["best"] = order[-1]
    if len(order) > 2:
        found["median"] = order[(len(order) - 1) // 2]
    if len(order) > 1:
        found["worst"] = order[0]
    return found
