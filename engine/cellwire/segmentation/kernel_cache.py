"""Where compiled kernels are kept from start to start."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

LOG = logging.getLogger(__name__)
VARIABLE = "NUMBA_CACHE_DIR"


def usual_places() -> list[Path]:
    """Give the folders that numba tries by itself: beside the kernels, then the user's own."""
    beside = Path(__file__).parent / "__pycache__"
    return [beside, platformdirs.user_cache_path("numba", appauthor=False)]


def choose_kernel_cache(
    environment: MutableMapping[str, str] | None = None, places: Sequence[Path] | None = None
) -> None:
    """See to it that numba finds a folder that can be written; call before it is imported.

    Where there is none, as in a container whose file system is read-only, numba refuses to load a
    kernel that is to be cached. Such a process gets a folder of its own, which goes with it: one
    in a place that others can write to could hold their code.

    Parameters
    ----------
    environment
        Variables; ``None`` = the process's own.
    places
        Folders to try; ``None`` = `usual_places`.
    """
    variables = os.environ if environment is None else environment
    tried = usual_places() if places is None else places
    if variables.get(VARIABLE) or any(map(_can_be_written, tried)):
        return
    folder = tempfile.mkdtemp(prefix="cellwire-kernels-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    variables[VARIABLE] = folder
    LOG.warning(
        "Compiled kernels cannot be kept: nothing can be written to %s. Every start compiles them "
        "anew, which may take a minute; set %s to a folder that stays.",
        " or ".join(map(str, tried)),
        VARIABLE,
    )


def _can_be_written(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
