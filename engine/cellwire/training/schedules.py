"""Learning rates over the course of a training."""

from __future__ import annotations

import math


def cosine(done: float, warm_up: float = 0.03, floor: float = 0.01) -> float:
    """Give the factor of the learning rate: a linear warm-up, then half a cosine to the floor.

    Parameters
    ----------
    done
        Share of the training that is done, 0..1.
    warm_up
        Share that the warm-up takes.
    floor
        Factor at the end.
    """
    done = min(max(done, 0.0), 1.0)
    if done < warm_up:
        return max(0.02, done / warm_up)
    falling = (done - warm_up) / (1.0 - warm_up)
    return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * falling))


def paper(epoch: int, epochs: int) -> float:
    """Give the factor of the learning rate in an epoch, as in the paper.

    It rises over ten epochs, stays, and is halved every ten epochs over the last hundred (every
    five over the last fifty in trainings of 100 to 300 epochs); peer: ``cellpose.train.train_seg``.
    """
    if epoch < 10:
        return epoch / 9.0
    every = 10 if epochs > 300 else 5 if epochs > 99 else 0
    first = epochs - 10 * every
    return 0.5 ** ((epoch - first) // every + 1) if every and epoch >= first else 1.0
