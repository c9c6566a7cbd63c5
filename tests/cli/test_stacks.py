"""Stacks and time series from files, here and on an engine alike."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from blob_network import blobs
from commanding import MODEL, in_own_process, write_array

from cellwire_client import connect
from tests.engine_process import INTERRUPTIBLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SAVED = ("--save", "labels,rois,overlay,table,flows,cellprob,style")
FIELD, TRUTH = blobs(80, 3)
CELLS = int(TRUTH.max())


def stack_file(folder: Path, axes: str, *lengths: int, **metadata: Any) -> Path:
    """Write the same field of cells as every plane of an ImageJ hyperstack."""
    pixels = np.broadcast_to(FIELD, (*lengths, *FIELD.shape))
    told = {"axes": axes, "unit": "um", **metadata}
    path = folder / f"{axes.lower()}.tif"
    return write_array(
        path, np.ascontiguousarray(pixels), imagej=True, resolution=(2, 2), metadata=told
    )


def ball_file(folder: Path, *, ome: bool = False) -> Path:
    """Write a stack of two balls, with pixels of 0.5 µm and planes 1 µm apart."""
    z, y, x = np.mgrid[:9, :40, :48]
    pixels = np.full(z.shape, 200.0)
    for centre in (12, 34):
        away = np.sqrt((2 * (z - 4)) ** 2 + (y - 20) ** 2 + (x - centre) ** 2)
        pixels += 600 * np.clip(8 - away, 0, 3)
    image, path = pixels.astype(np.uint16), folder / "balls.tif"
    if ome:
        sides = {"PhysicalSizeZ": 1.0, "PhysicalSizeY": 0.5, "PhysicalSizeX": 0.5}
        return write_array(path, image, ome=True, metadata={"axes": "ZYX", **sides})
    told = {"axes": "ZYX", "unit": "um", "spacing": 1.0}
    return write_array(path, image, imagej=True, resolution=(2, 2), metadata=told)


def files(folder: Path) -> dict[str, Any]:
    """Read all results; a zip by its members, since it may be packed otherwise."""
    found: dict[str, Any] = {}
    for path in sorted(folder.iterdir()):
        found[path.name] = path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found[path.name] = {name: archive.read(name) for name in archive.namelist()}
    return found


@pytest.mark.parametrize(
    ("make", "options", "told", "highest"),
    [
        (("ZYX", 3), ("--each-plane",), f"{3 * CELLS} cells in 3 planes", CELLS),
        (("ZYX", 3), ("--stitch",), f"{CELLS} cells in 3 planes", CELLS),
        (("TYX", 2), ("--link", "time"), f"{CELLS} cells in 2 frames (linked)", CELLS),
        (
            ("TZYX", 2, 2),
            ("--stitch", "0.4", "--intensity-scope", "whole"),
            f"{2 * CELLS} cells in 2 planes of 2 frames",
            CELLS,
        ),
        (
            ("TZCYX", 2, 2, 2),
            ("--plane", "Z=2", "--link", "time", "--channels", "1"),
            f"{CELLS} cells in 1 plane of 2 frames (linked)",
            CELLS,
        ),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_planes_and_frames_here_and_on_an_engine(
    cellwire: Callable[..., Any],
    engine: str,
    tmp_path: Path,
    make: tuple[Any, ...],
    options: tuple[str, ...],
    told: str,
    highest: int,
) -> None:
    path = stack_file(tmp_path, *make)
    command = ("segment", path, "--model", MODEL, *SAVED, *options)
    here = cellwire(*command, "--out", tmp_path / "here")
    there = cellwire(*command, "--out", tmp_path / "there", "--server", engine)
    assert (here.code, there.code) == (0, 0), here.err + there.err
    assert told in here.out
    assert "diameter 17 px" in here.out
    found = files(tmp_path / "here")
    assert len(found) == 7
    assert found == files(tmp_path / "there")
    with tifffile.TiffFile(tmp_path / "here" / f"{path.stem}_labels.tif") as labels:
        pixels = labels.asarray()
        assert pixels.max() == highest
        assert labels.imagej_metadata["unit"] == "micron"
    whole = [n for axis, n in zip(make[0], make[1:], strict=False) if axis in "TZ"]
    if "--plane" in options:
        whole.remove(2)
    assert pixels.squeeze().shape == (*whole, *FIELD.shape)


def test_a_volume_here_and_on_an_engine(
    cellwire: Callable[..., Any], engine: str, tmp_path: Path
) -> None:
    path = ball_file(tmp_path)
    command = ("segment", path, "--model", MODEL, *SAVED, "--do-3d", "--min-size", "50", "--json")
    here = cellwire(*command, "--out", tmp_path / "here")
    there = cellwire(*command, "--out", tmp_path / "there", "--server", engine)
    assert (here.code, there.code) == (0, 0), here.err + there.err
    told = json.loads(here.out)
    assert (told["cells"], told["axes"], told["planes"], told["stack"]) == (2, "ZYX", 9, "volume")
    assert len(told["diameters"]) == len(told["median_diameters"]) == 1
    assert files(tmp_path / "here") == files(tmp_path / "there")
    labels = tifffile.imread(tmp_path / "here" / "balls_labels.tif")
    assert sorted({labels[4, 20, 12], labels[4, 20, 34]}) == [1, 2]
    with tifffile.TiffFile(tmp_path / "here" / "balls_labels.tif") as tiff:
        assert tiff.imagej_metadata["spacing"] == 1.0
    # OME says the same, and files of a scratch folder hold what memory does not.
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "ome").mkdir()
    ome = ball_file(tmp_path / "ome", ome=True)
    room = ("--anisotropy", "auto", "--memory", "0.006", "--scratch", scratch)
    little = cellwire(command[0], ome, *command[2:], "--out", tmp_path / "little", *room)
    assert little.code == 0, little.err
    assert files(tmp_path / "little") == files(tmp_path / "here")
    assert list(scratch.iterdir()) == []


def _unnamed(folder: Path) -> Path:
    return write_array(folder / "unnamed.tif", np.ones((7, 12, 12), np.uint8), metadata=None)


REFUSED: dict[str, tuple[Callable[[Path], Path], tuple[str, ...], list[str]]] = {
    "nothing said of planes": (
        lambda folder: stack_file(folder, "ZYX", 7),
        (),
        ["7 planes along Z", "--each-plane, --stitch or --do-3d", "--plane Z=4"],
    ),
    "nothing said of frames": (
        lambda folder: stack_file(folder, "TYX", 3),
        (),
        ["3 frames along T", "--each-plane or --link time", "--plane T=2"],
    ),
    "one plane": (
        lambda folder: write_array(folder / "plane.tif", FIELD),
        ("--do-3d", "--anisotropy", "2"),
        ["--do-3d was asked for; the image is one plane", "Leave --do-3d out", "--axes"],
    ),
    "a time series": (
        lambda folder: stack_file(folder, "TYX", 3),
        ("--do-3d",),
        ["time series without planes along Z", "--link time", "--axes ZYX"],
    ),
    "no calibration": (
        lambda folder: stack_file(folder, "ZYX", 3),
        ("--do-3d", "--anisotropy", "auto"),
        ["the file does not say how far its planes are apart", "0.5 µm", "--anisotropy 2"],
    ),
    "axes unknown": (
        _unnamed,
        ("--do-3d", "--anisotropy", "2"),
        ["7 × 12 × 12", "does not say", "--axes ZYX"],
    ),
    "a plane that is not there": (
        lambda folder: stack_file(folder, "TZYX", 2, 3),
        ("--link", "time", "--plane", "Z=9"),
        ["3 planes along Z", "Z=9", "from 1 to 3"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "there"])
def test_what_is_no_such_stack_is_refused_in_words(
    cellwire: Callable[..., Any], engine: str, tmp_path: Path, case: str, elsewhere: bool
) -> None:
    make, options, words = REFUSED[case]
    where = ("--server", engine) if elsewhere else ()
    ended = cellwire("segment", make(tmp_path), "--model", MODEL, *options, *where)
    assert ended.code == 3, ended
    for word in words:
        assert word in ended.err
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "there"])
def test_what_no_stack_could_do_is_refused_before_any_is_read(
    cellwire: Callable[..., Any], engine: str, tmp_path: Path, elsewhere: bool
) -> None:
    path = tmp_path / "never_read.tif"
    where = ("--server", engine) if elsewhere else ()
    for options, words in (
        (("--do-3d", "--stitch"), ["--do-3d and --stitch exclude"]),
        (("--do-3d", "--anisotropy", "-1"), ["anisotropy must be above 0", "it is -1"]),
        (("--stitch", "1.5"), ["from 0 to 1", "it is 1.5"]),
        (("--do-3d", "--orthogonal-model", "sides"), ["no model 'sides'"]),
        (("--each-plane", "--save", "labels,seg"), ["'seg'", "planes only"]),
    ):
        ended = cellwire("segment", path, "--model", MODEL, *options, *where)
        assert ended.code == 2, ended
        for word in words:
            assert word in ended.err


def test_memory_is_the_engines_own_choice(cellwire: Callable[..., Any], tmp_path: Path) -> None:
    for option in (("--memory", "2"), ("--scratch", tmp_path)):
        ended = cellwire("segment", "a.tif", "--each-plane", "--server", "127.0.0.1:1", *option)
        assert ended.code == 2
        assert f"{option[0]} is the engine's own choice" in ended.err


def test_ctrl_c_ends_the_stack_on_the_engine_too(
    environment: dict[str, str], engine: str, tmp_path: Path
) -> None:
    path = write_array(tmp_path / "long.tif", np.zeros((60, 90, 90), np.uint16))
    command = [*INTERRUPTIBLE, sys.executable, "-m", "cellwire.cli.app", "segment"]
    command += [str(path), "--axes", "ZYX"]
    with subprocess.Popen(
        [*command, "--model", MODEL, "--stitch", "--diameter", "4", "--server", engine],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        try:
            with connect(engine) as watcher:
                _wait(lambda: watcher.info().active_segmentations == 1)
                client.send_signal(signal.SIGINT)
                _, err = client.communicate(timeout=60)
                _wait(lambda: watcher.info().active_segmentations == 0)
        finally:
            client.kill()
    assert client.returncode == 130, err
    assert "Interrupted" in err
    assert [each.name for each in tmp_path.iterdir()] == ["long.tif"]


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_help_names_the_options(environment: dict[str, str]) -> None:
    ended = in_own_process(environment, "segment", "--help")
    assert ended.returncode == 0, ended.stderr
    for word in ("--do-3d", "--stitch", "--each-plane", "--link", "--anisotropy", "--memory"):
        assert word in ended.stdout
