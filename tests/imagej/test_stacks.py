"""Volumes, stitched slices and linked frames in ImageJ, on real stacks and on C×Z×T hyperstacks."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
import pictures
import pytest
import tifffile
from stack_runs import OUTPUTS, same_rois, saved, segment

from cellwire_api.v1 import engine_service_pb2, engine_service_pb2_grpc
from cellwire_client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imagej_process import ImageJ

    from cellwire_client.engine import Engine
    from tests.engine_process import EngineProcess

    Array = np.ndarray[Any, Any]


pytestmark = pytest.mark.usefixtures("bare_desk")


@pytest.fixture(scope="module")
def client(engine: EngineProcess) -> Iterator[Engine]:
    with connect(engine.address) as client:
        yield client


@pytest.fixture(scope="module")
def samples(shared_data: Path) -> Path:
    return shared_data / "io_samples" / "neubias"


@pytest.fixture(scope="module")
def nuclei(samples: Path) -> Array:
    """A corner (Z, Y, X) of a real stack; a pixel is 0.829 µm wide, slices are 4 µm apart."""
    stack = tifffile.imread(samples / "xyz_8bit__nuclei_autothresh.tif")
    return np.ascontiguousarray(stack[16:21, 8:56, :52])


@pytest.fixture(scope="module")
def hyperstack(samples: Path) -> Array:
    """(T, Z, C, Y, X): a real stack of two channels, and the same after a drift."""
    stack = tifffile.imread(samples / "xyzc_16bit__dna_conf_wf.tif")[17:29:3, :, 24:104, 24:112]
    return np.stack([stack, np.roll(stack, (2, -3), axis=(-2, -1))])


def test_a_volume(imagej: ImageJ, client: Engine, nuclei: Array, tmp_path: Path) -> None:
    path = saved(tmp_path / "nuclei.tif", nuclei, "ZYX", (4.0, 0.829))
    options = "diameter=17 process=[all slices] stack=volume"
    run = segment(imagej, path, options, outputs=f"{OUTPUTS} flows probability")
    found = client.segment(
        nuclei,
        "nuclei",
        axes="ZYX",
        stack="volume",
        pixel_size=(4.0, 0.829, 0.829),
        diameter=17,
        outputs=("labels", "flows", "cellprob"),
    )
    assert found.count > 3
    assert np.array_equal(run.labels, found.labels)
    assert run.cells == found.count
    assert run.metadata["slices"] == len(nuclei)
    assert run.metadata["spacing"] == 4.0
    same_rois(run, found.labels[None], "", hyper=False)
    several = [label for label in np.unique(found.labels)[1:] if spans(found.labels, label) > 2]
    assert several, "no cell goes through several slices"
    assert len(run.rows) == found.count
    for row in run.rows:
        z, y, x = np.nonzero(found.labels == int(row["Cell"]))
        inside = nuclei[z, y, x]
        assert int(row["Voxels"]) == len(z)
        assert float(row["Volume"]) == pytest.approx(len(z) * 4 * 0.829**2, rel=1e-4)
        assert float(row["Z"]) == pytest.approx((z.mean() + 0.5) * 4, abs=1e-2)
        assert float(row["Y"]) == pytest.approx((y.mean() + 0.5) * 0.829, abs=1e-2)
        assert float(row["X"]) == pytest.approx((x.mean() + 0.5) * 0.829, abs=1e-2)
        assert float(row["Mean"]) == pytest.approx(inside.mean(), abs=1e-2)
        assert (int(row["First slice"]), int(row["Last slice"])) == (z.min() + 1, z.max() + 1)
        assert int(row["Slices"]) == len(np.unique(z))
    assert f"{found.count} cells on 5 planes, as volume" in imagej.ask("log")

    flows = tifffile.imread(tmp_path / "flows.tif")  # in ImageJ's order: Z, C, Y, X
    assert np.array_equal(flows.swapaxes(0, 1), found.flows)
    assert np.array_equal(tifffile.imread(tmp_path / "probability.tif"), found.cellprob)

    again = segment(imagej, path, "diameter=17 process=all stack=stitched cellprob_threshold=1")
    assert again.sent == 0


def spans(labels: Array, label: int) -> int:
    return len(np.unique(np.nonzero(labels == label)[0]))


def test_a_volume_with_a_model_for_its_sides_in_half_precision(
    imagej: ImageJ, client: Engine, nuclei: Array, tmp_path: Path
) -> None:
    path = saved(tmp_path / "sides.tif", nuclei, "ZYX", (4.0, 0.829))
    options = "diameter=17 process=all stack=volume orthogonal_model=nuclei half_precision"
    run = segment(imagej, path, options, outputs=f"{OUTPUTS} flows")
    given = {"axes": "ZYX", "stack": "volume", "pixel_size": (4.0, 0.829, 0.829), "diameter": 17}
    half, full = (
        client.segment(nuclei, "nuclei", half_precision=half, outputs=("labels", "flows"), **given)
        for half in (True, False)
    )
    assert np.array_equal(run.labels, half.labels)
    flows = tifffile.imread(tmp_path / "flows.tif").swapaxes(0, 1)
    assert np.array_equal(flows, half.flows)
    assert not np.array_equal(flows, full.flows)


def test_a_hyperstack_of_channels_slices_and_frames(
    imagej: ImageJ, client: Engine, hyperstack: Array, tmp_path: Path
) -> None:
    path = saved(tmp_path / "hyper.tif", hyperstack, "TZCYX", (1.5, 0.5))
    for mode, link, prefix in (
        ("stitched", True, ""),
        ("stitched", False, "t{t:03d}-"),
        ("volume", True, ""),
        ("planes", True, ""),
    ):
        options = f"diameter=44 channel=2 process=all stack={mode}"
        run = segment(imagej, path, options + " link_frames" * link)
        found = client.segment(
            hyperstack,
            "nuclei",
            axes="TZCYX",
            channels=2,
            stack=mode,
            link_frames=link,
            pixel_size=(1.5, 0.5, 0.5),
            diameter=44,
        )
        assert found.count > 0
        assert found.axes == "TZYX"
        assert np.array_equal(run.labels, found.labels), mode
        assert run.metadata["slices"] == hyperstack.shape[1]
        assert run.metadata["frames"] == hyperstack.shape[0]
        assert run.metadata.get("channels", 1) == 1
        same_rois(run, found.labels, prefix, hyper=True)
        cells = [np.unique(frame)[1:] for frame in found.labels]
        if mode != "planes":
            assert [int(row["Cell"]) for row in run.rows] == np.concatenate(cells).tolist()
        assert {row["Frame"] for row in run.rows} == {"1", "2"}
        if link:
            assert set(cells[0]) & set(cells[1])


def test_a_frame_of_a_hyperstack(
    imagej: ImageJ, client: Engine, hyperstack: Array, tmp_path: Path
) -> None:
    path = saved(tmp_path / "frame.tif", hyperstack, "TZCYX", (1.5, 0.5))
    options = "diameter=44 channel=2 process=[all slices] stack=stitched"
    run = segment(imagej, path, options, "Stack.setFrame(2);")
    frame = np.ascontiguousarray(hyperstack[1])
    given = {"axes": "ZCYX", "channels": 2, "pixel_size": (1.5, 0.5, 0.5), "diameter": 44}
    found = client.segment(frame, "nuclei", stack="stitched", **given)
    assert np.array_equal(run.labels, found.labels)
    assert {(roi.channel, roi.frame) for roi in run.rois} == {(0, 2)}
    assert {roi.slice for roi in run.rois} == set(np.nonzero(found.labels)[0] + 1)


def test_linked_frames(imagej: ImageJ, client: Engine, nuclei: Array, tmp_path: Path) -> None:
    series = np.stack([np.roll(nuclei[2], step, axis=-1) for step in range(3)])
    path = saved(tmp_path / "series.tif", series, "TYX", (1.0, 0.829))
    options = "diameter=17 process=[all frames] link_frames stitch_threshold=1 link_threshold=0.3"
    run = segment(imagej, path, options)
    found = client.segment(
        series,
        "nuclei",
        axes="TYX",
        stack="planes",
        link_frames=True,
        stitch_threshold=1,
        link_threshold=0.3,
        diameter=17,
    )
    assert np.array_equal(run.labels, found.labels)
    assert run.metadata["frames"] == 3
    same_rois(run, found.labels[:, None], "", hyper=False)
    through = set.intersection(*(set(np.unique(frame)[1:]) for frame in found.labels))
    assert len(through) > 2
    assert len(run.rows) == sum(len(np.unique(frame)) - 1 for frame in found.labels)
    assert "Area" in run.rows[0]


def test_inside_a_selection(imagej: ImageJ, client: Engine, nuclei: Array, tmp_path: Path) -> None:
    path = saved(tmp_path / "part.tif", nuclei, "ZYX", (4.0, 0.829))
    options = "diameter=17 process=all stack=stitched inside_selection"
    run = segment(imagej, path, options, "makeRectangle(6, 5, 40, 38);")
    region = {"Y": (5, 43), "X": (6, 46)}
    found = client.segment(
        nuclei, "nuclei", axes="ZYX", stack="stitched", region=region, diameter=17
    )
    whole = np.zeros_like(run.labels)
    whole[:, 5:43, 6:46] = found.labels
    assert np.array_equal(run.labels, whole)
    same_rois(run, whole[None], "", hyper=False)

    options = "diameter=17 process=all stack=stitched stitch_threshold=0.4 inside_selection"
    run = segment(imagej, path, options, "makeOval(6, 5, 40, 38);")
    z, y, x = np.nonzero(run.labels)
    assert (np.hypot((x - 25.5) / 20, (y - 23.5) / 19) < 1.05).all()
    assert len(z) > 100
    same_rois(run, run.labels[None], "", hyper=False)


def test_one_range_of_intensities(
    imagej: ImageJ, client: Engine, nuclei: Array, tmp_path: Path
) -> None:
    path = saved(tmp_path / "scope.tif", nuclei, "ZYX", (4.0, 0.829))
    run = segment(imagej, path, "diameter=17 process=all intensity_scope=whole")
    found = client.segment(
        nuclei, "nuclei", axes="ZYX", stack="planes", intensity_scope="whole", diameter=17
    )
    assert np.array_equal(run.labels, found.labels)
    same_rois(run, found.labels[None], "z{z:03d}-", hyper=False)


def test_colours_are_those_of_the_cells_in_all_planes(
    imagej: ImageJ, nuclei: Array, tmp_path: Path
) -> None:
    path = saved(tmp_path / "lut.tif", nuclei, "ZYX", (4.0, 0.829))
    said = imagej.macro(
        f'open("{path}"); run("Cellwire Segment...", "model=nuclei diameter=17 process=all'
        ' stack=stitched"); text = ""; for (s = 1; s <= nSlices; s++) { setSlice(s);'
        ' getMinAndMax(low, high); getLut(r, g, b); text += "" + low + "," + high + "," + r[7]'
        ' + "," + g[7] + "," + b[7] + " "; } return text;'
    )
    assert len(set(said.split())) == 1
    assert len(said.split()) == len(nuclei)


@pytest.mark.parametrize(
    ("axes", "size", "options", "words"),
    [
        ("ZYX", (4.0, 0.5), "stack=volume", ["two slices", "one slice was", "[all slices]"]),
        ("TYX", (4.0, 0.5), "process=all stack=volume", ["one slice of 3 frames", "Properties"]),
        ("ZYX", None, "process=all stack=volume", ["how far apart", "anisotropy"]),
        ("ZYX", None, "process=all stack=volume anisotropy=-2", ["nisotropy", "-2"]),
        ("ZYX", None, "process=all stack=stitched stitch_threshold=7", ["7"]),
        ("TYX", None, "process=all link_frames link_threshold=8", ["frame to frame", "8"]),
        (
            "ZYX",
            (4.0, 0.5),
            "process=all stack=volume orthogonal_model=cyto",
            ["The network for ZX and ZY planes", "trained alike"],
        ),
    ],
)
def test_what_cannot_be(
    imagej: ImageJ,
    nuclei: Array,
    tmp_path: Path,
    axes: str,
    size: tuple[float, float] | None,
    options: str,
    words: list[str],
) -> None:
    path = saved(tmp_path / "refused.tif", nuclei[:3], axes, size)
    refused(imagej, f'open("{path}");', f"diameter=17 {options}", words)


def refused(imagej: ImageJ, before: str, options: str, words: list[str]) -> None:
    """A macro ends with one line in the Log, and nothing behind the command is run.

    ImageJ itself then waits for two seconds: what no engine needs to see is in StackChoiceTest.
    """
    command = f'run("Cellwire Segment...", "model=nuclei {options}");'
    assert imagej.macro(f'{before} {command} return "went on";') == ""
    (line,) = (line for line in imagej.ask("log").splitlines() if line.startswith("Cellwire: "))
    for word in words:
        assert word in line, line


class OlderEngine(engine_service_pb2_grpc.EngineServiceServicer):
    """An engine that knows no stacks, and nothing else either."""

    def GetEngine(self, request: object, context: object) -> object:
        return engine_service_pb2.GetEngineResponse(
            version="0.0.9", revision=1, min_client_revision=1, state=2
        )


def test_an_older_engine(
    imagej: ImageJ, engine: EngineProcess, nuclei: Array, tmp_path: Path
) -> None:
    path = saved(tmp_path / "older.tif", nuclei[:3], "ZYX", (4.0, 0.5))
    server = grpc.server(ThreadPoolExecutor(2))
    engine_service_pb2_grpc.add_EngineServiceServicer_to_server(OlderEngine(), server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        imagej.macro(f'call("ij.Prefs.set", "cellwire.server", "{address}");')
        words = [address, "does not know stacks", "revision 1", "stack=planes"]
        refused(imagej, f'open("{path}");', "process=all stack=stitched", words)
    finally:
        imagej.macro(f'call("ij.Prefs.set", "cellwire.server", "{engine.address}");')
        server.stop(None)


def test_the_dialog_asks_for_what_the_image_has(
    imagej: ImageJ, nuclei: Array, tmp_path: Path
) -> None:
    asked = {}
    both = np.stack([nuclei, nuclei])
    for axes, array in {"YX": nuclei[3], "ZYX": nuclei, "TYX": nuclei, "TZYX": both}.items():
        saved(tmp_path / f"{axes}.tif", array, axes, (4.0, 0.829))
        imagej.macro(f'run("Close All"); open("{tmp_path}/{axes}.tif");')
        imagej.ask("menu", "Cellwire Segment...")
        asked[axes] = imagej.words()
        cancel(imagej)
    assert "Stack as" not in asked["YX"]
    for axes, words in asked.items():
        assert ("Stack as" in words) == (axes != "YX"), axes
        assert ("Link frames" in words) == axes.startswith("T"), axes
        assert ("Link threshold" in words) == axes.startswith("T"), axes
        assert ("Half precision" in words) == (axes != "YX"), axes
        assert ("Anisotropy (0 = from calibration)" in words) == (axes != "YX"), axes


def test_a_person_segments_a_stack(imagej: ImageJ, nuclei: Array, tmp_path: Path) -> None:
    """The dialog is recorded, and remembered, but not where it cannot be."""
    path = saved(tmp_path / "person.tif", nuclei, "ZYX", (4.0, 0.829))
    series = saved(tmp_path / "later.tif", nuclei, "TYX", (4.0, 0.829))
    imagej.ask("recorder")
    before = len(imagej.ask("recorded"))
    imagej.macro(f'open("{path}");')
    imagej.ask("menu", "Cellwire Segment...")
    imagej.words()
    imagej.ask("set", "Diameter (0 = automatic)", "12")
    imagej.ask("set", "Process", "all slices")
    imagej.ask("set", "Stack as", "stitched")
    imagej.ask("press", "OK")
    imagej.ask("window", "person-labels", 120, seconds=130)
    wait(lambda: "Cellwire Segment..." in imagej.ask("recorded")[before:], 10)
    recorded = imagej.ask("recorded")[before:]
    assert "process=[all slices]" in recorded
    assert "stack=stitched" in recorded
    imagej.macro(f'run("Close All"); open("{series}");')
    imagej.ask("menu", "Cellwire Segment...")
    chosen = [words.partition(" of ")[0] for kind, words in imagej.fields() if kind == "Choice"]
    assert "all slices" in chosen
    assert "planes" in chosen
    cancel(imagej)


def cancel(imagej: ImageJ) -> None:
    """Press Cancel, and wait until the dialog is gone."""
    imagej.ask("press", "Cancel")
    wait(lambda: imagej.ask("dialogs") == "0", 5)


def wait(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_progress_names_the_part_and_escape_cancels(
    imagej: ImageJ, engine: EngineProcess, tmp_path: Path
) -> None:
    stack = np.stack([pictures.nuclei(200, 200, seed) for seed in range(60)])
    path = saved(tmp_path / "long.tif", stack, "ZYX", (4.0, 0.829))
    options = "model=nuclei diameter=17 process=all stack=stitched"
    imagej.ask("status")
    imagej.ask("begin", f'open("{path}"); run("Cellwire Segment...", "{options}"); return "no";')
    shown = []

    def names_a_part() -> bool:
        assert imagej.ask("running") == "true", imagej.ask("log")
        shown.append(imagej.ask("status"))
        return re.search(r"the network.*, plane [2-9] of 60; ESC stops", shown[-1]) is not None

    wait(names_a_part, 120)
    imagej.ask("escape")
    assert imagej.ask("end", 20, seconds=30) == ""
    assert "cancelled" in imagej.ask("log")
    with connect(engine.address) as client:
        wait(lambda: client.info().active_segmentations == 0, 30)
