"""serve, certificate, token, doctor, models and evaluate, as a person uses them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import time
from typing import TYPE_CHECKING

import pytest
import tifffile
from blob_network import blobs
from commanding import MODEL, in_own_process, serving, write_array

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_addresses_that_others_reach_are_refused(cellwire: Callable[..., object]) -> None:
    ended = cellwire("serve", "--listen", "0.0.0.0:0")
    assert ended.code == 2
    for word in ("0.0.0.0", "TLS and tokens are missing", "cellwire certificate", "token add"):
        assert word in ended.err


@pytest.mark.parametrize("address", ["50051", "host:", "127.0.0.1:70000"])
def test_addresses_that_are_none(cellwire: Callable[..., object], address: str) -> None:
    ended = cellwire("serve", "--listen", address)
    assert ended.code == 2
    assert f"{address!r} is no address to listen on" in ended.err


def test_a_taken_port_is_told_of(cellwire: Callable[..., object]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = cellwire("serve", "--listen", address, "--model", MODEL)
    assert ended.code in (2, 3), ended
    assert address in ended.err
    assert "incident" not in ended.err


def test_an_engine_in_the_background(
    environment: dict[str, str], cellwire: Callable[..., object], image: Path, tmp_path: Path
) -> None:
    address = f"unix:{tmp_path}/engine.sock"
    ended = in_own_process(
        environment, "serve", "--background", "--listen", address, "--model", MODEL
    )
    assert ended.returncode == 0, ended.stderr
    process = int(re.search(r"process (\d+)", ended.stdout).group(1))
    try:
        assert address in ended.stdout
        assert f"kill {process}" in ended.stdout
        done = cellwire("segment", image, "--model", MODEL, "--server", address, "--json")
        assert json.loads(done.out)["cells"] == 25, done.err
        again = in_own_process(
            environment, "serve", "--background", "--listen", address, "--model", MODEL
        )
        assert again.returncode == 2
        assert "An engine listens on" in again.stderr
    finally:
        os.kill(process, signal.SIGTERM)
    end = time.monotonic() + 30
    while (tmp_path / "engine.sock").exists() and time.monotonic() < end:
        time.sleep(0.1)
    gone = cellwire("segment", image, "--model", MODEL, "--server", address)
    assert gone.code == 4


def test_certificates_and_tokens_by_command(
    environment: dict[str, str], cellwire: Callable[..., object], image: Path, tmp_path: Path
) -> None:
    folders = [tmp_path / "mine", tmp_path / "other"]
    for folder in folders:
        made = cellwire("certificate", "127.0.0.1", "--out", folder)
        assert made.code == 0, made.err
        assert str(folder / "ca.pem") in made.out
    assert "is there already" in cellwire("certificate", "127.0.0.1", "--out", folders[0]).err
    book = tmp_path / "tokens"
    token = cellwire("token", "add", "anna", "--file", book).out.strip()
    assert stat.S_IMODE(book.stat().st_mode) == 0o600
    assert token not in book.read_text()
    cellwire("token", "add", "ben", "--file", book)
    assert cellwire("token", "list", "--file", book).out.split() == ["anna", "ben"]
    assert cellwire("token", "remove", "ben", "--file", book).code == 0
    assert cellwire("token", "remove", "ben", "--file", book).code == 2
    mine, wrong = tmp_path / "my.token", tmp_path / "wrong.token"
    mine.write_text(token + "\n")
    wrong.write_text("x" * 43)
    certificate, key = folders[0] / "server.pem", folders[0] / "server.key"
    options = ("--tls-certificate", certificate, "--tls-key", key, "--token-file", book)
    with serving(environment, tmp_path, *map(str, options)) as engine:
        at = ("segment", image, "--model", MODEL, "--server", engine.address, "--save", "labels")
        good = (*at, "--tls-ca", folders[0] / "ca.pem", "--token-file", mine)
        assert cellwire(*good).code == 0
        said = set()
        for options in (
            ("--tls-ca", folders[0] / "ca.pem", "--token-file", wrong),
            ("--tls-ca", folders[0] / "ca.pem"),
            ("--tls-ca", folders[1] / "ca.pem", "--token-file", mine),
            ("--tls-ca", tmp_path / "none.pem", "--token-file", mine),
            (),
        ):
            ended = cellwire(*at, *options)
            assert ended.code == 4, ended
            assert ended.err.startswith("error: ")
            said.add(ended.err)
        assert len(said) == 5


def test_doctor_looks_at_everything(cellwire: Callable[..., object], home: Path) -> None:
    ended = cellwire("doctor", "--json")
    found = {each["what"]: each for each in map(json.loads, ended.out.splitlines())}
    assert ended.code == 0, found
    expected = {"cellwire", "python", "torch", "threads", "device cpu", f"model {MODEL}", "port"}
    assert expected <= set(found)
    assert str(home) in found["folder"]["value"]
    (weights,) = (home / "models" / MODEL).glob("network*.safetensors")
    whole = weights.read_bytes()
    try:
        weights.write_bytes(whole[: len(whole) // 2])
        ended = cellwire("doctor")
    finally:
        weights.write_bytes(whole)
    assert ended.code == 1
    assert "Something does not work" in ended.out


def test_models_of_an_engine_elsewhere(cellwire: Callable[..., object], engine: str) -> None:
    here, there = (
        {each["name"]: each for each in map(json.loads, ended.out.splitlines())}
        for ended in (
            cellwire("models", "list", "--json"),
            cellwire("models", "list", "--json", "--server", engine),
        )
    )
    assert set(there) == set(here)
    for name, values in there.items():
        assert {**here[name], "card": None} == {**values, "card": None}
        assert values["card"] == {key: here[name]["card"][key] for key in values["card"]}
    assert MODEL in cellwire("models", "list", "--server", engine).out
    ended = cellwire("models", "list", "--tls-ca", "ca.pem")
    assert ended.code == 2
    assert "no --server is named" in ended.err


def test_models_are_shown_and_exported(
    cellwire: Callable[..., object], weights: Path, tmp_path: Path
) -> None:
    assert MODEL in cellwire("models", "list").out
    shown = json.loads(cellwire("models", "show", MODEL, "--json").out)
    assert shown["name"] == MODEL
    assert shown["card"]["diam_mean"] == 17.0
    assert shown["digest"] in cellwire("models", "show", MODEL).out
    target = tmp_path / "exported"
    ended = cellwire("models", "export", MODEL, target)
    assert ended.code == 0, ended.err
    import torch

    before = torch.load(weights, weights_only=True)
    after = torch.load(target, weights_only=True)
    assert list(before) == list(after)
    assert all(torch.equal(before[name], after[name]) for name in before)
    ended = cellwire("models", "export", MODEL, tmp_path / "no" / "such" / "folder")
    assert ended.code == 3
    assert "could not be written" in ended.err


def test_an_ensemble_is_added_run_here_and_there_and_exported(
    cellwire: Callable[..., object], engine: str, weights: Path, image: Path, tmp_path: Path
) -> None:
    import torch

    other = tmp_path / "other.pth"
    values = torch.load(weights, weights_only=True)
    values["output.2.bias"] = values["output.2.bias"] + 0.5
    torch.save(values, other)
    ended = cellwire("models", "add", "pair", weights, other)
    assert ended.code == 0, ended.err
    assert "2 networks, averaged" in ended.out
    assert json.loads(cellwire("models", "show", "pair", "--json").out)["networks"] == 2
    found = []
    for place, where in (("here", ()), ("there", ("--server", engine))):
        command = ("segment", image, "--model", "pair", "--save", "cellprob", *where)
        assert cellwire(*command, "--out", tmp_path / place).code == 0
        found.append(tifffile.imread(tmp_path / place / "field_cellprob.tif"))
    assert (found[0] == found[1]).all()
    assert cellwire("segment", image, "--model", MODEL, "--save", "cellprob").code == 0
    alone = tifffile.imread(image.with_name("field_cellprob.tif"))
    assert found[0] - alone == pytest.approx(0.25, abs=1e-3), "the average of the two"
    ended = cellwire("models", "export", "pair", tmp_path / "exported")
    assert ended.out.split() == [str(tmp_path / f"exported_{index}") for index in (0, 1)]


def test_evaluate_scores_a_folder(cellwire: Callable[..., object], tmp_path: Path) -> None:
    for seed in (4, 5):
        pixels, labels = blobs(128, seed)
        (tmp_path / "images").mkdir(exist_ok=True)
        (tmp_path / "labels").mkdir(exist_ok=True)
        write_array(tmp_path / "images" / f"f{seed}.tif", pixels)
        write_array(tmp_path / "labels" / f"f{seed}_masks.tif", labels)
    folders = ("--images", tmp_path / "images", "--labels", tmp_path / "labels")
    scores = tmp_path / "scores.json"
    ended = cellwire("evaluate", *folders, "--model", MODEL, "--diameter", "gt", "--json", scores)
    assert ended.code == 0, ended.err
    assert "pooled" in ended.out
    report = json.loads(scores.read_text())
    assert [image["name"] for image in report["images"]] == ["f4", "f5"]
    assert report["mean"]["ap"]["0.5"] > 0.8
    assert set(report["pooled"]["ap"]) == set(report["mean"]["ap"])
    tifffile.imwrite(tmp_path / "images" / "f6.tif", pixels)
    ended = cellwire("evaluate", *folders, "--model", MODEL)
    assert ended.code == 3
    assert "1 of 3 images" in ended.err
    assert "f6.tif" in ended.err
    ended = cellwire("evaluate", "--images", tmp_path / "gone", "--labels", tmp_path / "labels")
    assert ended.code != 0
    assert "gone" in ended.err
