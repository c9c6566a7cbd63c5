from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.networks.registry import find_model
from cellwire.networks.weights import load_network_file
from cellwire.training import measuring
from cellwire.training.measuring import bf16_difference, scorer
from tests.unit.training.samples import sample_images

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_what_bf16_changes_is_measured_where_it_would_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = sample_images(tmp_path / "set", 2)
    network = load_network_file(find_model("nuclei").files[0])
    asked: list[str] = []

    def fast(device: str) -> bool:
        asked.append(device)
        return True

    monkeypatch.setattr(measuring, "has_fast_bf16", fast)
    found = bf16_difference(network, images, 22.0, "cpu")
    assert asked == ["cpu"]
    bf16 = scorer(images, 22.0, "cpu", precision="bf16")(network).mean
    fp32 = scorer(images, 22.0, "cpu")(network).mean
    assert found == bf16 - fp32
    assert bf16_difference(network, images, 22.0, "cpu", 0.25) == bf16 - 0.25
    assert fp32 > 0.3
    assert abs(bf16 - fp32) < 0.2
    assert bf16_difference(network, [], 22.0, "cpu") is None
    monkeypatch.setattr(measuring, "has_fast_bf16", lambda _: False)
    assert bf16_difference(network, images, 22.0, "cpu") is None
