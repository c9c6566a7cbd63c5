"""An engine whose accelerator has no memory: the processor answers, and the result says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from cellwire.errors import DeviceOutOfMemoryError
from cellwire.jobs.engine import Engine
from cellwire.jobs.job import ChannelInput, CompletedSegmentation, Diameter, SegmentationJob
from cellwire.jobs.settings import EngineSettings
from cellwire.networks import devices, inference
from cellwire.networks.inference import Network
from cellwire.networks.weight_arrays import read_ensemble
from tests.unit.networks.devices_in_need import ScriptedNetwork

if TYPE_CHECKING:
    from cellwire.networks.registry import ModelEntry

Y, X = np.mgrid[:160, :160] % 32
IMAGE = ((np.hypot(Y - 16, X - 16) < 9) * 200 + 20).astype(np.uint8)
JOB = SegmentationJob("nuclei", (ChannelInput(IMAGE),), diameter=Diameter(17.0))


class Machine:
    """A machine with an accelerator, `room` tiles large."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.loads = True

    def load(self, entry: ModelEntry, device: str, _precision: str) -> Network:
        weights = read_ensemble(entry.files)
        if devices.choose_device(device) == "cpu":
            return Network(weights, "cpu")
        if not self.loads:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        network = ScriptedNetwork(weights[0], 8, 32, "cuda:0")
        network.warm_up()
        network.script.room, network.group = self.room, 8
        return network


def segmented(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, device: str = "auto"
) -> CompletedSegmentation:
    monkeypatch.setattr(devices, "available_devices", lambda: ["cuda:0", "cpu"])
    monkeypatch.setattr(inference, "load_network", machine.load)
    engine = Engine(EngineSettings(device=device))
    try:
        return engine.segment(JOB)
    finally:
        engine.close()


@pytest.mark.parametrize("room", [32, 1])
def test_with_memory_the_accelerator_answers(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    done = segmented(monkeypatch, Machine(room))
    assert done.segmentation.count == 25
    assert (done.provenance.backend, done.provenance.precision) == ("torch on cuda:0", "fp32")
    assert done.notices == ()
    assert done.usual


@pytest.mark.parametrize("loads", [True, False])
def test_without_memory_the_processor_answers(monkeypatch: pytest.MonkeyPatch, loads: bool) -> None:
    machine = Machine(0)
    machine.loads = loads
    done = segmented(monkeypatch, machine)
    plain = segmented(monkeypatch, Machine(32), "cpu")
    np.testing.assert_array_equal(done.segmentation.labels, plain.segmentation.labels)
    np.testing.assert_array_equal(done.segmentation.flows, plain.segmentation.flows)
    assert done.provenance == plain.provenance
    assert plain.notices == ()
    (notice,) = done.notices
    assert "cuda:0 had no memory left" in notice
    assert "processor (torch, fp32)" in notice
    assert plain.usual
    assert not done.usual


def test_a_processor_without_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(entry: ModelEntry, _device: str, _precision: str) -> Network:
        return ScriptedNetwork(read_ensemble(entry.files)[0], 1, 0)

    monkeypatch.setattr(inference, "load_network", load)
    engine = Engine(EngineSettings(device="cpu"))
    monkeypatch.setattr(ScriptedNetwork, "warm_up", lambda _self: None)
    with pytest.raises(DeviceOutOfMemoryError, match="cpu has no memory left for a single tile"):
        engine.segment(JOB)
    engine.close()
