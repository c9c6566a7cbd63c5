"""Checkpoints, models and caches are written whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from cellwire.errors import InvalidParameterError, OutputWriteError, TrainingDataError
from cellwire.networks.architecture import Architecture
from cellwire.networks.card import read_card
from cellwire.networks.registry import add_model, find_model
from cellwire.networks.unet import CellposeNet
from cellwire.networks.weights import load_network_file
from cellwire.segmentation.targets import labels_to_flows
from cellwire.training.averaging import WeightAverage
from cellwire.training.checkpoints import (
    CHECKPOINT,
    check_start,
    restore_checkpoint,
    save_checkpoint,
)
from cellwire.training.flow_cache import cached_flows
from cellwire.training.model_folder import write_model_folder
from cellwire.training.recipe import TrainingRequest
from cellwire.training.settings import TrainingSettings, TrainingState, Validation
from cellwire.training.size_model import fit_size
from tests.unit.disk import small_disk
from tests.unit.training.samples import disks, sample_images

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.networks.size_weights import SizeWeights
    from cellwire.training.training_images import TrainingImage


class Training:
    """What a checkpoint keeps."""

    def __init__(self, *base: int, style: bool = True, optimizer: str = "AdamW") -> None:
        torch.manual_seed(3)
        self.network = CellposeNet(Architecture(2, base, style=style), 17.0)
        learnt = [each for each in self.network.parameters() if each.requires_grad]
        self.optimizer = getattr(torch.optim, optimizer)(learnt, lr=0.1)
        self.average = WeightAverage(self.network)
        self.state = TrainingState(4, 5.0, [1.0, 0.5], [Validation(2, 0.1, 0.7, 0.3, {"a": 0.3})])

    def save(self, folder: Path) -> None:
        save_checkpoint(folder, self.network, self.optimizer, self.average, self.state)

    def restore(self, folder: Path) -> None:
        restore_checkpoint(folder, self.network, self.optimizer, self.average, self.state)


def test_a_checkpoint_brings_everything_back(tmp_path: Path) -> None:
    first = Training(4, 8)
    first.save(tmp_path)
    second = Training(4, 8)
    second.state = TrainingState()
    second.restore(tmp_path)
    assert second.state == first.state
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]


def test_a_full_disk_keeps_the_earlier_checkpoint(tmp_path: Path) -> None:
    training = Training(4, 8)
    training.save(tmp_path)
    before = (tmp_path / CHECKPOINT).read_bytes()
    training.state.step = 9
    with small_disk(4096), pytest.raises(OutputWriteError, match=r"before it is kept.*--resume"):
        training.save(tmp_path)
    assert (tmp_path / CHECKPOINT).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Training(4, 16), r"of another network: base \(4, 8\), not \(4, 16\)"),
        (Training(4, 8, style=False), "another network: style True, not False"),
        (Training(4, 8, optimizer="SGD"), "with AdamW, not SGD"),
    ],
)
def test_a_checkpoint_of_another_training_is_said(
    tmp_path: Path, other: Training, said: str
) -> None:
    Training(4, 8).save(tmp_path)
    with pytest.raises(TrainingDataError, match=said):
        other.restore(tmp_path)


def test_a_training_is_not_lost_by_starting_anew(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match=r"no checkpoint.pt in .*Leave out --resume"):
        check_start(tmp_path, resume=True)
    check_start(tmp_path, resume=False)
    Training(4, 8).save(tmp_path)
    check_start(tmp_path, resume=True)
    with pytest.raises(TrainingDataError, match=r"already.*--resume.*another --out"):
        check_start(tmp_path, resume=False)


def test_a_damaged_checkpoint_is_said(tmp_path: Path) -> None:
    training = Training(4, 8)
    training.save(tmp_path)
    path = tmp_path / CHECKPOINT
    for data in (path.read_bytes()[:3000], b"", b"text"):
        path.write_bytes(data)
        with pytest.raises(TrainingDataError, match="damaged or no checkpoint"):
            training.restore(tmp_path)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[TrainingImage]:
    return sample_images(tmp_path_factory.mktemp("images") / "set", 2)


def size_weights() -> SizeWeights:
    rng = np.random.default_rng(0)
    return fit_size(rng.random((20, 8)), rng.uniform(10, 30, 20), 17.0, 1e-2)


def test_a_model_is_written_whole_and_added_as_a_folder(
    images: list[TrainingImage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELLWIRE_HOME", str(tmp_path / "home"))
    out = tmp_path / "mine"
    request = TrainingRequest((), out, TrainingSettings())
    training = Training(4, 8)
    given = (training.state, images, images[:1], 0.12, -0.001)
    with small_disk(4096), pytest.raises(OutputWriteError, match=r"cannot be written .*--resume"):
        write_model_folder(request, training.network, size_weights(), *given)
    assert not list(out.iterdir())
    made = write_model_folder(request, training.network, size_weights(), *given)
    again = write_model_folder(request, training.network, size_weights(), *given)
    assert made.folder == again.folder == out / "model"
    assert [path.name for path in out.iterdir()] == ["model"]
    with small_disk(4096), pytest.raises(OutputWriteError):
        write_model_folder(request, training.network, None, *given)
    assert read_card(out / "model" / "card.json") == made.card
    assert made.card.figures["AP@0.5, true diameters, validation images, a"] == 0.3
    assert made.card.bf16_ap_difference == -0.001

    for name, folder in (("one", out), ("two", out / "model")):
        entry = add_model(name, [folder])
        assert entry.card == made.card
        assert entry.size is not None
        assert entry.origin == "added"
        network = load_network_file(entry.files[0])
        for key, value in training.network.state_dict().items():
            torch.testing.assert_close(network.state_dict()[key], value, atol=1e-3, rtol=1e-3)
        assert (entry.files[0].parent / "MODEL_CARD.md").is_file()
    exported = add_model("cellpose", [out / "model" / "for_cellpose"],
                         out / "model" / "for_cellpose_size.npy")  # fmt: skip
    assert load_network_file(exported.files[0]).architecture == training.network.architecture
    with pytest.raises(InvalidParameterError, match="Leave out --size"):
        add_model("three", [out], diam_mean=30.0)
    with pytest.raises(Exception, match="holds no model: there is no card"):
        add_model("three", [tmp_path])
    (out / "model" / "size.safetensors").write_bytes(b"half")
    with pytest.raises(Exception, match="cannot be read"):
        add_model("three", [out])
    assert find_model("one").name == "one"
    assert {path.name for path in (tmp_path / "home" / "models").iterdir()} == {
        "one", "two", "cellpose",
    }  # fmt: skip


def test_a_model_without_style_keeps_that_in_cellpose_format(
    images: list[TrainingImage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELLWIRE_HOME", str(tmp_path / "home"))
    training = Training(4, 8, style=False)
    request = TrainingRequest((), tmp_path, TrainingSettings())
    made = write_model_folder(
        request, training.network, None, training.state, images, [], None, None
    )
    entry = add_model("plain", [made.folder / "for_cellpose_style_off"])
    assert not load_network_file(entry.files[0]).architecture.style
    assert "style False" in made.card.recipe
    assert "Nothing was measured" in made.card.limits


def test_flows_are_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "flows"
    labels = disks(4)
    flows = cached_flows(folder)(labels)
    np.testing.assert_allclose(flows, labels_to_flows(labels), atol=1e-3)
    (path,) = folder.iterdir()
    assert path.stat().st_size < flows.nbytes / 2

    def never(_: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr("cellwire.training.flow_cache.labels_to_flows", never)
        np.testing.assert_array_equal(cached_flows(folder)(labels.astype(np.int32)), flows)
        with pytest.raises(AssertionError):
            cached_flows(folder)(disks(5))
    path.write_bytes(path.read_bytes()[:50])
    np.testing.assert_array_equal(cached_flows(folder)(labels), flows)
    with small_disk(10):
        np.testing.assert_array_equal(cached_flows(tmp_path / "full")(labels), flows)
    assert not list((tmp_path / "full").iterdir())


@pytest.mark.parametrize(
    "start", ["/home/anna/secret/first.safetensors", "C:\\anna\\first.safetensors"]
)
def test_a_card_does_not_tell_the_folders_of_the_machine(
    images: list[TrainingImage], tmp_path: Path, start: str
) -> None:
    training = Training(4, 8, style=False)
    request = TrainingRequest((), tmp_path, TrainingSettings(), start=start)
    made = write_model_folder(
        request, training.network, None, training.state, images, [], None, None
    )
    text = made.folder.joinpath("MODEL_CARD.md").read_text()
    assert "from first.safetensors" in text
    assert "anna" not in text
