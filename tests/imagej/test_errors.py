"""Whatever goes wrong: a sentence that says what to do, ImageJ goes on, and the ROIs are there."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import numpy as np
import pictures
import pytest
import tifffile

from cellwire_api.v1 import engine_service_pb2, engine_service_pb2_grpc
from cellwire_client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imagej_process import ImageJ

    from tests.engine_process import EngineProcess

PLANE = pictures.nuclei(96, 128)
SEGMENT = 'run("Cellwire Segment...", "model=nuclei diameter=17 roi_manager=append label_image");'
CONTROL = ' print("went on"); return "went on";'
"""Behind the command: a macro must not go on after an error."""


@pytest.fixture(autouse=True)
def desk(imagej: ImageJ, engine: EngineProcess) -> Iterator[None]:
    """Two ROIs of the person's own, which must be there at the end, and ImageJ must work."""
    imagej.ask("clear")
    imagej.macro(
        'run("Close All"); roiManager("reset"); newImage("mine", "8-bit black", 60, 60, 1);'
        " makeRectangle(1, 2, 10, 12); Roi.setName('one'); roiManager('add');"
        " makeOval(20, 20, 9, 9); Roi.setName('two'); roiManager('add'); close();"
        ' print("\\\\Clear");'
    )
    yield
    use(imagej, engine.address)
    assert imagej.alive
    assert imagej.ask("dialogs") == "0"
    names = imagej.macro('return "" + RoiManager.getName(0) + RoiManager.getName(1);')
    assert names == "onetwo"
    assert imagej.macro('return "" + roiManager("count");') == "2"
    works = imagej.macro(
        f'newImage("again", "16-bit ramp", 80, 60, 1); {SEGMENT} return "" + getTitle();'
    )
    assert works == "again-labels"


def use(imagej: ImageJ, server: str) -> None:
    imagej.macro(f'call("ij.Prefs.set", "cellwire.server", "{server}");')


def told(imagej: ImageJ, macro: str, *words: str, seconds: float = 60) -> None:
    """A macro ends with a line in the Log, a dialog never comes, and nothing behind it is run."""
    imagej.macro('print("\\\\Clear");')
    imagej.ask("begin", macro + CONTROL)
    end = imagej.ask("end", int(seconds), seconds=seconds + 10)
    assert end == ""
    log = imagej.ask("log")
    assert "went on" not in log
    (line,) = (line for line in log.splitlines() if line.startswith("Cellwire: "))
    for word in words:
        assert word in line
    assert imagej.ask("dialogs") == "0"


def shown(imagej: ImageJ, *words: str, seconds: float = 60) -> None:
    """A choice from the menu ends with a dialog that says the same."""
    imagej.ask("menu", "Cellwire Segment...")
    imagej.words()
    imagej.ask("press", "OK")
    end = time.monotonic() + seconds
    while (fields := imagej.fields())[0] != ("title", "Cellwire"):
        assert time.monotonic() < end
    said = " ".join(" ".join(text for _, text in fields).split())
    for word in words:
        assert word in said
    dismiss(imagej)


def dismiss(imagej: ImageJ) -> None:
    """Press OK, and wait until the dialog is gone."""
    imagej.ask("press", "OK")
    end = time.monotonic() + 5
    while imagej.ask("dialogs") != "0":
        assert time.monotonic() < end


def opened(imagej: ImageJ, path: Path, image: np.ndarray, axes: str = "YX") -> str:
    pictures.save(path, image, axes)
    imagej.macro(f'open("{path}");')
    return f'selectImage("{path.name}"); {SEGMENT}'


def test_no_engine(imagej: ImageJ, tmp_path: Path) -> None:
    macro = opened(imagej, tmp_path / "a.tif", PLANE)
    use(imagej, "127.0.0.1:1")
    words = ("127.0.0.1:1", "refused", "cellwire serve")
    told(imagej, macro, *words)
    shown(imagej, *words)


