"""ImageJ with its window, used as a person does: menu, dialog, Recorder, ROI Manager, ESC."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pictures
import pytest

from cellwire_client import connect

if TYPE_CHECKING:
    from pathlib import Path

    from imagej_process import ImageJ

    from tests.engine_process import EngineProcess

PLANE = pictures.nuclei(256, 320)
LARGE = pictures.nuclei(1400, 1400, seed=3)
LARGE_OPTIONS = "model=nuclei diameter=8 augment label_image roi_manager=append"


pytestmark = pytest.mark.usefixtures("bare_desk")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    pictures.save(folder / "plane.tif", PLANE)
    pictures.save(folder / "large.tif", LARGE)
    return folder


def begin_large(imagej: ImageJ, images: Path) -> None:
    """Start work that lasts, from the menu."""
    imagej.macro(f'open("{images}/large.tif");')
    imagej.ask("menu", "Cellwire Segment...")
    imagej.words()
    imagej.ask("set", "Diameter (0 = automatic)", "8")
    imagej.ask("set", "Augment (slower, slightly better)", "true")
    imagej.ask("set", "ROI manager", "append")
    imagej.ask("press", "OK")


def wait(condition: Any, seconds: float) -> float:
    """Wait until it is true; give the seconds that it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds
        time.sleep(0.02)
    return time.monotonic() - start


def test_the_menu_has_the_commands(imagej: ImageJ) -> None:
    menus = imagej.ask("menus")
    for label in ("Segment...", "Segment Folder...", "Settings...", "Test Connection", "Help"):
        assert menus.count(f"Cellwire {label}=") == 1


def test_a_person_segments_an_image(imagej: ImageJ, images: Path, tmp_path: Path) -> None:
    imagej.ask("recorder")
    imagej.macro(f'open("{images}/plane.tif");')
    imagej.ask("menu", "Cellwire Segment...")
    fields = imagej.fields()
    assert fields[0] == ("title", "Cellwire Segment")
    imagej.ask("set", "Diameter (0 = automatic)", "17")
    imagej.ask("set", "ROI manager", "append")
    imagej.ask("press", "OK")
    imagej.ask("window", "plane-labels", 60)
    labels, first = saved(imagej, tmp_path / "first.tif"), names(imagej)
    assert labels.max() > 40
    assert first == [f"cell-{label:04d}" for label in range(1, labels.max() + 1)]
    recorded = imagej.ask("recorded")
    (line,) = re.findall(r'^run\("Cellwire Segment\.\.\.", ".*"\);$', recorded, re.MULTILINE)
    assert "server" not in line
    assert "127.0.0.1" not in recorded

    imagej.macro('run("Close All"); roiManager("reset");')
    imagej.macro(f'open("{images}/plane.tif");\n{line}')
    imagej.ask("window", "plane-labels", 60)
    assert np.array_equal(saved(imagej, tmp_path / "second.tif"), labels)
    assert names(imagej) == first


def saved(imagej: ImageJ, path: Path) -> np.ndarray[Any, Any]:
    imagej.macro(f'selectImage("plane-labels"); saveAs("Tiff", "{path}"); rename("plane-labels");')
    return pictures.read(path)


def names(imagej: ImageJ) -> list[str]:
    return imagej.macro(
        'text = ""; for (i = 0; i < roiManager("count"); i++)'
        ' text += RoiManager.getName(i) + " "; return text;'
    ).split()


def test_replaced_rois_are_kept_in_a_file(imagej: ImageJ, images: Path) -> None:
    imagej.macro(
        f'open("{images}/plane.tif"); makeRectangle(1, 2, 30, 40); Roi.setName("mine");'
        ' roiManager("add"); run("Select None");'
        ' run("Cellwire Segment...", "model=nuclei diameter=17 roi_manager=replace label_image");'
    )
    found = names(imagej)
    assert len(found) > 40
    assert found[0] == "cell-0001"
    path = re.search(r"that were in the ROI Manager are kept in (\S+)", imagej.ask("log"))
    assert path is not None
    imagej.macro(f'roiManager("reset"); roiManager("open", "{path[1]}");')
    assert names(imagej) == ["mine"]


def test_dialogs_that_are_closed_in_a_moment(imagej: ImageJ) -> None:
    imagej.ask("rush", "Cellwire Settings...", 30, seconds=120)
    assert imagej.ask("dialogs") == "0"
    assert "fault" not in imagej.ask("log")


def test_labels_are_told_apart_by_colour(imagej: ImageJ, images: Path) -> None:
    imagej.macro(
        f'open("{images}/plane.tif"); run("Cellwire Segment...", "model=nuclei diameter=17");'
    )
    said = imagej.macro(
        'getLut(r, g, b); text = ""; for (i = 0; i < 256; i++) text += "" + r[i] + ","'
        ' + g[i] + "," + b[i] + " "; getMinAndMax(low, high); return text + "|" + low + "," + high;'
    )
    colours, _, limits = said.partition("|")
    table = [tuple(map(int, entry.split(","))) for entry in colours.split()]
    assert table[0] == (0, 0, 0)
    assert len(set(table)) > 200
    assert all(max(colour) > 60 for colour in table[1:])
    assert limits == "0,255"


