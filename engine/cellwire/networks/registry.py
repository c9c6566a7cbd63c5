"""The models that there are: shipped with Cellwire, and added by the user."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import platformdirs

from cellwire.errors import (
    InvalidParameterError,
    ModelBrokenError,
    ModelExistsError,
    ModelUnknownError,
    OutputWriteError,
)
from cellwire.networks.card import CARD, SIZE, ModelCard, read_card, write_card
from cellwire.networks.digest import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHIPPED = Path(__file__).parent / "weights"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

CELLPOSE_FILES = {
    "cyto": "cytotorch_0",
    "cyto2": "cyto2torch_0",
    "cyto3": "cyto3",
    "nuclei": "nucleitorch_0",
}
"""Cellpose's own models and the files they are in."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model on disk.

    Attributes
    ----------
    name
        Its name.
    digest, size_digest
        SHA-256 of the weights and of the size model, in hexadecimal; empty if there is none.
    files
        Weights, one file a network.
    size
        The size model, if it has one.
    card
        What is known of it.
    origin
        Shipped with Cellwire, or added by the user.
    """

    name: str
    digest: str
    files: tuple[Path, ...]
    size: Path | None
    card: ModelCard
    origin: Literal["shipped", "added"]
    size_digest: str = ""


def models_folder() -> Path:
    """Give the folder of the models that users add: ``$CELLWIRE_HOME/models`` or the user's own."""
    home = os.environ.get("CELLWIRE_HOME")
    return (Path(home) if home else platformdirs.user_data_path("cellwire")) / "models"


def list_models() -> list[ModelEntry]:
    """List all models that can be read, by name."""
    entries = []
    for name, (folder, origin) in sorted(_folders().items()):
        try:
            entries.append(_entry(name, folder, origin))
        except ModelBrokenError:
            continue
    return entries


def find_model(name: str) -> ModelEntry:
    """Give the model of a name, with or without ``models/`` before it.

    Raises
    ------
    ModelUnknownError
        If there is none; names the nearest, or for Cellpose's own models says how to add them.
    ModelBrokenError
        If its files are damaged.
    """
    name = name.removeprefix("models/")
    folders = _folders()
    if name in folders:
        return _entry(name, *folders[name])
    known = ", ".join(sorted(folders)) or "none"
    message = f"There is no model {name!r}; there are: {known}."
    if name in CELLPOSE_FILES:
        raise ModelUnknownError(
            message,
            f"It is one of Cellpose's own: get the file {CELLPOSE_FILES[name]} from "
            "https://www.cellpose.org/models/ (or from ~/.cellpose/models where Cellpose ran) and "
            f"add it with `cellwire models add {name} {CELLPOSE_FILES[name]} "
            f"--size size_{CELLPOSE_FILES[name]}.npy`.",
        )
    nearest = difflib.get_close_matches(name, folders, n=3, cutoff=0.5)
    raise ModelUnknownError(
        message,
        f"Did you mean {' or '.join(nearest)}?"
        if nearest
        else "Add one with `cellwire models add NAME FILE`.",
    )


def add_model(
    name: str,
    files: Sequence[Path],
    size: Path | None = None,
    diam_mean: float | None = None,
) -> ModelEntry:
    """Add a model of Cellpose 1 to 3, official or trained by a user, or the folder of a model.

    Parameters
    ----------
    name
        Name to give it.
    files
        Weights; several are an ensemble, whose answers are averaged. Or one folder, such as a
        training leaves: ``model`` with its card, or the folder around it.
    size
        Cellpose's ``*_size.npy``, for automatic diameters.
    diam_mean
        Diameter in pixels to which cells are resized, where the file does not say or to overrule.

    Raises
    ------
    ModelBrokenError
        If a file is not what it should be. It is never unpickled in this process.
    ModelExistsError
        If there is a model of that name.
    InvalidParameterError
        If the name or the diameter cannot be.
    """
    _check_new(name, files, diam_mean)
    if len(files) == 1 and files[0].is_dir():
        from cellwire.networks.model_folder import copy_model

        return _put(name, lambda folder: copy_model(files[0], folder, size, diam_mean))
    return _put(name, lambda folder: _import(folder, files, size, diam_mean))


