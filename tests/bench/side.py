"""One side of a work in a process of its own, told by lines when to run.

    python -m tests.bench.side MODULE:FUNCTION FOLDER OPTIONS RESULT.npz

The function is a context manager; it gets the folder of the input and the options, makes ready,
and gives what is timed. The process answers with a line of JSON when it is ready and after every
line ``run``; it ends with its input. All else that is printed goes to the log.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

KIB = 1024
RESET_PEAK = "5"
"""For ``clear_refs`` (Linux, proc(5)): the peak begins anew with what is held now."""


def peak_mib() -> float:
    """Peak memory of this process and of those that it has started, the largest of them."""
    peaks = [_held(pid, "VmHWM") for pid in ("self", *_children())]
    if not any(peaks):  # no Linux
        peaks = [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]
    return max(*peaks, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / KIB


def resident_mib() -> float:
    """Memory that this process or one that it has started holds now, the largest of them."""
    return max(_held(pid, "VmRSS") for pid in ("self", *_children())) / KIB


def forget_peak() -> None:
    """Let the peaks of this process and of its children begin anew, where the system can."""
    for pid in ("self", *_children()):
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)


def _children() -> Iterable[str]:
    try:
        return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    except OSError:
        return ()


def _held(pid: str, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0


def main() -> None:
    """Make ready, then run as often as told."""
    name, folder, options, result = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(**values: float) -> None:
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    module, function = name.split(":")
    make = getattr(importlib.import_module(module), function)
    with make(Path(folder), json.loads(options)) as run:
        say(rest_mib=resident_mib())
        for _ in sys.stdin:
            forget_peak()
            start = time.perf_counter()
            answer = run()
            seconds = time.perf_counter() - start
            say(seconds=seconds, peak_mib=peak_mib())
            np.savez(result, **answer)
            say()


if __name__ == "__main__":
    main()
