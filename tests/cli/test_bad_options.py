"""Options out of range, models that are not there, and files that are no weights."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from commanding import MODEL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RANGES = {
    ("--diameter", "0"): ["diameter", "1 to 10,000 pixels", "it is 0"],
    ("--diameter", "-3"): ["diameter", "1 to 10,000 pixels", "it is -3"],
    ("--diameter", "1e6"): ["diameter", "1 to 10,000 pixels", "it is 1,000,000"],
    ("--diameter", "0um"): ["diameter", "µm", "it is 0"],
    ("--diameter", "big"): ["diameter 'big'", "--diameter 30", "10um", "auto"],
    ("--flow-threshold", "-1"): ["flow threshold", "0 to 100", "it is -1"],
    ("--flow-threshold", "nan"): ["flow threshold", "0 to 100", "it is nan"],
    ("--cellprob-threshold", "99"): ["cell-probability threshold", "-50 to 50", "it is 99"],
    ("--min-size", "-2"): ["minimum size", "from -1", "it is -2"],
    ("--max-size", "3"): ["maximum size", "from 15", "it is 3"],
    ("--niter", "-1"): ["niter", "1 to 100000", "it is -1"],
    ("--percentiles", "99,1"): ["lower percentile (99)", "LOW,HIGH"],
    ("--percentiles", "50"): ["--percentiles takes two numbers", "'50'", "1,99"],
    ("--percentiles", "-1,50"): ["lower percentile", "0 to 100", "it is -1"],
    ("--intensity-range", "9,2"): ["range must rise", "9 to 2", "lower intensity first"],
    ("--tile-norm", "3"): ["block size", "from 8", "it is 3"],
    ("--channels", "1,2,3"): ["one or two channels", "'1,2,3'", "--channels 2,1"],
    ("--channels", "-1"): ["counted from 1", "'-1'"],
    ("--plane", "Q=1"): ["--plane takes an axis", "'Q=1'", "--plane Z=3"],
    ("--save", "labels,movie"): ["'movie' cannot be saved", "labels, rois"],
    ("--compat", "cellpose9"): ["'cellpose9'", "'cellpose3'", "Leave it out"],
    ("--device", "tpu"): ["no device 'tpu'", "cpu", "auto"],
    ("--precision", "fp8"): ["precision is auto, fp32 or bf16", "it is 'fp8'"],
    ("--tls-ca", "ca.pem"): ["--tls-ca", "no --server", "--server HOST:PORT"],
    ("--diameter", "auto"): [f"model {MODEL} cannot find the diameter", "--diameter 30"],
}


@pytest.mark.parametrize("option", RANGES, ids=" ".join)
def test_an_option_out_of_range_is_said_before_any_work(
    cellwire: Callable[..., object], image: Path, option: tuple[str, str]
) -> None:
    ended = cellwire("segment", image, "--model", MODEL, *option)
    assert ended.code == 2, ended
    assert ended.err.startswith("error: ")
    for word in RANGES[option]:
        assert word in ended.err
    assert [path.name for path in image.parent.iterdir()] == ["field.tif"]


def test_options_of_the_engine_are_not_for_a_server(
    cellwire: Callable[..., object], image: Path
) -> None:
    for option in (("--device", "cpu"), ("--precision", "bf16")):
        ended = cellwire("segment", image, "--server", "127.0.0.1:1", *option)
        assert ended.code == 2
        assert f"{option[0]} is the engine's own choice" in ended.err


def test_an_unknown_option_is_the_usage(cellwire: Callable[..., object], image: Path) -> None:
    ended = cellwire("segment", image, "--diametre", "30")
    assert ended.code == 2
    assert "--diameter" in ended.err


@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_unknown_model_names_the_nearest(
    cellwire: Callable[..., object], engine: str, image: Path, elsewhere: bool
) -> None:
    where = ["--server", engine] if elsewhere else []
    ended = cellwire("segment", image, "--model", "blob", *where)
    assert ended.code == 2
    for word in ("no model 'blob'", MODEL, "Did you mean"):
        assert word in ended.err
    ended = cellwire("segment", image, "--model", "cyto3", *where)
    assert ended.code == 2
    for word in ("'cyto3'", "cellpose.org/models", "cellwire models add cyto3", "--size"):
        assert word in ended.err


def test_a_pattern_that_fits_nothing(cellwire: Callable[..., object], tmp_path: Path) -> None:
    ended = cellwire("segment", f"{tmp_path}/*.tif", "--model", MODEL)
    assert ended.code == 3
    assert "No file fits the pattern" in ended.err


class Malicious:
    """Writes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.path,)


def test_a_file_that_is_no_weights_is_never_run(
    cellwire: Callable[..., object], weights: Path, tmp_path: Path
) -> None:
    struck = tmp_path / "struck"
    text, pickled, size, cut = (tmp_path / name for name in ("notes", "evil", "evil.npy", "cut"))
    text.write_text("dear diary")
    pickled.write_bytes(pickle.dumps({"diam_mean": Malicious(str(struck))}))
    np.save(size, np.array({"A": Malicious(str(struck))}, dtype=object), allow_pickle=True)
    cut.write_bytes(weights.read_bytes()[:100_000])
    for arguments, words in (
        ([text], ["notes was not added", "state dictionary", "Give a weights file"]),
        ([pickled], ["evil was not added", "was not run", "Give a weights file"]),
        ([cut], ["cut was not added", "Give a weights file"]),
        ([weights, "--size", size], ["evil.npy was not added", "was not run", "_size.npy"]),
        ([tmp_path / "gone"], ["gone cannot be read", "Check its path"]),
        ([weights, "--diam-mean", "-4"], ["mean diameter", "1 to 1000", "it is -4"]),
    ):
        ended = cellwire("models", "add", "mine", *arguments)
        assert ended.code == (2 if "--diam-mean" in arguments else 3), ended
        for word in words:
            assert word in ended.err
        assert not struck.exists()
    assert '"mine"' not in cellwire("models", "list", "--json").out
    ended = cellwire("models", "add", MODEL, weights)
    assert ended.code == 2
    assert f"There is a model '{MODEL}' already" in ended.err
    ended = cellwire("models", "add", "../mine", weights)
    assert ended.code == 2
    assert "cannot be the name of a model" in ended.err