def _put(name: str, fill: Callable[[Path], None]) -> ModelEntry:
    """Fill a folder and move it to its place when it is complete."""
    parent = models_folder()
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".adding-", dir=parent))
    try:
        fill(folder)
        folder.rename(parent / name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return find_model(name)


def _import(
    folder: Path, files: Sequence[Path], size: Path | None, diam_mean: float | None
) -> None:
    from cellwire.networks.foreign import import_network, import_size
    from cellwire.networks.weight_arrays import read_ensemble

    targets = []
    for index, source in enumerate(files):
        targets.append(folder / f"network_{index}.safetensors")
        import_network(source, targets[-1], diam_mean)
    network = read_ensemble(targets)[0]
    sources = {path.name: digest_of([path]) for path in files}
    if size is not None:
        import_size(size, folder / SIZE)
        sources[size.name] = digest_of([size])
    card = ModelCard(
        description=f"Added by the user from {', '.join(path.name for path in files)}.",
        diam_mean=network.diam_mean,
        channels_in=network.architecture.channels_in,
        sources=sources,
    )
    write_card(folder / CARD, card)


def export_model(name: str, file: Path) -> list[Path]:
    """Write a model as Cellpose saves its own; an ensemble and a size model give several files.

    Parameters
    ----------
    name
        The model.
    file
        File to write: FILE, or FILE_0, FILE_1 … for an ensemble, and FILE_size.npy.

    Returns
    -------
    files
        What was written.
    """
    import torch

    from cellwire.networks.size_weights import export_size_weights, load_size_weights
    from cellwire.networks.weights import load_network_file

    entry = find_model(name)
    several = len(entry.files) > 1
    written = []
    try:
        for index, source in enumerate(entry.files):
            target = file.with_name(f"{file.name}_{index}") if several else file
            torch.save(load_network_file(source).state_dict(), target)
            written.append(target)
        if entry.size is not None:
            written.append(file.with_name(f"{file.name}_size.npy"))
            export_size_weights(written[-1], load_size_weights(entry.size))
    except (OSError, RuntimeError) as error:
        raise OutputWriteError(
            f"The model could not be written to {file}: {error}", "Choose another place."
        ) from error
    return written


def _folders() -> dict[str, tuple[Path, Literal["shipped", "added"]]]:
    found: dict[str, tuple[Path, Literal["shipped", "added"]]] = {}
    added = models_folder()
    if added.is_dir():
        for folder in added.iterdir():
            if NAME.fullmatch(folder.name) and (folder / CARD).is_file():
                found[folder.name] = (folder, "added")
    for folder in SHIPPED.iterdir() if SHIPPED.is_dir() else ():
        if (folder / CARD).is_file():
            found[folder.name] = (folder, "shipped")
    return found


def _entry(name: str, folder: Path, origin: Literal["shipped", "added"]) -> ModelEntry:
    files = tuple(sorted(folder.glob("network*.safetensors")))
    if not files:
        raise ModelBrokenError(
            f"The model {name} has no weights file.", "Remove its folder and add it again."
        )
    size = folder / SIZE if (folder / SIZE).is_file() else None
    return ModelEntry(
        name=name,
        digest=digest_of(files),
        files=files,
        size=size,
        card=read_card(folder / CARD),
        origin=origin,
        size_digest=digest_of([size]) if size else "",
    )


def _check_new(name: str, files: Sequence[Path], diam_mean: float | None) -> None:
    if not NAME.fullmatch(name):
        raise InvalidParameterError(
            f"{name!r} cannot be the name of a model: 1 to 64 letters, digits, points, hyphens "
            "and underscores, a letter or digit first.",
            "Choose another name.",
        )
    if name in _folders() or (models_folder() / name).exists():
        raise ModelExistsError(
            f"There is a model {name!r} already.", "Choose another name, or remove that one."
        )
    if not files:
        raise InvalidParameterError("No weights file was given.", "Give one or more files.")
    if diam_mean is not None and not 1.0 <= diam_mean <= 1000.0:
        raise InvalidParameterError(
            f"The mean diameter must be from 1 to 1000 pixels; it is {diam_mean:g}.",
            "Give the diameter that the network was trained at, usually 30 or 17.",
        )
