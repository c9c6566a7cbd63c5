"""``cellwire doctor``: what is here, and whether it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cellwire.networks.backend import Precision

PACKAGES = (
    "torch",
    "numba",
    "numpy",
    "scipy",
    "tifffile",
    "roifile",
    "grpcio",
    "protobuf",
    "safetensors",
    "zstandard",
    "opencv-python-headless",
    "cellwire-client",
)
PORT = 50051


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    what
        Name of the thing.
    value
        What was found.
    state
        ``ok``, ``note`` (works, but a person should know) or ``fails``.
    """

    what: str
    value: str
    state: str = "ok"


def doctor(
    precision: Annotated[
        str, typer.Option(metavar="auto|fp32|bf16", help="What would compute with it.")
    ] = "auto",
    json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
) -> None:
    """Look at versions, devices, models, ports and threads. Exit code 1 if something fails."""
    from dataclasses import asdict
    from json import dumps

    from cellwire.cli.exit_codes import ExitCode
    from cellwire.cli.terminal import out
    from cellwire.networks.precision import check_precision

    console = out()
    failed = False
    check_precision(precision)
    for finding in examine(precision):
        failed |= finding.state == "fails"
        if json:
            console.print(dumps(asdict(finding), ensure_ascii=False))
        else:
            mark = {"ok": "  ", "note": "! ", "fails": "X "}[finding.state]
            console.print(f"{mark}{finding.what:<24}{finding.value}")
    if not json:
        console.print("Something does not work (X)." if failed else "All that is needed works.")
    raise typer.Exit(ExitCode.SOME_FAILED if failed else ExitCode.DONE)


def examine(precision: str = "auto") -> Iterator[Finding]:
    """Look at everything, one after the other; nothing stops the rest."""
    looks: dict[str, Callable[[], Iterator[Finding]]] = {
        "versions": _versions,
        "processor": _processor,
        "network": lambda: _network(precision),
        "devices": lambda: _devices(precision),
        "models": _models,
        "folder": _folder,
        "port": _port,
    }
    for name, look in looks.items():
        try:
            yield from look()
        except Exception as error:
            message = " ".join(str(error).split()) or type(error).__name__
            yield Finding(name, message, "fails")


def _versions() -> Iterator[Finding]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from cellwire.version import __version__

    yield Finding("cellwire", __version__)
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    for package in PACKAGES:
        try:
            yield Finding(package, version(package))
        except PackageNotFoundError:
            yield Finding(package, "is not installed: pip install cellwire brings it", "fails")


def _processor() -> Iterator[Finding]:
    import os

    import numba
    import psutil

    from cellwire.networks.cores import usable_cores

    allowed = getattr(os, "sched_getaffinity", None)
    cores = len(allowed(0)) if allowed else os.cpu_count()
    yield Finding("cores", f"{cores} for this process, {os.cpu_count()} in the machine")
    network = usable_cores()
    threads = f"network {network}, kernels (numba) {numba.get_num_threads()}"
    few = cores is not None and network < cores // 2
    hint = "; OMP_NUM_THREADS holds it back" if few and "OMP_NUM_THREADS" in os.environ else ""
    yield Finding("threads", threads + hint, "note" if hint else "ok")
    memory = psutil.virtual_memory()
    free = f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB free"
    yield Finding("memory", free, "note" if memory.available < 2 * 2**30 else "ok")


def _network(precision: str) -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    from cellwire.networks.inference import choose_device, computing_of
    from cellwire.networks.precision import has_fast_bf16
    from cellwire.networks.registry import list_models

    for name in ("openvino", "ncnn"):
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            text = f"is not installed; networks may run slower on processors: pip install {name}"
            yield Finding(name, text, "note")
    if choose_device("auto") == "cpu":
        yield Finding("bf16", "fast here" if has_fast_bf16() else "not fast on this processor")
    for entry in list_models():
        own = computing_of(entry, precision=precision)
        yield Finding(f"network {entry.name}", f"{own.backend}, {own.precision}, on {own.device}")


def _devices(precision: str) -> Iterator[Finding]:
    import numpy as np

    from cellwire.networks.architecture import Architecture
    from cellwire.networks.backend_choice import choose_backend
    from cellwire.networks.hardware import describe_device
    from cellwire.networks.inference import Network, available_devices
    from cellwire.networks.unet import CellposeNet

    numbers: Precision = "bf16" if precision == "bf16" else "fp32"
    for index, name in enumerate(available_devices()):
        backend = choose_backend(name, numbers)
        network = Network([CellposeNet(Architecture())], name, "", backend, numbers)
        answer, _ = network.run(np.zeros((1, 2, 64, 64), np.float32))
        works = bool(np.isfinite(answer).all())
        used = "in use, " if index == 0 else ""
        hardware = describe_device(name)
        memory = f"{hardware.memory_bytes / 2**30:.0f} GiB"
        runs = f"a network runs in {backend}" if works else "wrong numbers"
        text = f"{used}{hardware.description}, {memory}: {runs}"
        yield Finding(f"device {name}", text, "ok" if works else "fails")


def _models() -> Iterator[Finding]:
    from cellwire.networks.registry import list_models
    from cellwire.networks.weight_arrays import read_ensemble

    entries = list_models()
    if not entries:
        yield Finding("models", "none; add one: cellwire models add NAME FILE", "note")
    for entry in entries:
        size = "finds the diameter" if entry.size else f"diameter {entry.card.diam_mean:g} px"
        try:
            read_ensemble(entry.files)
        except Exception as error:
            yield Finding(f"model {entry.name}", str(error), "fails")
        else:
            yield Finding(f"model {entry.name}", f"{entry.origin}, {size}, weights are whole")


def _folder() -> Iterator[Finding]:
    import shutil
    import tempfile

    from cellwire.cli.places import engine_folder

    folder = engine_folder()
    nearest = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    with tempfile.TemporaryFile(dir=nearest):
        free = shutil.disk_usage(nearest).free
    yield Finding("folder", f"{folder}, {free / 2**30:.1f} GiB free")


def _port() -> Iterator[Finding]:
    import socket

    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            pass
        else:
            yield Finding("port", f"{PORT} is free; cellwire serve will listen there")
            return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        other = probe.getsockname()[1]
    from cellwire_client import CellwireClientError, connect

    try:
        with connect(f"127.0.0.1:{PORT}", connect_timeout=3) as engine:
            info = engine.info()
            text = f"{PORT}: an engine serves there, version {info.version}, {info.state}"
            yield Finding("port", text)
    except CellwireClientError:
        text = f"{PORT} is taken by another program; use --listen 127.0.0.1:{other}, which is free"
        yield Finding("port", text, "note")
