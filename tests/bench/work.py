"""What a row of the benchmark is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np

GFLOP_PER_TILE = 31.005
"""Multiplications and additions of the default network for a tile of 224²."""

Answer = dict[str, "np.ndarray"]
"""What a side leaves of a run, by name."""
Agreement = tuple[bool, str]
"""Whether the answers of both sides agree as they should, and in how far."""


def anywhere() -> str:
    """Give no reason to leave a work out."""
    return ""


@dataclass(frozen=True)
class Prepared:
    """A work whose input is in its folder.

    Attributes
    ----------
    options
        What both sides are told besides.
    gflop
        Work of the network in a run, in billions of operations; 0 = not of interest.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    gflop: float = 0.0


@dataclass(frozen=True)
class Work:
    """Something that is timed.

    Attributes
    ----------
    name
        What it is.
    floor, aim
        Ratio of the peer's time to ours (with a limit: of the limit to ours) that must be reached,
        and that we want.
    prepare
        Writes the input into a folder; small where it is only to show that all runs.
    ours, peer
        ``module:function`` of each side, see `tests.bench.side`; no peer where there is a limit.
    agree
        Compares the answers of ours and the peer.
    limit
        Seconds, where there is no peer.
    memory
        Floor and aim of the ratio of the peer's peak memory to ours, where that is a row as well.
    device, precision
        Whose convolution peak the work is held against.
    missing
        Says why the work cannot be done here; empty = it can.
    least_rounds, most_rounds
        More rounds than asked for, where little sets the sides apart; fewer, where a run takes
        minutes.
    """

    name: str
    floor: float
    aim: float
    prepare: Callable[[Path, bool], Prepared]
    ours: str
    agree: Callable[[Path, Answer, Answer], Agreement]
    peer: str = ""
    limit: float = 0.0
    memory: tuple[float, float] | None = None
    device: str = "cpu"
    precision: str = "fp32"
    missing: Callable[[], str] = anywhere
    least_rounds: int = 1
    most_rounds: int = 1000
