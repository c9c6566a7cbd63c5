"""The Python client and the plugin's in Java: same requests, same answers, same reasons."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
import pytest
from google.protobuf import text_format
from grpc_health.v1 import health, health_pb2_grpc
from imagej_process import JavaProcess
from java_tools import compile_java

from cellwire.serving.certificates import make_certificates
from cellwire.serving.tokens import add_token
from cellwire_api.v1 import (
    engine_service_pb2,
    engine_service_pb2_grpc,
    segmentation_service_pb2,
)
from cellwire_client import CellwireClientError, connect
from cellwire_client.arrays import to_wire
from cellwire_client.decode import OUTPUTS
from cellwire_client.segmentation import Order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from java_tools import Java

    from tests.engine_process import EngineProcess

    Answer = dict[str, list[str]]

CHECKS = json.loads((Path(__file__).parents[1] / "protocol_checks.json").read_text())
API = segmentation_service_pb2


def image_of(description: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Make an image of the checks: discs, the same in every plane, or balls, on even ground."""
    image = np.full(description["shape"], description["ground"], description["type"])
    y, x = np.indices(image.shape[-2:])
    for cy, cx, radius in description["discs"]:
        image[..., np.hypot(y - cy, x - cx) < radius] = description["level"]
    for cz, cy, cx, radius in description.get("balls", []):
        z, y, x = np.indices(image.shape)
        image[(z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 < radius**2] = description["level"]
    for row, column in description.get("nan", []):
        image[row, column] = math.nan
    return image


IMAGES = {name: image_of(description) for name, description in CHECKS["images"].items()}


def request_text(check: dict[str, Any]) -> str:
    names = {f"${name}": to_wire(image).name for name, image in IMAGES.items()}
    return re.sub(r"\$\w+", lambda match: names[match[0]], check["request"])


class PythonClient:
    """The checks by `cellwire_client`."""

    def name(self, name: str) -> str:
        return to_wire(IMAGES[name]).name

    def connect(self, server: str, ca: str, token: str) -> Answer:
        options = {"ca_file": ca or None, "token_file": token or None}
        try:
            with connect(server, **options) as engine:
                models = [model.name for model in engine.models()]
                return {"version": [engine.info().version], "model": models}
        except CellwireClientError as error:
            return _failure(error)

    def segment(self, server: str, check: dict[str, Any]) -> Answer:
        request = text_format.Parse(request_text(check), API.SegmentRequest())
        images = tuple((to_wire(IMAGES[name]), False) for name in check["images"])
        try:
            with connect(server) as engine:
                result = engine._runner({}).run(Order(request, images))
        except CellwireClientError as error:
            return _failure(error)
        kinds = list(request.outputs) or [API.OUTPUT_KIND_LABELS]
        return {
            "objects": [str(result.count)],
            "provenance": [json.dumps(result.provenance, sort_keys=True)],
            **({"notice": list(result.notices)} if result.notices else {}),
            **({"axes": [result.axes]} if result.axes else {}),
            "diameters": [f"{diameter:.3f}" for diameter in result.diameters],
            "output": [_described(kind, result.outputs) for kind in kinds],
        }


def _failure(error: CellwireClientError) -> Answer:
    return {
        "reason": [error.reason],
        "message": [error.message],
        "next_step": [error.next_step],
    }


def _described(kind: int, outputs: Any) -> str:
    (name,) = (name for name, each in OUTPUTS.items() if each == kind)
    output = outputs[name]
    if isinstance(output, np.ndarray):
        if name in ("labels", "unedited_labels") and output.max(initial=0) <= 65_535:
            output = output.astype(np.uint16)
        shape, data = ",".join(map(str, output.shape)), output.tobytes()
    else:
        data = output.encode() if isinstance(output, str) else output
        shape = str(len(data))
    return f"{API.OutputKind.Name(kind)} {shape} {hashlib.sha256(data).hexdigest()}"


class JavaClient:
    """The checks by the plugin's client, in a JVM without ImageJ."""

    def __init__(self, process: JavaProcess, folder: Path) -> None:
        self._process = process
        self._names = {}
        for name, image in IMAGES.items():
            file = folder / name
            file.write_bytes(image.tobytes())
            shape = ",".join(map(str, image.shape))
            self._names[name] = process.ask("image", name, image.dtype.name, shape, file)

    def name(self, name: str) -> str:
        return self._names[name]

    def connect(self, server: str, ca: str, token: str) -> Answer:
        answer = self._ask("connect", server, ca, token)
        if "model" in answer:
            answer["model"] = [name.removeprefix("models/") for name in answer["model"]]
        return answer

    def segment(self, server: str, check: dict[str, Any]) -> Answer:
        images = ",".join(check["images"])
        answer = self._ask("segment", server, images, request_text(check))
        if "provenance" in answer:
            made = json.loads(answer["provenance"][0])
            answer["provenance"] = [json.dumps(made, sort_keys=True)]
        return answer

    def _ask(self, *words: str) -> Answer:
        answer: Answer = {}
        for line in self._process.ask(*words).splitlines():
            key, _, value = line.partition("\t")
            answer.setdefault(key, []).append(value)
        return answer


@pytest.fixture(scope="module")
def java_client(jar: Path, newest_java: Java, tmp_path_factory: Any) -> Iterator[JavaClient]:
    folder = tmp_path_factory.mktemp("checks")
    compile_java(Path(__file__).parent / "java_checks", folder / "classes", jar)
    path = os.pathsep.join([str(jar), str(folder / "classes")])
    process = JavaProcess([newest_java.program, "-Xmx300m", "-cp", path, "ProtocolChecks"], {})
    yield JavaClient(process, folder)
    process.close()


@pytest.fixture(scope="module", params=["python", "java"])
def client(request: pytest.FixtureRequest) -> Any:
    return PythonClient() if request.param == "python" else request.getfixturevalue("java_client")


@pytest.mark.parametrize("name", IMAGES)
def test_names_of_images(client: Any, name: str) -> None:
    image = IMAGES[name]
    prefix = f"{image.dtype.name};{','.join(map(str, image.shape))}\n".encode()
    assert client.name(name) == f"images/{hashlib.sha256(prefix + image.tobytes()).hexdigest()}"


@pytest.mark.parametrize("check", CHECKS["segment"], ids=lambda check: check["name"])
def test_segmentations(client: Any, servers: dict[str, str], check: dict[str, Any]) -> None:
    answer = client.segment(servers[check.get("server", "plain")], check)
    if "reason" in check:
        assert answer["reason"] == [check["reason"]], answer
        assert answer["message"][0]
        assert answer["next_step"][0]
    else:
        assert answer.get("objects") == [str(check["objects"])], answer
        assert [output.split()[0] for output in answer["output"]] == check["outputs"]
        if "axes" in check:
            assert answer["axes"] == [check["axes"]]
            assert len(answer["diameters"]) == check["parts"]


@pytest.mark.parametrize("check", CHECKS["segment"], ids=lambda check: check["name"])
def test_both_clients_get_the_same(
    java_client: JavaClient, servers: dict[str, str], check: dict[str, Any]
) -> None:
    server = servers[check.get("server", "plain")]
    theirs = java_client.segment(server, check)
    theirs.pop("sent", None)
    ours = PythonClient().segment(server, check)
    if check.get("server") == "older":  # each client says what to do in its own way
        assert theirs.pop("next_step") != ours.pop("next_step")
    assert theirs == ours


def test_an_image_is_sent_once(java_client: JavaClient, engine: EngineProcess) -> None:
    check = CHECKS["segment"][0]
    java_client.segment(engine.address, check)
    assert java_client.segment(engine.address, check)["sent"] == ["0"]


class OlderEngine(engine_service_pb2_grpc.EngineServiceServicer):
    """An engine from before there were stacks; nothing can be sent to it."""

    def GetEngine(self, request: object, context: object) -> object:
        return engine_service_pb2.GetEngineResponse(
            version="0.0.1", revision=1, min_client_revision=1, state=2
        )


@pytest.fixture(scope="module")
def servers(engine: EngineProcess) -> Iterator[dict[str, str]]:
    """Where the checks of segmentations go."""
    older = grpc.server(ThreadPoolExecutor(2))
    engine_service_pb2_grpc.add_EngineServiceServicer_to_server(OlderEngine(), older)
    address = f"127.0.0.1:{older.add_insecure_port('127.0.0.1:0')}"
    older.start()
    yield {"plain": engine.address, "older": address}
    older.stop(None)


class NewerEngine(engine_service_pb2_grpc.EngineServiceServicer):
    """An engine that serves no client as old as these."""

    def GetEngine(self, request: object, context: object) -> object:
        return engine_service_pb2.GetEngineResponse(
            version="9.0.0", revision=99, min_client_revision=99, state=2
        )


@pytest.fixture(scope="module")
def places(
    engine: EngineProcess, model_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Where the checks connect to, and their files."""
    from imagej_engine import imagej_engine

    folder = tmp_path_factory.mktemp("places")
    own = make_certificates(folder / "own", ["127.0.0.1"])
    other = make_certificates(folder / "other", ["127.0.0.1"])
    for name in ("own", "other"):
        (folder / f"token-{name}").write_text(add_token(folder / f"tokens-{name}", "ada") + "\n")
    servers = {}
    for name in ("newer", "other_service"):
        server = grpc.server(ThreadPoolExecutor(2))
        if name == "newer":
            engine_service_pb2_grpc.add_EngineServiceServicer_to_server(NewerEngine(), server)
        else:
            health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
        servers[name] = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        servers[f"{name}-"] = server
    options = ["--tls-certificate", own.certificate, "--tls-key", own.key]
    options += ["--token-file", folder / "tokens-own"]
    with imagej_engine(folder / "engine", model_home, *options) as protected:
        yield {
            "plain": engine.address,
            "protected": protected.address,
            "nobody": "127.0.0.1:1",
            "newer": servers["newer"],
            "other_service": servers["other_service"],
            "ca-own": str(own.authority),
            "ca-other": str(other.authority),
            "token-own": str(folder / "token-own"),
            "token-other": str(folder / "token-other"),
        }
    for name in ("newer-", "other_service-"):
        servers[name].stop(None)


@pytest.mark.parametrize("check", CHECKS["connect"], ids=lambda check: check["name"])
def test_connections(client: Any, places: dict[str, str], check: dict[str, Any]) -> None:
    server = places.get(check["server"], check["server"])
    ca = places[f"ca-{check['ca']}"] if "ca" in check else ""
    token = places[f"token-{check['token']}"] if "token" in check else ""
    answer = client.connect(server, ca, token)
    if "reason" in check:
        assert answer.get("reason") == [check["reason"]], answer
        assert answer["next_step"][0]
    else:
        assert {"nuclei", "cyto", "specks"} == set(answer["model"])