def test_an_address_that_is_none(imagej: ImageJ, tmp_path: Path) -> None:
    macro = opened(imagej, tmp_path / "a.tif", PLANE)
    use(imagej, "http://gpubox:50051")
    told(imagej, macro, "without http://", "Write gpubox:50051 alone")


def test_another_machine_without_tls(imagej: ImageJ, tmp_path: Path) -> None:
    macro = opened(imagej, tmp_path / "a.tif", PLANE)
    use(imagej, "no-such-host.invalid:50051")
    told(imagej, macro, "no-such-host.invalid")


class NewerEngine(engine_service_pb2_grpc.EngineServiceServicer):
    """An engine that serves no client as old as this plugin."""

    def GetEngine(self, request: object, context: object) -> object:
        return engine_service_pb2.GetEngineResponse(
            version="9.0.0", revision=99, min_client_revision=99, state=2
        )


def test_an_engine_of_another_version(imagej: ImageJ, tmp_path: Path) -> None:
    macro = opened(imagej, tmp_path / "a.tif", PLANE)
    server = grpc.server(ThreadPoolExecutor(2))
    engine_service_pb2_grpc.add_EngineServiceServicer_to_server(NewerEngine(), server)
    use(imagej, f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
    server.start()
    try:
        words = ("9.0.0", "revision 99", "Cellwire_-9.0.0.jar")
        told(imagej, macro, *words)
        shown(imagej, *words)
    finally:
        server.stop(None)


def test_an_engine_that_dies_during_the_work(
    imagej: ImageJ, tmp_path: Path, launch: Callable[..., EngineProcess]
) -> None:
    opened(imagej, tmp_path / "large.tif", pictures.nuclei(1000, 1000))
    engine = launch()
    use(imagej, engine.address)
    imagej.macro('print("\\\\Clear");')
    options = "model=nuclei diameter=8 augment roi_manager=append label_image"
    imagej.ask("begin", f'run("Cellwire Segment...", "{options}"); {CONTROL}')
    with connect(engine.address) as client:
        end = time.monotonic() + 60
        while client.info().active_segmentations == 0:
            assert time.monotonic() < end
            time.sleep(0.05)
    engine.kill()
    killed = time.monotonic()
    assert imagej.ask("end", 60, seconds=70) == ""
    assert time.monotonic() - killed < 30
    log = imagej.ask("log")
    assert engine.address in log
    assert "went away" in log
    assert "cellwire serve" in log
    assert "went on" not in log


def test_a_model_that_is_not_there(imagej: ImageJ, tmp_path: Path) -> None:
    macro = opened(imagej, tmp_path / "a.tif", PLANE).replace("model=nuclei", "model=nucleus")
    told(imagej, macro, "nucleus", "nuclei")


def with_palette(path: Path, colours: np.ndarray) -> np.ndarray:
    """Write an 8-bit image with a palette (3, 256) as other programs do; give its pixels."""
    pixels = (PLANE // 8).clip(0, 255).astype(np.uint8)
    tifffile.imwrite(path, pixels, photometric="palette", colormap=colours.astype(np.uint16) * 257)
    return pixels


def test_a_palette_image(imagej: ImageJ, tmp_path: Path) -> None:
    path = tmp_path / "palette.tif"
    with_palette(path, np.random.default_rng(1).integers(0, 256, (3, 256)))
    imagej.macro(f'open("{path}");')
    macro = SEGMENT.replace("roi_manager=append ", "")
    told(imagej, macro, "8-bit Color", "RGB Color", "Lookup Tables > Grays")
    imagej.ask("menu", "Cellwire Segment...")
    assert "8-bit Color" in imagej.words()
    dismiss(imagej)
    for remedy in ("RGB Color", "8-bit", "Grays"):
        imagej.macro(f'run("Close All"); open("{path}"); run("{remedy}");')
        assert imagej.macro(macro + " return getTitle();") == "palette-labels"


def test_a_palette_that_imagej_wrote(imagej: ImageJ, tmp_path: Path) -> None:
    """Its file says 8-bit Color."""
    path = tmp_path / "saved.tif"
    with_palette(path, np.random.default_rng(1).integers(0, 256, (3, 256)))
    imagej.macro(
        f'open("{path}"); run("RGB Color"); run("8-bit Color", "number=256");'
        f' saveAs("Tiff", "{path}"); close(); open("{path}");'
    )
    told(imagej, SEGMENT.replace("roi_manager=append ", ""), "8-bit Color", "RGB Color")


def test_lookup_tables_leave_an_image_grey(
    imagej: ImageJ, engine: EngineProcess, tmp_path: Path
) -> None:
    levels = np.arange(256)
    green = np.stack([0 * levels, levels, 0 * levels])
    inverted = np.stack([255 - levels] * 3)
    for name, colours in (("green", green), ("inverted", inverted)):
        pixels = with_palette(tmp_path / f"{name}.tif", colours)
    macro = SEGMENT.replace("roi_manager=append ", "") + f' saveAs("Tiff", "{tmp_path}/labels");'
    with connect(engine.address) as client:
        expected = client.segment(pixels, "nuclei", diameter=17)
    assert expected.count > 5
    for name, lut in (
        ("green", ""),
        ("inverted", ""),
        ("green", "Fire"),
        ("green", "Spectrum"),
        ("green", "3-3-2 RGB"),
    ):
        change = f'run("{lut}");' if lut else ""
        imagej.macro(f'run("Close All"); open("{tmp_path}/{name}.tif"); {change} {macro}')
        assert np.array_equal(pictures.read(tmp_path / "labels.tif"), expected.labels), (name, lut)
        (tmp_path / "labels.tif").unlink()


def test_a_colour_image_is_taken_by_channel(imagej: ImageJ, tmp_path: Path) -> None:
    colour = np.stack([PLANE // 16] * 3, axis=-1).clip(0, 255).astype(np.uint8)
    macro = opened(imagej, tmp_path / "colour.tif", colour, "YXS")
    found = (
        macro.replace("roi_manager=append", "channel=2")
        + 'getStatistics(a, m, low, high); return "" + high;'
    )
    assert int(imagej.macro(found)) > 5
    told(imagej, macro.replace("diameter", "channel=4 diameter"), "channel", "4", "3")


def test_not_a_number(imagej: ImageJ, tmp_path: Path) -> None:
    image = PLANE.astype(np.float32)
    image[3, 4] = np.nan
    told(imagej, opened(imagej, tmp_path / "nan.tif", image), "1 pixels")


def test_one_pixel(imagej: ImageJ, tmp_path: Path) -> None:
    macro = opened(imagej, tmp_path / "dot.tif", np.full((1, 1), 7, np.uint8))
    said = imagej.macro(macro + 'return "" + getTitle() + " " + getPixel(0, 0);')
    assert said == "dot-labels 0"


def test_no_image(imagej: ImageJ) -> None:
    told(imagej, SEGMENT, "image")
    imagej.ask("menu", "Cellwire Segment...")
    assert "No image is open" in imagej.words()
    dismiss(imagej)


def test_a_misspelt_option(imagej: ImageJ, tmp_path: Path) -> None:
    macro = opened(imagej, tmp_path / "a.tif", PLANE).replace("diameter=17", "diametre=17")
    told(imagej, macro, "'diametre'", "diameter")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("diameter=banana", ["diameter", "banana"]),
        ("diameter=-3", ["iameter", "-3"]),
        ("diameter=17 channel=7", ["channel", "7"]),
        ("diameter=17 process=[all moons]", ["all moons", "all slices"]),
        ("diameter=17 inside_selection", ["selection", "there is none"]),
        ("diameter=17 flow_threshold=-1", ["flow", "-1"]),
        ("diameter=9 diameter_unit=calibrated", ["alibrat"]),
    ],
)
def test_options_that_cannot_be(imagej: ImageJ, options: str, words: list[str]) -> None:
    imagej.macro('newImage("plain", "16-bit ramp", 80, 60, 1);')
    told(imagej, f'run("Cellwire Segment...", "model=nuclei {options}");', *words)
