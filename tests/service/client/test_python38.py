"""The client and the CellProfiler module run inside CellProfiler 4, which has Python 3.8."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cellwire_client import connect
from cellwire_client.arrays import to_wire

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "grpc_protos"
PLUGIN = ROOT / "cellprofiler_plugin"
FOLDER = ROOT / ".venv-38"
MODULES = sorted(
    ".".join(path.relative_to(CLIENT).with_suffix("").parts)
    for package in ("cellwire_client", "cellwire_api/v1")
    for path in (CLIENT / package).glob("*.py")
    if path.name != "__init__.py"
)
PLUGIN_PARTS = sorted(
    path.stem
    for path in (PLUGIN / "cellwire_cellprofiler").glob("*.py")
    if "import cellprofiler_core" not in path.read_text(encoding="utf-8")
    and "from cellprofiler_core" not in path.read_text(encoding="utf-8")
    and path.stem != "__init__"
)
SMOKE = """
import sys, numpy as np
from cellwire_client import connect
image = np.load(sys.argv[2])
with connect(sys.argv[1]) as engine:
    stages = []
    result = engine.segment(
        image, sys.argv[3], diameter=30, progress=lambda step: stages.append(step.stage)
    )
    assert result.roi_zip[:2] == b"PK" or result.count == 0
    assert "network" in stages, stages
    np.save(sys.argv[4], result.labels)
    half = np.zeros(image.shape, bool)
    half[:100] = True
    masked = engine.segment(image, sys.argv[3], diameter=30, mask=half, outputs="labels")
    assert not masked.labels[100:].any()
assert "zstandard" not in sys.modules and "cellwire" not in sys.modules
print(sys.version_info[1], result.count)
"""


@cache
def python38() -> Path:
    """An interpreter 3.8 with grpcio, protobuf and numpy, made once beside the repository's own."""
    python = FOLDER / "bin" / "python"
    if not _works(python):
        found = _find()
        if found is None:
            reason = "there is no Python 3.8 on this machine (pyenv install 3.8 gives one)"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        shutil.rmtree(FOLDER, ignore_errors=True)
        subprocess.run([found, "-m", "venv", FOLDER], check=True)
        packages = ["grpcio", "protobuf", "numpy"]
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    return python


def run38(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python 3.8 with the client on its path and nothing else of the repository."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [python38(), *arguments],
        env={**kept, "PYTHONPATH": str(CLIENT), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    probe = "import sys, grpc, google.protobuf, numpy; sys.exit(sys.version_info[:2] != (3, 8))"
    return subprocess.run([python, "-c", probe], check=False).returncode == 0


def _find() -> str | None:
    # A pyenv shim named python3.8 may refuse, so each candidate is asked.
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [str(path) for path in sorted(versions.glob("3.8*/bin/python"))]
    candidates += [path for path in [shutil.which("python3.8")] if path]
    for path in candidates:
        answer = subprocess.run([path, "-V"], check=False, capture_output=True, text=True)
        if answer.returncode == 0 and answer.stdout.startswith("Python 3.8"):
            return path
    return None


@pytest.mark.parametrize("folder", [CLIENT, PLUGIN], ids=["client", "plugin"])
def test_every_file_compiles(folder: Path, tmp_path: Path) -> None:
    code = (
        "import compileall, sys; sys.pycache_prefix = sys.argv[2]; "
        "sys.exit(not compileall.compile_dir(sys.argv[1], quiet=1, force=True))"
    )
    done = run38("-c", code, str(folder), str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_imports_without_optional_packages() -> None:
    assert "cellwire_client.engine" in MODULES
    assert "cellwire_api.v1.segmentation_service_pb2_grpc" in MODULES
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "assert 'zstandard' not in sys.modules and 'cellwire' not in sys.modules\n"
        "from cellwire_client.encodings import accepted; print(sys.version_info[1], accepted())"
    )
    done = run38("-c", code, *MODULES)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(maxsplit=1) == ["8", "[1]\n"]


def test_the_plugins_parts_import_without_cellprofiler_or_grpc() -> None:
    code = (
        "import importlib, sys; sys.path.insert(0, sys.argv[1]); sys.modules['grpc'] = None\n"
        "for name in sys.argv[2:]: importlib.import_module('cellwire_cellprofiler.' + name)\n"
        "from cellwire_cellprofiler.libraries import client\n"
        "try: client()\n"
        "except ImportError as error: print(error)"
    )
    done = run38("-c", code, str(PLUGIN), *PLUGIN_PARTS)
    assert done.returncode == 0, done.stderr
    assert "pip install grpcio==1.70.0 protobuf==5.29.6" in done.stdout
    assert "'grpc'" in done.stdout


def test_an_image_has_the_same_name_under_both_pythons() -> None:
    code = (
        "import numpy as np; from cellwire_client.arrays import to_wire\n"
        "print(to_wire(np.arange(12, dtype='>u2').reshape(3, 4)).name)"
    )
    done = run38("-c", code)
    assert done.stdout.strip() == to_wire(np.arange(12, dtype=">u2").reshape(3, 4)).name


def test_it_segments_with_an_engine_of_another_python(
    engine: Any, model: str, cells: np.ndarray[Any, Any], tmp_path: Path
) -> None:
    image, found = tmp_path / "image.npy", tmp_path / "labels.npy"
    np.save(image, cells)
    done = run38("-c", SMOKE, engine.address, str(image), model, str(found))
    assert done.returncode == 0, done.stderr
    with connect(engine.address) as here:
        assert np.array_equal(np.load(found), here.segment(cells, model, diameter=30).labels)
