"""A model whose card sets defaults: told to clients, used where a request leaves them unset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
import pytest
from wire import API, Wire, connect, detail_of, request_for

from cellwire.jobs.engine import Engine
from cellwire.jobs.job import ChannelInput, SegmentationJob
from cellwire.jobs.settings import EngineSettings
from cellwire.networks.registry import add_model
from cellwire_api.v1 import model_service_pb2
from cellwire_client import connect as connect_client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEFAULTS = {
    "diameter": 20,
    "cellprob_threshold": -50,
    "flow_threshold": 0,
    "min_size": 2,
    "max_size": 300,
    "max_size_fraction": 1.0,
    "niter": 150,
    "tolerance": 0.001,
    "exclude_on_edges": True,
    "normalisation": {"percentiles": [10, 80]},
}
NAME = "tuned"


@pytest.fixture(scope="module", autouse=True)
def card(models_home: Path) -> Path:
    """The card of a model with defaults of its own."""
    add_model(NAME, [models_home / "random.pth"])
    path = models_home / "models" / NAME / "card.json"
    set_defaults(path, DEFAULTS)
    return path


def set_defaults(card: Path, defaults: dict[str, Any]) -> None:
    values = json.loads(card.read_text())
    card.write_text(json.dumps({**values, "defaults": defaults}))


@pytest.fixture
def cells(cells: np.ndarray) -> np.ndarray:
    """Discs so dim that the card's percentiles hold; wider ones leave one object, on an edge."""
    return cells.clip(0, 360)


@pytest.fixture
def wire(server) -> Iterator[Wire]:
    with connect(server.address) as wire:
        yield wire


def unset(name: str) -> API.SegmentRequest:
    request = request_for(name, model=f"models/{NAME}", outputs=[1, 6, 7])
    request.ClearField("cellpose")
    return request


def in_process(array: np.ndarray, **given: object) -> Any:
    engine = Engine(EngineSettings(device="cpu"))
    try:
        return engine.segment(SegmentationJob(NAME, (ChannelInput(array, 1),), given=given))
    finally:
        engine.close()


def test_wire_and_in_process_use_them_alike(wire, server, cells) -> None:
    outcome = wire.run(unset(wire.send(cells)))
    alone = in_process(cells)
    assert outcome.finished.objects == alone.segmentation.count > 0
    assert np.array_equal(outcome.labels, alone.segmentation.labels)
    assert outcome.finished.provenance == alone.provenance.to_json()
    used = json.loads(outcome.finished.provenance)["parameters"]
    for name, value in DEFAULTS.items():
        if name != "normalisation":
            assert used[name] == value, name
    assert used["normalisation"]["percentiles"] == [10.0, 80.0]
    assert outcome.finished.diameters == [20.0]
    assert len(outcome.headers[API.OUTPUT_KIND_UNEDITED_LABELS].removed) > 0, "edges were dropped"
    with connect_client(server.address) as client:
        assert np.array_equal(client.segment(cells, NAME).labels, outcome.labels)


def test_a_value_that_is_given_wins(wire, server, cells) -> None:
    name = wire.send(cells)
    request = unset(name)
    request.cellpose.exclude_on_edges = False  # equal to the built-in default
    request.cellpose.max_size = 0
    request.cellpose.niter = 0
    outcome = wire.run(request)
    used = json.loads(outcome.finished.provenance)["parameters"]
    assert (used["exclude_on_edges"], used["max_size"], used["niter"]) == (False, None, None)
    assert used["min_size"] == 2
    assert not np.array_equal(outcome.labels, wire.run(unset(name)).labels)
    alone = in_process(cells, exclude_on_edges=False, max_size=0, niter=0)
    assert np.array_equal(outcome.labels, alone.segmentation.labels)
    with connect_client(server.address) as client:
        result = client.segment(cells, NAME, exclude_on_edges=False, max_size=0, niter=0)
        assert np.array_equal(result.labels, outcome.labels)


def test_the_cache_knows_what_the_defaults_make_of_a_request(wire, cells, card: Path) -> None:
    name = wire.send(cells[:80])
    first = wire.run(unset(name))
    assert not first.cached
    request = unset(name)
    request.cellpose.min_size = 2
    request.cellpose.diameter.pixels = 20
    assert wire.run(request).cached, "it says what the card says"
    set_defaults(card, {**DEFAULTS, "exclude_on_edges": False})
    try:
        second = wire.run(unset(name))
    finally:
        set_defaults(card, DEFAULTS)
    assert not second.cached
    assert not np.array_equal(first.labels, second.labels)


def test_they_are_told_with_their_types(wire, server) -> None:
    request = model_service_pb2.GetModelRequest(name=NAME)
    model = wire.models.GetModel(request, timeout=20).model
    told = model.defaults
    assert told.diameter.pixels == 20.0
    assert (told.min_size, told.max_size, told.niter) == (2, 300, 150)
    assert told.exclude_on_edges
    assert (told.normalisation.percentiles.low, told.normalisation.percentiles.high) == (10, 80)
    assert told.HasField("tile_overlap"), "what the card leaves out is told too"
    listed = wire.models.ListModels(model_service_pb2.ListModelsRequest(), timeout=20).models
    assert model.defaults in [each.defaults for each in listed if each.name == model.name]
    with connect_client(server.address) as client:
        defaults = client.model(NAME).defaults
        assert defaults["diameter"] == 20.0
        assert defaults["percentiles"] == (10.0, 80.0)
        assert defaults["compat"] == ""
        cells = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
        spelt_out = client.segment(cells, NAME, **defaults)
        assert spelt_out.provenance == client.segment(cells, NAME).provenance
        assert "diameter" not in client.model("random").defaults


def test_a_card_with_wrong_defaults_is_a_broken_model(wire, cells, card: Path) -> None:
    set_defaults(card, {"flow_treshold": 0.4})
    try:
        with pytest.raises(grpc.RpcError) as caught:
            wire.run(unset(wire.send(cells)))
        model = wire.models.GetModel(model_service_pb2.GetModelRequest(name=NAME), timeout=20).model
    finally:
        set_defaults(card, DEFAULTS)
    assert detail_of(caught.value).reason == "MODEL_BROKEN"
    assert "flow_treshold" in detail_of(caught.value).message
    assert model.state == model_service_pb2.MODEL_STATE_BROKEN
