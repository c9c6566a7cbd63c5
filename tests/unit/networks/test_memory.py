"""What networks hold on a processor: their weights, and little for each tile at work."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cellwire.networks import freed_memory
from cellwire.networks.architecture import Architecture
from cellwire.networks.inference import Network
from cellwire.networks.unet import CellposeNet

if TYPE_CHECKING:
    from collections.abc import Callable

linux = pytest.mark.skipif(sys.platform != "linux", reason="measured as Linux counts it")

MEASURED = """
import numpy as np, psutil
import cellwire.networks.inference as inference
import cellwire.networks.ncnn_backend as ncnn_backend
from cellwire.networks.registry import find_model
ncnn_backend.usable_cores = lambda: 2
inference.choose_backend = lambda *_: "ncnn"
resident = lambda: psutil.Process().memory_info().rss / 2**20
entry, start = find_model("nuclei"), resident()
network = inference.load_network(entry, "cpu", "fp32")
loaded = resident()
usual, low = np.ones((3, 2, 224, 224), np.float32), np.ones((3, 2, 80, 224), np.float32)
for tiles in (low, usual, low):
    network.run(tiles)
worked = resident()
network.release_memory()
print(loaded - start, worked - loaded, resident() - loaded)
"""


@linux
def test_a_network_leaves_little_beside_its_weights_and_two_tiles() -> None:
    pytest.importorskip("ncnn")
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    weights, tiles, left = (float(each) for each in done.stdout.split())
    assert 90 < weights < 150  # 25 MiB of weights become 100
    assert 2 * 52 < tiles < 2 * 95  # a tile uses 52 MiB at one time
    assert left < 20


def test_tiles_of_other_sizes_before_it_change_no_bit_of_a_tile() -> None:
    pytest.importorskip("ncnn")
    net = CellposeNet(Architecture(2, (8, 16, 32))).eval()
    network = Network([net], "cpu", backend="ncnn")
    rng = np.random.default_rng(1)
    tile = rng.random((1, 2, 96, 64), dtype=np.float32)
    expected, style = network.run(tile)
    for shape in ((16, 16), (224, 224), (80, 224), (8, 64)):
        network.run(1000 * rng.random((3, 2, *shape), dtype=np.float32))
        again, again_style = network.run(tile)
        np.testing.assert_array_equal(again, expected)
        np.testing.assert_array_equal(again_style, style)
    network.release_memory()
    np.testing.assert_array_equal(network.run(tile)[0], expected)


def _no_handle(_: None) -> ctypes.CDLL:
    raise TypeError("argument of type 'NoneType' is not iterable")


@pytest.mark.parametrize("library", [_no_handle, lambda _: object()])
def test_other_c_libraries_are_not_asked(
    monkeypatch: pytest.MonkeyPatch, library: Callable[[None], object]
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", library)
    freed_memory.return_freed_memory()


@linux
def test_what_was_freed_goes_back() -> None:
    code = (
        "import psutil; from cellwire.networks.freed_memory import return_freed_memory as back\n"
        "resident = lambda: psutil.Process().memory_info().rss / 2**20\n"
        "kept = [b'1' * (100_000 + i) for i in range(2000)]; last = b'1' * 100_000\n"
        "full = resident(); del kept; before = resident(); back()\n"
        "print(full - before, full - resident())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    kept, given = (float(each) for each in done.stdout.split())
    assert given > 150 > kept