def test_a_second_run_sends_nothing(imagej: ImageJ, images: Path) -> None:
    image = pictures.nuclei(128, 128, seed=int(time.time()) % 10_000 + 50)
    pictures.save(images / "fresh.tif", image)
    sent = []
    for options in ("model=nuclei diameter=17", "model=nuclei diameter=19"):
        imagej.macro(f'open("{images}/fresh.tif"); run("Cellwire Segment...", "{options}");')
        sent.append(imagej.macro('return "" + Property.get("cellwire.sent_bytes");'))
    assert sent == [str(image.nbytes), "0"]


def test_progress_is_shown_and_escape_cancels(
    imagej: ImageJ, images: Path, engine: EngineProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    imagej.macro(
        'newImage("mine", "8-bit black", 50, 50, 1); makeRectangle(1, 2, 3, 4); roiManager("add");'
    )
    imagej.ask("status")
    with connect(engine.address) as client:
        begin_large(imagej, images)
        wait(lambda: client.info().active_segmentations == 1, 60)
        shown = []
        wait(lambda: shown.append(imagej.ask("status")) or "network" in " ".join(shown), 60)
        slowest = 0
        for _ in range(10):
            slowest = max(slowest, int(imagej.ask("delay")))
            time.sleep(0.05)
        assert slowest < 5000, "the window does not answer"
        imagej.ask("escape")
        pressed = time.monotonic()
        wait(lambda: "stopped" in (shown.append(imagej.ask("status")) or shown[-1]), 10)
        stopped = time.monotonic() - pressed
        # The plugin is there for the next command, even while the engine ends its batch.
        imagej.ask("menu", "Cellwire Segment...")
        imagej.words()
        imagej.ask("press", "Cancel")
        wait(lambda: client.info().active_segmentations == 0, 30)
        took = time.monotonic() - pressed
    with capsys.disabled():
        print(
            f"\nESC: ImageJ had stopped after {stopped:.2f} s and the engine after {took:.2f} s;"
            f" the window answered in {slowest} ms"
        )
    assert stopped < 1
    wait(lambda: imagej.ask("dialogs") == "0", 5)
    assert imagej.ask("dialogs") == "0"
    assert "large-labels" not in titles(imagej)
    assert imagej.macro('return "" + roiManager("count");') == "1"


def titles(imagej: ImageJ) -> str:
    return imagej.macro(
        'text = ""; list = getList("image.titles"); '
        'for (i = 0; i < list.length; i++) text += list[i] + "|"; return text;'
    )


def test_a_result_belongs_to_its_image(imagej: ImageJ, images: Path) -> None:
    pictures.save(images / "slow.tif", LARGE[:200, :220])
    imagej.macro(f'open("{images}/slow.tif");')
    imagej.ask("menu", "Cellwire Segment...")
    imagej.words()
    imagej.ask("set", "Diameter (0 = automatic)", "17")
    imagej.ask("set", "Overlay", "true")
    imagej.ask("press", "OK")
    imagej.macro('newImage("in front", "8-bit ramp", 90, 70, 1);')
    imagej.ask("window", "slow-labels", 120, seconds=130)
    said = imagej.macro(
        'selectImage("slow-labels"); getPixelSize(unit, w, h);'
        ' size = "" + getWidth() + "x" + getHeight();'
        ' selectImage("in front"); front = Overlay.size; selectImage("slow.tif");'
        ' return "" + size + " " + w + " " + front + " " + (Overlay.size > 20);'
    )
    assert said == "220x200 0.5 0 1"


def test_an_image_that_is_closed_during_the_work(imagej: ImageJ, images: Path) -> None:
    pictures.save(images / "gone.tif", LARGE[200:400, :220])
    imagej.macro(f'open("{images}/gone.tif");')
    imagej.ask("menu", "Cellwire Segment...")
    imagej.words()
    imagej.ask("set", "Diameter (0 = automatic)", "17")
    imagej.ask("set", "ROI manager", "append")
    imagej.ask("press", "OK")
    imagej.macro('selectImage("gone.tif"); close();')
    imagej.ask("window", "gone-labels", 120, seconds=130)
    assert int(imagej.macro('return "" + roiManager("count");')) > 20


def test_the_connection_is_tested(imagej: ImageJ, engine: EngineProcess) -> None:
    imagej.ask("menu", "Cellwire Test Connection")
    wait(lambda: "model specks" in imagej.ask("log"), 30)
    log = imagej.ask("log")
    assert f"the engine at {engine.address} answers" in log
    assert "model nuclei: " in log


def test_settings_are_kept_and_never_recorded(imagej: ImageJ, engine: EngineProcess) -> None:
    imagej.ask("recorder")
    before = imagej.ask("recorded")
    imagej.ask("menu", "Cellwire Settings...")
    fields = imagej.words()
    assert engine.address in fields
    imagej.ask("press", "OK")
    wait(lambda: imagej.ask("dialogs") == "0", 5)
    assert (
        imagej.macro('return "" + call("ij.Prefs.get", "cellwire.server", "");') == engine.address
    )
    assert "127.0.0.1" not in imagej.ask("recorded").replace(before, "")
