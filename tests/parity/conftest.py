"""The peer, Cellpose 3.1.1.3, and one checkpoint of random weights in its format."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


PEER_VERSION = "3.1.1.3"


@pytest.fixture(scope="session")
def peer() -> Any:
    """The package `cellpose`, of the version that is the reference."""
    cellpose = pytest.importorskip("cellpose", reason="the peer is not installed")
    from importlib.metadata import version

    if version("cellpose") != PEER_VERSION:
        pytest.skip(f"the reference is cellpose {PEER_VERSION}, not {version('cellpose')}")
    logging.getLogger("cellpose").setLevel(logging.ERROR)
    return cellpose


@pytest.fixture(scope="session")
def random_checkpoint(peer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state dict of the peer's network with random weights and batch-norm statistics."""
    import torch
    from cellpose.resnet_torch import CPnet

    torch.manual_seed(11)
    net = CPnet([2, 32, 64, 128, 256], 3, sz=3)
    draw = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if name.endswith("running_mean"):
                value.copy_(torch.randn(value.shape, generator=draw) * 0.2)
            elif name.endswith("running_var"):
                value.copy_(torch.rand(value.shape, generator=draw) + 0.5)
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(net.state_dict(), path)
    return path


@pytest.fixture(scope="session")
def peer_model(peer: Any, random_checkpoint: Path) -> Any:
    """The peer's `CellposeModel` with the random weights."""
    from cellpose.models import CellposeModel

    return CellposeModel(gpu=False, pretrained_model=str(random_checkpoint))


@pytest.fixture(scope="session")
def network(random_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Our network with the random weights, added as a user adds a model."""
    from cellwire.networks.inference import load_network
    from cellwire.networks.registry import add_model

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLWIRE_HOME", str(tmp_path_factory.mktemp("home")))
        return load_network(add_model("random", [random_checkpoint]), "cpu")


@pytest.fixture
def stable_ties(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the peer's sort of seeds stable.

    Seeds with equally many end points come out of its unstable sort in any order, and the later
    one wins where they overlap. Ours go in raster order; so do the peer's with this.
    """
    import torch

    plain = torch.Tensor.argsort
    monkeypatch.setattr(
        torch.Tensor, "argsort", lambda self, *a, **k: plain(self, *a, **{**k, "stable": True})
    )
