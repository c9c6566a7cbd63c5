"""The archives that users unzip into their plugins folder."""

from __future__ import annotations

import ast
import os
import runpy
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "cellprofiler_plugin" / "release" / "make_zips.py"
OWN = {"cellwire_api", "cellwire_cellprofiler", "cellwire_client", "runcellwire.py"}
REPORT = """
import sys
sys.path.insert(0, sys.argv[1])
try:
    import grpc
except ImportError:
    print("host: none")
from cellwire_cellprofiler import libraries
libraries.client()
import grpc, google.protobuf
from grpc._cython import cygrpc
print(sys.version_info[:2], grpc.__version__, google.protobuf.__version__, cygrpc.__file__)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """All archives, by system; that without one is ''."""
    names = runpy.run_path(str(SCRIPT))
    systems = list(names["SYSTEMS"])
    paths = names["make"](tmp_path_factory.mktemp("dist"), systems)
    return dict(zip(["", *systems], paths, strict=True))


def members(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return set(archive.namelist())


def test_nothing_but_our_own_names_lands_in_the_plugins_folder(made: dict[str, Path]) -> None:
    assert {name.split("/")[0] for name in members(made[""])} == OWN
    for system in ("windows", "macos", "linux"):
        assert {name.split("/")[0] for name in members(made[system])} == {
            *OWN,
            "cellwire_libraries",
        }


def test_the_archives_hold_what_is_needed_and_nothing_else(made: dict[str, Path]) -> None:
    plain = members(made[""])
    assert {
        "cellwire_client/engine.py",
        "cellwire_api/v1/segmentation_service_pb2_grpc.py",
        "cellwire_cellprofiler/README.md",
        "cellwire_cellprofiler/LICENSE",
        "cellwire_cellprofiler/pipelines/ExampleFly.cppipe",
    } <= plain
    kinds = {Path(name).suffix for name in plain}
    assert kinds == {".py", ".md", ".png", ".cppipe", ""}
    binaries = {
        "windows": "cygrpc.cp38-win_amd64.pyd",
        "macos": "cygrpc.cpython-38-darwin.so",
        "linux": "cygrpc.cpython-38-x86_64-linux-gnu.so",
    }
    for system, binary in binaries.items():
        more = members(made[system]) - plain
        assert f"cellwire_libraries/grpc/_cython/{binary}" in more
        assert "cellwire_libraries/google/protobuf/message.py" in more
        assert "cellwire_libraries/grpcio-1.70.0.dist-info/LICENSE" in more


def test_every_file_is_python_38(made: dict[str, Path]) -> None:
    with zipfile.ZipFile(made[""]) as archive:
        sources = [name for name in archive.namelist() if name.endswith(".py")]
        assert len(sources) > 30
        for name in sources:
            ast.parse(archive.read(name), name, feature_version=(3, 8))


def test_the_same_input_gives_the_same_bytes(made: dict[str, Path], tmp_path: Path) -> None:
    again = next(iter(runpy.run_path(str(SCRIPT))["make"](tmp_path, [])))
    assert again.name == made[""].name
    assert again.read_bytes() == made[""].read_bytes()
