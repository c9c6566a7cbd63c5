"""The network against Cellpose's own, with random weights and batch-norm statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from cellpose.resnet_torch import CPnet

from cellwire.networks.inference import Network, load_network
from cellwire.networks.registry import add_model, export_model
from cellwire.networks.unet import CellposeNet

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.networks.backend import BackendName


def random_peer(seed: int = 0) -> CPnet:
    torch.manual_seed(seed)
    peer = CPnet([2, 32, 64, 128, 256], 3, 3).eval()
    for name, value in peer.state_dict().items():
        if "running_mean" in name:
            value.normal_(0.0, 0.3)
        elif "running_var" in name:
            value.uniform_(0.5, 2.0)
    return peer


def relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def test_state_dictionaries_have_the_same_tensors() -> None:
    ours, theirs = CellposeNet().state_dict(), random_peer().state_dict()
    assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in theirs.items()}
    assert len(ours) == 313
    assert sum(value.numel() for value in CellposeNet().parameters()) == 6_600_845


@pytest.mark.parametrize("backend", ["torch", "openvino", "ncnn"])
@pytest.mark.parametrize("shape", [(1, 2, 64, 96), (8, 2, 48, 32), (2, 2, 224, 224)])
def test_outputs_and_style_are_the_peers(shape: tuple[int, ...], backend: BackendName) -> None:
    pytest.importorskip(backend)
    peer = random_peer()
    net = CellposeNet()
    net.load_state_dict(peer.state_dict())
    tiles = np.random.default_rng(1).random(shape, dtype=np.float32)
    with torch.inference_mode():
        y, style, _ = peer(torch.from_numpy(tiles))
    own_y, own_style = Network([net], "cpu", backend=backend).run(tiles)
    assert relative(own_y, y.numpy()) < 1e-5
    assert relative(own_style, style.numpy()) < 1e-5


def test_a_file_of_the_peer_is_added_and_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELLWIRE_HOME", str(tmp_path / "home"))
    peer = random_peer(3)
    peer.diam_mean.data.fill_(17.0)
    peer.save_model(tmp_path / "theirs")
    entry = add_model("theirs", [tmp_path / "theirs"])
    assert entry.card.diam_mean == 17.0
    tiles = np.random.default_rng(2).random((2, 2, 64, 64), dtype=np.float32)
    y, _ = load_network(entry, "cpu").run(tiles)
    export_model("theirs", tmp_path / "back")
    again = CPnet([2, 32, 64, 128, 256], 3, 3)
    again.load_model(tmp_path / "back")
    with torch.inference_mode():
        theirs = again.eval()(torch.from_numpy(tiles))[0].numpy()
    assert relative(y, theirs) < 1e-5
    for name, value in peer.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name
