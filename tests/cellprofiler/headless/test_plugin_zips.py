"""The archives that users unzip into their plugins folder."""

from __future__ import annotations

import ast
import os
import re
import runpy
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

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
from cellwire_cellprofiler import libraries
libraries.client()
import grpc, google.protobuf
from grpc._cython import cygrpc
print(*sys.version_info[:2], grpc.__version__, google.protobuf.__version__, cygrpc.__file__)
"""
HELP = """
import sys
from cellprofiler_core.preferences import set_headless
set_headless()
sys.path.insert(0, sys.argv[1])
from runcellwire import RunCellwire
print(RunCellwire().get_help().replace(chr(10), " "))
"""
STANDARD = """
import sys
from cellprofiler_core.preferences import set_headless
set_headless()
import cellprofiler.__main__, cellprofiler.modules, cellprofiler_core.worker
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
from cellwire_cellprofiler import libraries
libraries.client()
libraries.part("diagnosis")
import ssl
brought = ("cellwire", "grpc", "google", "numpy", "_cython", "encodings.")
print("new:", *(name for name in set(sys.modules) - before if not name.startswith(brought)))
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


def test_every_link_of_the_readme_leads_somewhere(made: dict[str, Path]) -> None:
    place = "cellwire_cellprofiler/"
    with zipfile.ZipFile(made[""]) as archive:
        names = archive.namelist()
        text = archive.read(f"{place}README.md").decode()
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) >= 3
    for link in links:
        assert any(name.startswith(place + link) for name in names), link


def test_every_file_is_python_38(made: dict[str, Path]) -> None:
    with zipfile.ZipFile(made[""]) as archive:
        sources = [name for name in archive.namelist() if name.endswith(".py")]
        assert len(sources) > 30
        for name in sources:
            ast.parse(archive.read(name), name, feature_version=(3, 8))


def unzip(path: Path, folder: Path) -> Path:
    """Unzip beside the files of other plugins, which must still be there as they were."""
    folder.mkdir()
    others = {"runcellpose.py": "# another plugin", "cellpose_data/notes.txt": "its data"}
    for name, text in others.items():
        place = folder / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    assert {name: (folder / name).read_text() for name in others} == others
    (folder / "runcellpose.py").unlink()  # CellProfiler would rightly complain of it
    return folder


def needs_python_38(cellprofiler: Any) -> None:
    version = "import sys; print(sys.version_info[:2] == (3, 8))"
    if cellprofiler.ask("-c", version).strip() == "True":
        return
    reason = "CellProfiler's environment is not of Python 3.8"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_a_host_without_grpc_uses_what_the_archive_brings(
    cellprofiler: Any,
    pipeline: Callable[..., Path],
    engine: Any,
    fly: Path,
    made: dict[str, Path],
    without_grpc: dict[str, str],
    tmp_path: Path,
) -> None:
    """The packaged applications' way, on Linux: Python 3.8, the real wheels, a whole run."""
    needs_python_38(cellprofiler)
    plugins = unzip(made["linux"], tmp_path / "plugins")
    said = cellprofiler.ask("-c", REPORT, plugins, environment=without_grpc).split()
    assert said[:4] == ["3", "8", "1.70.0", "5.29.6"]
    assert Path(said[4]).parents[3] == plugins
    images = tmp_path / "images"
    images.mkdir()
    for channel in "DR":
        part = tifffile.imread(fly / f"01_POS002_{channel}.TIF")[300:420, 480:600]
        tifffile.imwrite(images / f"01_POS002_{channel}.TIF", part)
    run = cellprofiler.run(
        pipeline("ExampleFly.cppipe", **{"Address of the engine": engine.address}),
        images,
        tmp_path / "out",
        plugins=plugins,
        environment=without_grpc,
    )
    assert run.code == 0, run.log
    assert len(run.table("Fly_Nuclei.csv")["ObjectNumber"]) > 3


def test_a_host_with_grpc_uses_its_own(
    cellprofiler: Any, made: dict[str, Path], tmp_path: Path
) -> None:
    plugins = unzip(made["linux"], tmp_path / "plugins")
    place = cellprofiler.ask("-c", REPORT, plugins).split()[4]
    assert "site-packages" in place


def test_no_standard_module_is_needed_that_cellprofiler_does_without(
    cellprofiler: Any, made: dict[str, Path], tmp_path: Path
) -> None:
    """The packaged applications hold only those standard modules that CellProfiler imports."""
    said = cellprofiler.ask("-c", STANDARD, unzip(made[""], tmp_path / "plugins"))
    assert said.splitlines()[-1] == "new:"


def test_the_same_input_gives_the_same_bytes(made: dict[str, Path], tmp_path: Path) -> None:
    again = next(iter(runpy.run_path(str(SCRIPT))["make"](tmp_path, [])))
    assert again.name == made[""].name
    assert again.read_bytes() == made[""].read_bytes()


def test_the_help_shows_a_picture_that_is_there(
    cellprofiler: Any, made: dict[str, Path], tmp_path: Path
) -> None:
    plugins = unzip(made[""], tmp_path / "plug ins µ")
    said = cellprofiler.ask("-c", HELP, plugins).splitlines()[-1]
    found = re.findall(r'<img [^>]*src="([^"]+)"', said)
    assert [Path(unquote(urlsplit(link).path)) for link in found] == [
        plugins / "cellwire_cellprofiler" / "pictures" / "help.png"
    ]
    assert Path(unquote(urlsplit(found[0]).path)).is_file()
