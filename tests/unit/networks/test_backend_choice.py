"""The library is measured once on a machine, remembered, and never missing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, get_args

import pytest

from cellwire.errors import InvalidParameterError
from cellwire.networks import backend_choice, backend_speed, precision
from cellwire.networks.backend import BackendName
from cellwire.networks.card import ModelCard
from cellwire.networks.inference import computing_of, load_network
from cellwire.networks.registry import find_model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend_choice, "choices_file", lambda: tmp_path / "backends.json")
    monkeypatch.setattr(backend_choice, "_KNOWN", {})


def _not_here(*_: object) -> None:
    pytest.fail("libraries are loaded to be measured in another process")


def test_what_was_measured_is_remembered(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (libraries := get_args(BackendName)):
        pytest.importorskip(name)
    caplog.set_level("INFO", "cellwire.networks.backend_choice")
    monkeypatch.setattr("cellwire.networks.backend_choice.make_backend", _not_here)
    chosen = backend_choice.choose_backend("cpu", "fp32")
    assert all(f"'{name}':" in caplog.text for name in libraries)
    written = json.loads(backend_choice.choices_file().read_text())
    assert list(written.values()) == [chosen]
    caplog.clear()
    # As another process: it goes by the file, even where it would have measured otherwise.
    monkeypatch.setattr(backend_choice, "_KNOWN", {})
    other = next(name for name in libraries if name != chosen)
    backend_choice.choices_file().write_text(json.dumps(dict.fromkeys(written, other)))
    assert backend_choice.choose_backend("cpu", "fp32") == other
    assert not caplog.text


@pytest.mark.parametrize("program", ["/nowhere/python", "/bin/false", "/bin/true", "/bin/echo"])
def test_without_a_measurement_torch_computes_and_nothing_is_remembered(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, program: str
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    assert backend_choice.choose_backend("cpu", "fp32") == "torch"
    assert "not measured" in caplog.text
    assert not backend_choice.choices_file().exists()


def test_a_library_that_refuses_is_not_measured() -> None:
    pytest.importorskip("ncnn")
    seconds, refused = backend_speed.measure("bf16", ["ncnn"])
    assert (seconds, list(refused)) == ({}, ["ncnn"])
    assert "not in bf16" in refused["ncnn"]


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"a": "abacus"}'])
def test_a_damaged_memory_is_none(content: str) -> None:
    backend_choice.choices_file().write_text(content)
    assert backend_choice._remembered() == {}


def test_without_others_torch_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("openvino", "ncnn"):
        monkeypatch.setitem(sys.modules, name, None)
    network = load_network(find_model("nuclei"), "cpu")
    assert (network.backend, network.precision) == ("torch", "fp32")
    assert not backend_choice.choices_file().exists()


def test_ncnn_is_not_asked_for_bf16(caplog: pytest.LogCaptureFixture) -> None:
    assert backend_choice.choose_backend("cpu", "bf16") in ("torch", "openvino")
    assert "ncnn" not in caplog.text


def test_a_network_that_openvino_cannot_build_runs_in_torch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setattr("cellwire.networks.inference.choose_backend", lambda *_: "openvino")

    def refuse(*_: object) -> None:
        raise RuntimeError("no such operation")

    monkeypatch.setattr("cellwire.networks.openvino_backend.graph_of", refuse)
    assert load_network(find_model("nuclei"), "cpu").backend == "torch"


@pytest.mark.parametrize(
    ("wish", "device", "difference", "fast", "expected"),
    [
        ("fp32", "cpu", 0.0, True, "fp32"),
        ("bf16", "cpu", None, False, "bf16"),
        ("auto", "cpu", None, True, "fp32"),
        ("auto", "cpu", -0.0015, True, "bf16"),
        ("auto", "cpu", -0.0015, False, "fp32"),
        ("auto", "cpu", -0.0025, True, "fp32"),
        ("auto", "cuda:0", 0.0, True, "bf16"),
        ("auto", "cuda:0", None, True, "fp32"),
        ("auto", "cuda:0", 0.0, False, "fp32"),
    ],
)
def test_bf16_is_taken_where_it_is_fast_and_as_good(
    monkeypatch: pytest.MonkeyPatch,
    wish: str,
    device: str,
    difference: float | None,
    fast: bool,
    expected: str,
) -> None:
    monkeypatch.setattr(precision, "has_fast_bf16", lambda _device: fast)
    card = ModelCard("", 30.0, bf16_ap_difference=difference)
    assert precision.choose_precision(wish, device, card) == expected


def test_metal_and_old_cards_have_no_fast_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    precision.has_fast_bf16.cache_clear()
    capabilities = {"cuda:0": (7, 5), "cuda:1": (8, 0), "cuda:2": (12, 0)}
    monkeypatch.setattr("torch.cuda.get_device_capability", capabilities.__getitem__)
    found = [precision.has_fast_bf16(name) for name in ("mps", *capabilities)]
    precision.has_fast_bf16.cache_clear()
    assert found == [False, False, True, True]


def test_other_precisions_are_refused() -> None:
    with pytest.raises(InvalidParameterError, match="'fp8'"):
        computing_of(find_model("nuclei"), precision="fp8")


NO_CONNECTION = """
import socket, sys
def refuse(*a, **k):
    sys.stderr.write(f"CONNECTION {a}\\n"); sys.stderr.flush()
    import os; os._exit(9)
for name in ("getaddrinfo", "create_connection", "gethostbyname"):
    setattr(socket, name, refuse)
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
import numpy as np
from cellwire.networks.inference import Network
from cellwire.networks.registry import find_model
from cellwire.networks.weight_arrays import read_ensemble
entry = find_model("nuclei")
network = Network(read_ensemble(entry.files), "cpu", "", sys.argv[1], "fp32")
network.warm_up()
y, _ = network.run(np.ones((3, 2, 64, 64), np.float32))
assert np.isfinite(y).all()
assert "torch" not in sys.modules
import psutil, time; time.sleep(1.0)
assert not psutil.Process().net_connections("inet")
print("answered")
"""


@pytest.mark.parametrize("name", ["openvino", "ncnn"])
def test_no_connection_is_opened_and_no_torch_needed(name: str) -> None:
    pytest.importorskip(name)
    done = subprocess.run(
        [sys.executable, "-c", NO_CONNECTION, name], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "answered\n"), done.stderr
