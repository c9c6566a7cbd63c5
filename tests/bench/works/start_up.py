"""From a cold process: help, the client, and one image by the command line."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench import offered
from tests.bench.comparing import nearly
from tests.bench.work import Prepared, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.bench.work import Agreement, Answer

CELLWIRE = [sys.executable, "-c", "from cellwire.cli.app import main; main()"]
"""What the installed command does."""
HEAVY = ("torch", "numba", "scipy", "cv2", "openvino", "ncnn")
IMPORT = f"""
import sys
import cellwire_client
print([name for name in {HEAVY} if name in sys.modules])
"""


def nothing(_: Path, __: bool) -> Prepared:
    """Prepare nothing."""
    return Prepared()


def field(folder: Path, small: bool) -> Prepared:
    """Write an image of 512², or 256²."""
    import tifffile

    from tests.bench.fields import nuclei_field

    tifffile.imwrite(
        folder / "field.tif", nuclei_field(256 if small else 512, 1, 64, offered.radii())[0]
    )
    return Prepared()


def _run(command: Sequence[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextlib.contextmanager
def our_help(folder: Path, _: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Ask for help; once before, so that byte-code is there."""

    def run() -> Answer:
        return {"lines": np.array(_run([*CELLWIRE, "--help"], folder).splitlines())}

    run()
    yield run


@contextlib.contextmanager
def our_client(folder: Path, _: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Import the Python client."""

    def run() -> Answer:
        return {"lines": np.array([_run([sys.executable, "-c", IMPORT], folder).strip()])}

    run()
    yield run


@contextlib.contextmanager
def peer_import(folder: Path, _: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Import what a script imports without an engine."""

    def run() -> Answer:
        _run([sys.executable, "-c", "from cellpose import models"], folder)
        return {}

    run()
    yield run


@contextlib.contextmanager
def our_command(folder: Path, _: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Segment one file; labels and ROIs are written."""
    import tifffile

    out = folder / "ours"
    command = [*CELLWIRE, "segment", str(folder / "field.tif"), "--out", str(out)]
    command += ["--model", offered.MODEL, "--diameter", str(offered.diameter())]

    def run() -> Answer:
        _run(command, folder)
        return {"labels": tifffile.imread(out / "field_labels.tif")}

    run()
    yield run


@contextlib.contextmanager
def peer_command(folder: Path, options: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Segment it by Cellpose's command line, with the same outputs."""
    import tifffile

    command = [sys.executable, "-m", "cellpose", "--image_path", str(folder / "field.tif")]
    command += ["--pretrained_model", options["checkpoint"], "--chan", "0"]
    command += ["--diameter", str(offered.diameter()), "--save_tif", "--save_rois", "--no_npy"]

    def run() -> Answer:
        _run(command, folder)
        return {"labels": tifffile.imread(folder / "field_cp_masks.tif")}

    run()
    yield run


def help_shown(_: Path, ours: Answer, __: Answer) -> Agreement:
    """It names the commands."""
    text = "\n".join(ours["lines"].tolist())
    return "segment" in text and "serve" in text, f"{len(ours['lines'])} lines"


def nothing_heavy(_: Path, ours: Answer, __: Answer) -> Agreement:
    """Neither torch nor another library for pixels is imported."""
    loaded = str(ours["lines"][0])
    return loaded == "[]", f"of {', '.join(HEAVY)} loaded: {loaded}"


WORKS = (
    Work(
        "cellwire --help", 1.0, 2.0, nothing, ours=f"{__name__}:our_help", limit=0.3,
        agree=help_shown,
    ),
    Work(
        "import cellwire_client, against import cellpose.models", 1.0, 1.0, nothing,
        ours=f"{__name__}:our_client", peer=f"{__name__}:peer_import", agree=nothing_heavy,
    ),
    Work(
        "cold command on one 512² image", 2.0, 4.0, field,
        ours=f"{__name__}:our_command", peer=f"{__name__}:peer_command", agree=nearly,
    ),
)  # fmt: skip
