"""An engine on one host and a desktop on another, as two network namespaces joined by a cable.

The addresses exist only inside the two namespaces; nothing else on the network is ever a target.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cellwire.serving.certificates import make_certificates
from cellwire.serving.tokens import add_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ENGINE_HOST, DESKTOP = "198.18.77.1", "198.18.77.2"
TRY = """
import json, sys
import numpy as np
from cellwire_client import CellwireClientError, connect
address, options, model, image, labels = json.loads(sys.argv[1])
try:
    with connect(address, **options) as engine:
        result = engine.segment(np.load(image), model, diameter=30)
        np.save(labels, result.labels)
        print(json.dumps({"caller": engine.info().caller}))
except CellwireClientError as error:
    print(json.dumps({
        "kind": type(error).__name__, "message": error.message, "next_step": error.next_step
    }))
"""


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[list[str], list[str]]]:
    """How to run a command on the engine's host and on the desktop."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        reason = "two network namespaces need root and the ip command"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    engine, desktop = f"cw-engine-{os.getpid()}", f"cw-desktop-{os.getpid()}"
    cable = f"cw{os.getpid() % 10**8}"
    try:
        for name in (engine, desktop):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        ends = (f"{cable}a", f"{cable}b")
        run("ip", "-n", engine, "link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
        run("ip", "-n", engine, "link", "set", ends[1], "netns", desktop)
        for name, end, address in (
            (engine, ends[0], ENGINE_HOST),
            (desktop, ends[1], DESKTOP),
        ):
            run("ip", "-n", name, "address", "add", f"{address}/30", "dev", end)
            run("ip", "-n", name, "link", "set", end, "up")
        yield ["ip", "netns", "exec", engine], ["ip", "netns", "exec", desktop]
    finally:
        for name in (engine, desktop):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("secrets")
    files = make_certificates(folder / "own", [ENGINE_HOST])
    (folder / "token").write_text(add_token(folder / "tokens", "desktop"))
    (folder / "wrong").write_text("0" * 43)
    return {
        "ca": files.authority,
        "certificate": files.certificate,
        "key": files.key,
        "other_ca": make_certificates(folder / "other", [ENGINE_HOST]).authority,
        "tokens": folder / "tokens",
        "token": folder / "token",
        "wrong": folder / "wrong",
    }


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ((), "TLS and tokens are missing"),
        (("certificate", "key"), "tokens are missing"),
        (("tokens",), "TLS is missing"),
    ],
)
def test_binding_outside_this_machine_is_refused_unprotected(
    hosts: Any,
    launch: Callable[..., Any],
    secrets: dict[str, Path],
    given: tuple[str, ...],
    missing: str,
) -> None:
    settings = {"token_file" if name == "tokens" else name: secrets[name] for name in given}
    for listen in (f"{ENGINE_HOST}:50051", "0.0.0.0:50051"):
        with pytest.raises(Exception, match="BIND_REFUSED") as caught:
            launch(*hosts[0], listen=listen, **settings)
        said = str(caught.value)
        assert missing in said
        assert listen in said
        assert "cellwire certificate" in said
        assert "cellwire token add" in said


def test_a_desktop_uses_an_engine_on_another_host(
    hosts: Any,
    launch: Callable[..., Any],
    secrets: dict[str, Path],
    model: str,
    cells: np.ndarray[Any, Any],
    tmp_path: Path,
) -> None:
    engine = launch(
        *hosts[0],
        listen=f"{ENGINE_HOST}:0",
        certificate=secrets["certificate"],
        key=secrets["key"],
        token_file=secrets["tokens"],
    )
    image, labels = tmp_path / "image.npy", tmp_path / "labels.npy"
    np.save(image, cells)

    def attempt(address: str, **options: Any) -> dict[str, str]:
        given = {name: str(value) for name, value in options.items()}
        if given.pop("tls", "") == "False":
            given["tls"] = False  # type: ignore[assignment]
        words = json.dumps([address, given, model, str(image), str(labels)])
        done = subprocess.run(
            [*hosts[1], sys.executable, "-c", TRY, words],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        answer: dict[str, str] = json.loads(done.stdout)
        return answer

    ca, token = secrets["ca"], secrets["token"]
    assert attempt(engine.address, ca_file=ca, token_file=token) == {"caller": "desktop"}
    assert np.load(labels).shape == cells.shape

    port = engine.address.rsplit(":", 1)[1]
    wrong = {
        "no token": attempt(engine.address, ca_file=ca),
        "wrong token": attempt(engine.address, ca_file=ca, token_file=secrets["wrong"]),
        "wrong CA": attempt(engine.address, ca_file=secrets["other_ca"], token_file=token),
        "no CA": attempt(engine.address, token_file=token),
        "no TLS": attempt(engine.address, token_file=token, tls=False),
        "other port": attempt(f"{ENGINE_HOST}:9", ca_file=ca, token_file=token),
        "name": attempt(f"gpubox.invalid:{port}", ca_file=ca, token_file=token),
    }
    kinds = {case: answer["kind"] for case, answer in wrong.items()}
    assert kinds == {
        "no token": "TokenError",
        "wrong token": "TokenError",
        "wrong CA": "TlsError",
        "no CA": "TlsError",
        "no TLS": "TlsError",
        "other port": "ConnectionRefusedByHostError",
        "name": "HostUnknownError",
    }
    assert len({answer["message"] for answer in wrong.values()}) == len(wrong)
    assert all(answer["next_step"] for answer in wrong.values())
    assert "127.0.0.1 serves only its own machine" in wrong["other port"]["next_step"]
