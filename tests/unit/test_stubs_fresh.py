"""The committed stubs are those that the protos give, and load on old and new protobuf."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-stubs" / "bin" / "python"

LOAD = """
import importlib, pathlib, sys, google.protobuf
for path in sorted(pathlib.Path(sys.argv[1], "cellwire_api", "v1").glob("*_pb2.py")):
    importlib.import_module(f"cellwire_api.v1.{path.stem}")
from cellwire_api.v1 import array_pb2
spec = array_pb2.ArraySpec(data_type=2, shape=[5, 7])
assert array_pb2.ArraySpec.FromString(spec.SerializeToString()) == spec
print(google.protobuf.__version__)
"""


@pytest.fixture
def stub_python() -> Path:
    if not PYTHON.exists():
        reason = "there is no .venv-stubs with grpcio-tools 1.62.3; 'make stubs' makes it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return PYTHON


def test_the_stubs_are_fresh(stub_python: Path) -> None:
    check = [stub_python, ROOT / "grpc_protos" / "generate_stubs.py", "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stubs_load_on_the_oldest_protobuf(stub_python: Path) -> None:
    root = ROOT / "grpc_protos"
    done = subprocess.run(
        [stub_python, "-c", LOAD, root],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("4.25.")
