"""Adding, finding and exporting models; files that are none, and files that would do harm."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from cellwire.errors import (
    DeviceUnknownError,
    InvalidParameterError,
    ModelBrokenError,
    ModelExistsError,
    ModelUnknownError,
)
from cellwire.networks.architecture import Architecture
from cellwire.networks.digest import digest_of
from cellwire.networks.inference import choose_device, load_network
from cellwire.networks.registry import add_model, export_model, find_model, list_models
from cellwire.networks.size_weights import load_size_weights
from cellwire.networks.unet import CellposeNet
from cellwire.networks.weights import load_network_file, save_network


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("CELLWIRE_HOME", str(folder))
    return folder


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "small.pth"
    torch.save(CellposeNet(Architecture(2, (4, 8)), 21.0).state_dict(), path)
    return path


class Harm:
    """Writes a file when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> object:
        return (Path.touch, (self.trace,))


def size_values() -> dict[str, object]:
    rng = np.random.default_rng(0)
    return {"A": rng.random(8), "smean": rng.random(8), "diam_mean": 30.0, "ymean": np.float64(0.1)}


def test_a_model_is_added_found_run_and_exported(weights: Path, tmp_path: Path) -> None:
    size = tmp_path / "s.npy"
    np.save(size, size_values())
    entry = add_model("mine", [weights], size)
    assert find_model("models/mine") == find_model("mine")
    assert entry in list_models()
    assert entry.origin == "added"
    assert entry.card.diam_mean == 21.0
    assert entry.card.sources["small.pth"] == digest_of([weights])
    assert load_size_weights(entry.size).ymean == pytest.approx(0.1)
    assert load_network(entry, "cpu").digest == entry.digest
    written = export_model("mine", tmp_path / "out")
    assert [path.name for path in written] == ["out", "out_size.npy"]
    back = torch.load(written[0], weights_only=True)
    for name, value in torch.load(weights, weights_only=True).items():
        assert torch.equal(back[name], value)
    again = np.load(written[1], allow_pickle=True).item()
    np.testing.assert_array_equal(again["A"], size_values()["A"])


def test_an_ensemble_has_a_file_each(weights: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pth"
    torch.save(CellposeNet(Architecture(2, (4, 8)), 21.0).state_dict(), other)
    entry = add_model("pair", [weights, other], diam_mean=17.0)
    assert len(entry.files) == 2
    assert entry.card.diam_mean == 17.0
    assert [p.name for p in export_model("pair", tmp_path / "out")] == ["out_0", "out_1"]


@pytest.mark.parametrize("kind", ["torch", "pickle", "text", "empty", "cellpose4", "half"])
def test_what_is_no_weights_file_is_refused_and_never_run(
    kind: str, weights: Path, tmp_path: Path
) -> None:
    file, trace = tmp_path / "given", tmp_path / "trace"
    if kind == "torch":
        torch.save({"downsample": Harm(trace)}, file)
    elif kind == "pickle":
        file.write_bytes(pickle.dumps(Harm(trace)))
    elif kind == "text":
        file.write_text("these are not the weights")
    elif kind == "empty":
        file.touch()
    elif kind == "cellpose4":
        torch.save({"W2": torch.zeros(3)}, file)
    else:
        file.write_bytes(weights.read_bytes()[:2000])
    with pytest.raises(ModelBrokenError, match="given") as error:
        add_model("bad", [file])
    assert error.value.next_step
    assert not trace.exists()
    assert "bad" not in [entry.name for entry in list_models()]


def test_a_harmful_size_file_is_refused_and_never_run(weights: Path, tmp_path: Path) -> None:
    file, trace = tmp_path / "s.npy", tmp_path / "trace"
    np.save(file, np.array({"A": Harm(trace)}, dtype=object))
    with pytest.raises(ModelBrokenError, match=r"s\.npy was not added"):
        add_model("bad", [weights], file)
    assert not trace.exists()


def test_a_missing_tensor_is_named(weights: Path, tmp_path: Path) -> None:
    tensors = torch.load(weights, weights_only=True)
    del tensors["output.2.bias"]
    torch.save(tensors, tmp_path / "less.pth")
    with pytest.raises(ModelBrokenError, match=r"output\.2\.bias"):
        add_model("less", [tmp_path / "less.pth"])


def test_a_file_without_diameter_asks_for_it(weights: Path, tmp_path: Path) -> None:
    tensors = torch.load(weights, weights_only=True)
    del tensors["diam_mean"], tensors["diam_labels"]
    torch.save(tensors, tmp_path / "old.pth")
    with pytest.raises(ModelBrokenError, match="--diam-mean"):
        add_model("old", [tmp_path / "old.pth"])
    assert add_model("old", [tmp_path / "old.pth"], diam_mean=17.0).card.diam_mean == 17.0


def test_names(weights: Path) -> None:
    add_model("tissue", [weights])
    with pytest.raises(ModelExistsError, match="tissue"):
        add_model("tissue", [weights])
    with pytest.raises(InvalidParameterError, match="name"):
        add_model("../tissue", [weights])
    with pytest.raises(ModelUnknownError, match="tissue"):
        find_model("tisue")
    with pytest.raises(ModelUnknownError, match="cellwire models add cyto3 cyto3"):
        find_model("cyto3")
    with pytest.raises(ModelUnknownError):
        find_model("../home/models/tissue")


def test_half_precision_keeps_what_must_be_exact(tmp_path: Path) -> None:
    net = CellposeNet(Architecture(2, (4, 8)), 17.0)
    save_network(tmp_path / "n.safetensors", net, half=True)
    back = load_network_file(tmp_path / "n.safetensors")
    assert back.architecture == net.architecture
    for name, value in net.state_dict().items():
        found = back.state_dict()[name]
        assert found.dtype == value.dtype
        torch.testing.assert_close(found, value, rtol=1e-3 if value.ndim > 1 else 0, atol=1e-6)


def test_a_damaged_file_of_ours_is_named(tmp_path: Path) -> None:
    file = tmp_path / "n.safetensors"
    save_network(file, CellposeNet(Architecture(2, (4, 8))))
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ModelBrokenError, match=r"n\.safetensors"):
        load_network_file(file)


def test_devices() -> None:
    assert choose_device("cpu") == "cpu"
    with pytest.raises(DeviceUnknownError, match="cpu"):
        choose_device("abacus")
