"""What a user would pick instead, on the same images: CellProfiler's own module, and Otsu.

    python -m tests.bench.baselines --images DIR --labels DIR [--group kind] [--model nuclei]

Labels the images by gaussian + Otsu + distance watershed and by CellProfiler 4.2.8.1's
IdentifyPrimaryObjects (its defaults, and three better settings; see ``baseline_labels.py``) in
CellProfiler's own environment, which ``tests/cellprofiler/make_environment.sh`` builds where it is
not there. ``cellwire evaluate`` then scores them all, and the named models beside them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / "tests" / "cellprofiler" / "make_environment.sh"


def label_all(images: Path, out: Path) -> list[Path]:
    """Label a folder of images by every method; gives a folder for each."""
    place = subprocess.run([ENVIRONMENT], check=True, stdout=subprocess.PIPE, text=True)
    java = subprocess.run([ENVIRONMENT, "--java"], check=True, stdout=subprocess.PIPE, text=True)
    python = Path(place.stdout.split("\n")[-2]) / "bin" / "python"
    subprocess.run(
        [python, "-W", "ignore", "-m", "tests.bench.baseline_labels", images, out],
        check=True,
        cwd=ROOT,
        env={**os.environ, "JAVA_HOME": java.stdout.strip(), "PYTHONPATH": ""},
    )
    return sorted(folder for folder in out.iterdir() if folder.is_dir())


def main() -> None:
    """Label and score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="Keep the label images here.")
    options, others = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        out = (options.out or Path(folder)).resolve()
        out.mkdir(parents=True, exist_ok=True)
        made = label_all(options.images.resolve(), out)
        command = [sys.executable, "-m", "cellwire.cli.app", "evaluate"]
        command += ["--images", str(options.images), "--labels", str(options.labels)]
        command += [part for each in made for part in ("--predictions", str(each))]
        raise SystemExit(subprocess.run([*command, *others]).returncode)


if __name__ == "__main__":
    main()
