"""``cellwire doctor``: what is here, and whether it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
) -> None:
    """Look at versions, devices, models, ports and threads. Exit code 1 if something fails."""
    from dataclasses import asdict
    from json import dumps

    from cellwire.cli.exit_codes import ExitCode
    from cellwire.cli.terminal import out

    console = out()
    failed = False
    for finding in examine():
        failed |= finding.state == "fails"
        if json:
            console.print(dumps(asdict(finding), ensure_ascii=False))
        else:
            mark = {"ok": "  ", "note": "! ", "fails": "X "}[finding.state]
            console.print(f"{mark}{finding.what:<24}{finding.value}")
    if not json:
        console.print("Something does not work (X)." if failed else "All that is needed works.")
    raise typer.Exit(ExitCode.SOME_FAILED if failed else ExitCode.DONE)


def examine() -> Iterator[Finding]:
    """Look at everything, one after the other; nothing stops the rest."""
    for look in (_versions, _processor, _devices, _models, _folder, _port):
        try:
            yield from look()
        except Exception as error:
            message = " ".join(str(error).split()) or type(error).__name__
            yield Finding(look.__name__.strip("_"), message, "fails")


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
    import torch

    allowed = getattr(os, "sched_getaffinity", None)
    cores = len(allowed(0)) if allowed else os.cpu_count()
    yield Finding("cores", f"{cores} for this process, {os.cpu_count()} in the machine")
    threads = (
        f"network (torch) {torch.get_num_threads()}, kernels (numba) {numba.get_num_threads()}"
    )
    few = cores is not None and torch.get_num_threads() < cores // 2
    hint = "; OMP_NUM_THREADS holds it back" if few and "OMP_NUM_THREADS" in os.environ else ""
    yield Finding("threads", threads + hint, "note" if hint else "ok")
    memory = psutil.virtual_memory()
    free = f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB free"
    yield Finding("memory", free, "note" if memory.available < 2 * 2**30 else "ok")


def _devices() -> Iterator[Finding]:
    import numpy as np
    import torch

    from cellwire.networks.architecture import Architecture
    from cellwire.networks.hardware import describe_device
    from cellwire.networks.inference import Network, available_devices
    from cellwire.networks.unet import CellposeNet

    yield Finding("backend", f"torch {torch.__version__}, float32")
    for index, name in enumerate(available_devices()):
        network = Network([CellposeNet(Architecture())], name)
        answer, _ = network.run(np.zeros((1, 2, 64, 64), np.float32))
        works = bool(np.isfinite(answer).all())
        used = "in use, " if index == 0 else ""
        hardware = describe_device(name)
        memory = f"{hardware.memory_bytes / 2**30:.0f} GiB"
        runs = "a network runs" if works else "wrong numbers"
        text = f"{used}{hardware.description}, {memory}: {runs}"
        yield Finding(f"device {name}", text, "ok" if works else "fails")


def _models() -> Iterator[Finding]:
    from cellwire.networks.registry import list_models
    from cellwire.networks.weights import load_network_file

    entries = list_models()
    if not entries:
        yield Finding("models", "none; add one: cellwire models add NAME FILE", "note")
    for entry in entries:
        size = "finds the diameter" if entry.size else f"diameter {entry.card.diam_mean:g} px"
        try:
            for path in entry.files:
                load_network_file(path)
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
