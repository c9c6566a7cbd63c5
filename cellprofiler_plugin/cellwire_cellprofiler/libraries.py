"""Finding the client and what it needs, only when it is needed.

CellProfiler silently drops a plugin whose import fails and runs the rest of the pipeline without
it; so nothing here happens before a call wants the engine.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, List

from cellwire_cellprofiler.errors import MissingLibraryError

PLUGIN_FOLDER = Path(__file__).resolve().parents[1]
"""The folder that holds ``runcellwire.py``."""

BUNDLE = "cellwire_libraries"
"""Folder beside ``runcellwire.py`` with grpcio and protobuf, for hosts that have none."""

_NEEDED = ("grpc", "google.protobuf")


def client() -> Any:
    """Import the client, `cellwire_client`.

    Returns
    -------
    module
        ``cellwire_client``.

    Raises
    ------
    MissingLibraryError
        With what to install and where.
    """
    _prefer(_places())
    try:
        _import_needed()
        return importlib.import_module("cellwire_client")
    except ImportError as error:
        raise MissingLibraryError(_advice(error)) from None
    except Exception as error:
        # protobuf raises errors of its own where stubs and runtime do not fit each other.
        raise MissingLibraryError(_advice(error)) from None


def part(name: str) -> Any:
    """Import a module of the client, such as ``address``."""
    client()
    return importlib.import_module(f"cellwire_client.{name}")


def _places() -> List[Path]:
    # Unzipped beside the module, or a checkout's sibling folder.
    candidates = [PLUGIN_FOLDER, PLUGIN_FOLDER.parent / "grpc_protos"]
    return [folder for folder in candidates if (folder / "cellwire_client").is_dir()]


def _prefer(folders: List[Path]) -> None:
    for folder in folders[:1]:
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))


def _import_needed() -> None:
    for name in _NEEDED:
        try:
            importlib.import_module(name)
        except ImportError:  # noqa: PERF203
            bundle = PLUGIN_FOLDER / BUNDLE
            if not bundle.is_dir() or str(bundle) in sys.path:
                raise
            sys.path.append(str(bundle))  # last: what the host has wins
            importlib.invalidate_caches()
            importlib.import_module(name)


def _advice(error: BaseException) -> str:
    missing = getattr(error, "name", None) or str(error)
    version = ".".join(str(number) for number in sys.version_info[:3])
    packages = "grpcio protobuf"
    if sys.version_info[:2] == (3, 8):
        packages = "grpcio==1.70.0 protobuf==5.29.6"
    if missing.split(".")[0] in ("cellwire_client", "cellwire_api"):
        how = (
            "Unzip the whole of cellwire-cellprofiler into CellProfiler's plugins folder, or point "
            "that folder at cellprofiler_plugin in a checkout of Cellwire."
        )
    elif getattr(sys, "frozen", False):
        how = (
            "Unzip the cellwire-cellprofiler of your system (Windows, macOS) into CellProfiler's "
            "plugins folder; it brings grpcio and protobuf along."
        )
    else:
        how = f'Install them with: "{sys.executable}" -m pip install {packages}'
    return (
        f"RunCellwire talks to the engine through the Python packages grpcio and protobuf, and "
        f"cannot load '{missing}' in CellProfiler's Python {version} ({error}). {how}"
    )
