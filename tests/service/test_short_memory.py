"""An engine whose accelerator runs out of memory for a while."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wire import connect, request_for

from cellwire.jobs.settings import EngineSettings
from cellwire.networks import devices, hardware, inference
from cellwire.networks.hardware import Hardware
from cellwire.networks.inference import Network
from cellwire.networks.weight_arrays import read_ensemble
from tests.unit.networks.devices_in_need import ScriptedNetwork

if TYPE_CHECKING:
    import pytest

    from cellwire.networks.registry import ModelEntry


def test_what_the_processor_answered_instead_is_told_and_not_kept(
    start_server, cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks: list[ScriptedNetwork] = []

    def load(entry: ModelEntry, device: str, _precision: str) -> Network:
        weights = read_ensemble(entry.files)
        if device == "cpu":
            return Network(weights, "cpu")
        networks.append(ScriptedNetwork(weights[0], name="cuda:0"))
        return networks[-1]

    monkeypatch.setattr(devices, "available_devices", lambda: ["cuda:0", "cpu"])
    monkeypatch.setattr(hardware, "describe_device", lambda name: Hardware(name, 2**33))
    monkeypatch.setattr(inference, "load_network", load)
    server = start_server(engine=EngineSettings())
    with connect(server.address) as wire:
        request = request_for(wire.send(cells), diameter=31.0)
        networks[0].script.room = 0
        short = wire.run(request)
        networks[0].script.room = 32
        later, again = wire.run(request), wire.run(request)
    assert [each.cached for each in (short, later, again)] == [False, False, True]
    (notice,) = short.finished.notices
    assert "no memory left" in notice
    assert not later.finished.notices
    backends = [json.loads(each.finished.provenance)["backend"] for each in (short, later, again)]
    assert backends == ["torch", "torch on cuda:0", "torch on cuda:0"]
