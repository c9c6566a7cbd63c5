"""Take the pictures of fiji_bridge/README.md in ImageJ itself.

    python tests/imagej/take_pictures.py IMAGE

IMAGE is a field of nuclei, such as the one that ``make demo`` leaves in ``.demo-cache/images``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from imagej_engine import imagej_engine
from imagej_process import ImageJ, Installation
from java_tools import BRIDGE, build_jar, compile_java, javas, screen

PICTURES = BRIDGE / "pictures"


def take(imagej: ImageJ, image: Path) -> None:
    """Segment the image as a person does, and take pictures on the way."""
    imagej.macro(f'open("{image}"); setLocation(20, 150);')
    imagej.ask("recorder")
    imagej.ask("arrange", "Recorder", 640, 20, 620, 200)
    imagej.ask("menu", "Cellwire Segment...")
    imagej.words()
    imagej.ask("set", "ROI manager", "append")
    imagej.ask("arrange", "dialog", 640, 240)
    imagej.ask("shot", PICTURES / "dialog.png", "dialog")
    imagej.ask("press", "OK")
    end = time.monotonic() + 60
    while "network" not in imagej.ask("status"):
        assert time.monotonic() < end
        time.sleep(0.01)
    imagej.ask("shot", PICTURES / "progress.png", "ImageJ")
    stem = image.stem
    imagej.ask("window", f"{stem}-labels", 300, seconds=310)
    imagej.macro(
        f'selectImage("{image.name}"); run("Enhance Contrast", "saturated=0.35");'
        ' roiManager("show all without labels");'
        f' selectImage("{stem}-labels"); setLocation(420, 150);'
    )
    imagej.ask("arrange", "ROI Manager", 940, 240)
    imagej.ask("arrange", "Log", 20, 690, 620, 180)
    time.sleep(1)
    imagej.ask("shot", PICTURES / "result.png")


def main() -> None:
    """Start everything, and make the pictures small."""
    image = Path(sys.argv[1]).resolve()
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, screen("1280x880x24") as display:
        folder = Path(temporary)
        compile_java(Path(__file__).parent / "java", folder / "harness")
        installation = Installation(folder / "installation", build_jar(), display)
        with imagej_engine(folder / "engine", folder) as engine:
            installation.prefer(server=engine.address)
            imagej = installation.open_window(javas()[0], folder / "harness")
            try:
                take(imagej, image)
            finally:
                imagej.close()
    for path in sorted(PICTURES.glob("*.png")):
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(128)
        small.save(path, optimize=True)


if __name__ == "__main__":
    main()
