"""Which library computes: measured once on a machine, then remembered."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import platform
import subprocess
import sys
import tempfile
import threading
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import platformdirs

from cellwire.networks.backend import BackendName
from cellwire.networks.cores import usable_cores
from cellwire.networks.precision import processor_flags
from cellwire.version import __version__

if TYPE_CHECKING:
    from cellwire.networks.backend import Backend, Precision
    from cellwire.networks.weight_arrays import NetworkWeights

LOG = logging.getLogger(__name__)

TIME_LIMIT = 300.0
"""Seconds after which measuring is ended."""

_LOCK = threading.Lock()
_KNOWN: dict[Precision, BackendName] = {}


def make_backend(
    name: BackendName, weights: NetworkWeights, precision: Precision, device: str
) -> Backend:
    """Make a network ready in a library.

    Raises
    ------
    ImportError, RuntimeError
        The library is not here, or cannot compute this network in this precision.
    """
    if name == "ncnn":
        from cellwire.networks.ncnn_backend import NcnnBackend

        return NcnnBackend(weights, precision)
    if name == "openvino":
        from cellwire.networks.openvino_backend import OpenvinoBackend

        return OpenvinoBackend(weights, precision)
    from cellwire.networks.torch_backend import TorchBackend

    return TorchBackend(weights, precision, device)


def choose_backend(device: str, precision: Precision) -> BackendName:
    """Give the fastest library for a device.

    On a processor all that are installed are measured with a few tiles, the first time on a
    machine; a file in the user's cache folder remembers it. Where that fails torch computes, and
    the next process tries again.
    """
    if device != "cpu":
        return "torch"
    with _LOCK:
        if precision not in _KNOWN:
            _KNOWN[precision] = _chosen(precision)
        return _KNOWN[precision]


def choices_file() -> Path:
    """Give the file that remembers."""
    return platformdirs.user_cache_path("cellwire", appauthor=False) / "backends.json"


def _chosen(precision: Precision) -> BackendName:
    if _installed(precision) == ["torch"]:
        return "torch"
    key = json.dumps(_circumstances(precision), sort_keys=True)
    found = _remembered().get(key)
    if found is None:
        found = _fastest(precision)
        if found is None:
            return "torch"
        _remember(key, found)
    return found


def _installed(precision: Precision) -> list[BackendName]:
    """Name the libraries that are here and compute in a precision; ncnn does so in fp32 only."""
    names: tuple[BackendName, ...] = get_args(BackendName)
    return [
        name
        for name in names
        if importlib.util.find_spec(name) and (name != "ncnn" or precision == "fp32")
    ]


def _fastest(precision: Precision) -> BackendName | None:
    """Measure all libraries in a process of its own, or give ``None`` where it comes to nothing.

    Loading them all takes half a gigabyte, of which one library's share is needed afterwards.
    """
    # Without -P a file in the working folder would stand in for a library of its name.
    command = [sys.executable, "-P", "-m", "cellwire.networks.backend_speed", precision]
    command += _installed(precision)
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIME_LIMIT, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        LOG.warning("the libraries were not measured, so torch computes: %s", error)
        return None
    for name, reason in found["refused"].items():
        LOG.warning("%s cannot be used: %s", name, reason)
    seconds: dict[BackendName, float] = found["seconds"]
    LOG.info("processor seconds per tile in %s: %s", precision, seconds)
    ranked: list[BackendName] = sorted(seconds, key=lambda name: seconds[name])
    return ranked[0] if ranked else "torch"


def _circumstances(precision: Precision) -> dict[str, Any]:
    """Give all that the choice may depend on."""
    return {
        "processor": _processor(),
        "flags": sorted(flag for flag in processor_flags() if flag.startswith(("avx", "amx"))),
        "cores": usable_cores(),
        "precision": precision,
        "cellwire": __version__,
        **{name: _version(name) for name in get_args(BackendName)},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    first = lines[: lines.index("")] if "" in lines else lines
    kept = ("vendor_id", "cpu family", "model", "stepping", "CPU part", "CPU implementer")
    return "; ".join(line.partition(":")[2].strip() for line in first if line.startswith(kept))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _remembered() -> dict[str, BackendName]:
    try:
        values = json.loads(choices_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(values, dict):
        return {}
    return {key: name for key, name in values.items() if name in get_args(BackendName)}


def _remember(key: str, name: BackendName) -> None:
    path = choices_file()
    content = json.dumps({**_remembered(), key: name}, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        os.replace(draft, path)
    except OSError as error:  # without a home there is nothing to remember in
        LOG.info("the choice of %s is not remembered: %s", name, error)
