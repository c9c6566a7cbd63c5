"""Macros against an engine that wants TLS and a token, as one on another machine does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pictures
import pytest
from imagej_engine import imagej_engine

from cellwire.serving.certificates import make_certificates
from cellwire.serving.tokens import add_token
from cellwire_client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imagej_process import ImageJ, Installation
    from java_tools import Java

    from tests.engine_process import EngineProcess

PLANE = pictures.nuclei(96, 96)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("secrets")
    own = make_certificates(folder / "own", ["127.0.0.1"])
    other = make_certificates(folder / "other", ["127.0.0.1"])
    for name in ("token", "wrong_token"):
        (folder / name).write_text(f"{add_token(folder / f'{name}s', 'ada')}\n")
    return {
        "ca": own.authority,
        "certificate": own.certificate,
        "key": own.key,
        "other_ca": other.authority,
        "tokens": folder / "tokens",
        "token": folder / "token",
        "wrong_token": folder / "wrong_token",
    }


@pytest.fixture(scope="module")
def protected(
    secrets: dict[str, Path], model_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineProcess]:
    options = ["--tls-certificate", secrets["certificate"], "--tls-key", secrets["key"]]
    options += ["--token-file", secrets["tokens"]]
    folder = tmp_path_factory.mktemp("protected")
    with imagej_engine(folder, model_home, *options) as engine:
        yield engine


def test_a_batch_run_by_preferences(
    installation: Installation,
    newest_java: Java,
    protected: EngineProcess,
    secrets: dict[str, Path],
    tmp_path: Path,
) -> None:
    pictures.save(tmp_path / "plane.tif", PLANE)
    macro = tmp_path / "run.ijm"
    macro.write_text(
        f'setBatchMode(true); open("{tmp_path}/plane.tif");'
        ' run("Cellwire Segment...", "model=nuclei diameter=17 label_image");'
        f' saveAs("Tiff", "{tmp_path}/labels"); run("Quit");'
    )
    installation.prefer(
        server=protected.address, ca_file=secrets["ca"], token_file=secrets["token"]
    )
    ended = installation.run_batch(newest_java, macro)
    assert ended.code == 0, ended
    with connect(protected.address, ca_file=secrets["ca"], token_file=secrets["token"]) as client:
        expected = client.segment(PLANE, "nuclei", diameter=17)
    assert expected.count > 3
    assert np.array_equal(pictures.read(tmp_path / "labels.tif"), expected.labels)


@pytest.mark.parametrize(
    ("ca", "token", "words"),
    [
        ("ca", "token", []),
        ("other_ca", "token", ["authority", "ca.pem"]),
        ("ca", "", ["wants a token", "cellwire token add"]),
        ("ca", "wrong_token", ["does not know the token", "cellwire token add"]),
        ("", "token", ["TLS"]),
        ("token", "token", ["certificate"]),
    ],
)
def test_settings_by_macro(
    imagej: ImageJ,
    protected: EngineProcess,
    secrets: dict[str, Path],
    ca: str,
    token: str,
    words: list[str],
) -> None:
    files = f"ca_file=[{secrets.get(ca, '')}] token_file=[{secrets.get(token, '')}]"
    imagej.macro(
        f'print("\\\\Clear"); run("Cellwire Settings...", "server={protected.address} {files}");'
    )
    end = imagej.macro('run("Cellwire Test Connection"); return "went on";')
    log = imagej.ask("log")
    if words:
        assert end == ""
        for word in words:
            assert word in log
        assert secrets.get(token) is None or secrets[token].read_text().strip() not in log
    else:
        assert end == "went on"
        assert "protected by TLS" in log
        assert "you are ada" in log
    assert imagej.ask("dialogs") == "0"
