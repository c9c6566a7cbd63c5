"""A user's fine-tuning: five images, `cellwire train --from nuclei`, scored on a sixth.

    python -m tests.bench.fine_tune [OPTIONS OF cellwire train]

The images are the membranes of ``cells_train/membrane_endothelium`` in the shared data, which the
`nuclei` model has never seen. Prints the AP of `nuclei` and of the fine-tuned model, with true
diameters, on the held-out image, and the minutes that the training took.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.places import SHARED

SET = "cells_train/membrane_endothelium"
LEARNT = 5
HELD_OUT = 1


def cellwire(environment: dict[str, str], *arguments: str | Path) -> None:
    """Run a command as a user does."""
    command = [sys.executable, "-m", "cellwire.cli.app", *map(str, arguments)]
    subprocess.run(command, env=environment, check=True)


def copy(source: Path, target: Path, names: list[str]) -> Path:
    """Copy some images and their masks."""
    for part in ("images", "masks"):
        (target / part).mkdir(parents=True)
        for path in (source / part).iterdir():
            if path.stem in names:
                shutil.copy(path, target / part)
    return target


def score(environment: dict[str, str], model: str, folder: Path) -> dict[str, float]:
    """Mean AP of a model by IoU."""
    report = folder / f"{model}.json"
    cellwire(
        environment, "evaluate", "--images", folder / "images", "--labels", folder / "masks",
        "--model", model, "--diameter", "gt", "--json", report,
    )  # fmt: skip
    found: dict[str, float] = json.loads(report.read_text())["mean"]["ap"]
    return found


def main() -> None:
    """Score, fine-tune, score again."""
    source = SHARED / SET
    if not source.exists():
        raise SystemExit(
            f"The images of this measurement are not at {source}. "
            "Say with CELLWIRE_SHARED_DATA where the shared data are."
        )
    names = sorted(path.stem for path in (source / "images").iterdir())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        environment = {**os.environ, "CELLWIRE_HOME": str(folder / "home")}
        learnt = copy(source, folder / "learnt", names[:LEARNT])
        held_out = copy(source, folder / "held_out", names[LEARNT : LEARNT + HELD_OUT])
        before = score(environment, "nuclei", held_out)
        start = time.monotonic()
        cellwire(
            environment, "train", learnt, "--from", "nuclei", "--out", folder / "out", *sys.argv[1:]
        )
        minutes = (time.monotonic() - start) / 60.0
        cellwire(environment, "models", "add", "mine", folder / "out")
        after = score(environment, "mine", held_out)
    print(f"fine-tuned on {LEARNT} images in {minutes:.1f} minutes; on another image:")
    for threshold in ("0.5", "0.75"):
        print(f"AP@{threshold}: nuclei {before[threshold]:.3f}, fine-tuned {after[threshold]:.3f}")


if __name__ == "__main__":
    main()
