"""How many cores this process may use."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

MAX_LANES = 8
"""Tiles that one segmentation asks for at once; more lanes would stand idle."""

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores() -> int:
    """Give the cores that this process may run on, two threads of one core counted once.

    A container's quota and ``OMP_NUM_THREADS``, which bounds torch and numba too, bound it.
    """
    allowed = getattr(os, "sched_getaffinity", None)
    cores = len(allowed(0)) if allowed else (os.cpu_count() or 1)
    logical, physical = psutil.cpu_count() or cores, psutil.cpu_count(logical=False) or cores
    bounds = [cores * physical // max(logical, physical), _quota(cores)]
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdigit():
        bounds.append(int(given))
    return max(1, min(bounds))


def _quota(cores: int) -> int:
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):  # no container, or "max"
        return cores
