"""Lay the CODEX field out for ``cellwire evaluate``: two channels, and the labels of each maker.

    python -m tests.bench.codex_field build/codex

Writes ``images/field.tif`` (cytoplasm, nucleus) and ``expert1``, ``expert2`` and ``cellpose_0.6.1``
with ``field.tif`` each, all from ``cells_codex`` of the shared data.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import tifffile

from tests.bench.places import SHARED

MAKERS = {"expert1": "expert1", "expert2": "expert2", "cellpose_0.6.1": "Cellpose-0.6.1"}


def main() -> None:
    """Write the folders."""
    out, source = Path(sys.argv[1]), SHARED / "cells_codex"
    channels = [tifffile.imread(source / f"{name}.tif") for name in ("cytoplasm", "nucleus")]
    write(out / "images", np.stack(channels), "CYX")
    for name, maker in MAKERS.items():
        write(out / name, np.load(source / f"mask_{maker}.npz")["masks"], "YX")


def write(folder: Path, planes: np.ndarray, axes: str) -> None:
    """Write ``field.tif``."""
    folder.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(folder / "field.tif", planes, imagej=True, metadata={"axes": axes})


if __name__ == "__main__":
    main()
