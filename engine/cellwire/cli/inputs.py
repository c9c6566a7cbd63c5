"""Which images a command works on, and what their results are called."""

from __future__ import annotations

import glob
import itertools
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cellwire.cli.terminal import note
from cellwire.errors import ImageUnreadableError, InvalidParameterError, OutputWriteError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Input:
    """An image to work on.

    Attributes
    ----------
    path
        As it was given.
    folder, stem
        Where its results go, and how their names begin.
    """

    path: Path
    folder: Path
    stem: str


def find_inputs(
    names: Sequence[str], out: Path | None, endings: Sequence[str], *, overwrite: bool = True
) -> list[Input]:
    """Expand patterns and name the results, so that no two images share one.

    Results of earlier runs, which lie beside the images unless ``out`` says otherwise, are left
    out, with a note.

    Parameters
    ----------
    names
        Files, or patterns such as ``plate/*.tif`` that the shell left as they are.
    out
        Folder of all results; ``None`` = beside each image.
    endings
        Of the result files, such as ``_labels.tif``.
    overwrite
        Whether results of an earlier run may be replaced.

    Raises
    ------
    ImageUnreadableError
        A pattern that no file fits, or nothing but results.
    InvalidParameterError
        A result would replace an image of this call, or one of an earlier run that is to be kept.
    """
    paths = _without_results(_expand(names))
    if out is not None and out.exists() and not out.is_dir():
        raise InvalidParameterError(
            f"--out {out} is a file, not a folder.", "Name a folder; it is made if need be."
        )
    homes = [out if out is not None else path.parent for path in paths]
    inputs = [
        Input(path, folder, stem)
        for path, folder, stem in zip(paths, homes, _stems(paths, homes), strict=True)
    ]
    _check(inputs, endings, overwrite=overwrite)
    return inputs


def make_folders(inputs: Sequence[Input]) -> None:
    """Make the folders of the results, before there are any.

    Raises
    ------
    OutputWriteError
        Nothing can be written to one.
    """
    for folder in dict.fromkeys(item.folder for item in inputs):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise OutputWriteError(
                f"Results cannot be written to {folder}: {error.strerror or error}.",
                "Choose another folder with --out.",
            ) from error


def _expand(names: Sequence[str]) -> list[Path]:
    found: dict[Path, Path] = {}
    for name in names:
        path = Path(name).expanduser()
        matches = [path]
        if glob.has_magic(name) and not path.exists():
            matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]
            if not matches:
                raise ImageUnreadableError(
                    f"No file fits the pattern {name}.", "Check the folder and the ending."
                )
        for match in matches:
            found.setdefault(match.absolute(), match)
    return list(found.values())


def _without_results(paths: Sequence[Path]) -> list[Path]:
    from cellwire.outputs.own_files import is_own

    own = {path: is_own(path) for path in paths}
    results = [path for path in paths if own[path]]
    if not results:
        return list(paths)
    names = ", ".join(path.name for path in results[:3]) + (", ..." if len(results) > 3 else "")
    if len(results) == len(paths):
        raise ImageUnreadableError(
            f"There are only results of Cellwire here, no images: {names}.",
            "Name the images that they were made from.",
        )
    note(f"Left out, since they are results of Cellwire: {names}.")
    return [path for path in paths if not own[path]]


def _stems(paths: Sequence[Path], homes: Sequence[Path]) -> list[str]:
    """Give each image a stem of its own in its folder: ``b``, ``b_png`` or ``a_b`` for a/b.png."""
    twins = Counter((path.absolute().parent, path.stem.lower()) for path in paths)
    plain = [
        f"{path.stem}_{path.suffix.lstrip('.')}"
        if path.suffix and twins[path.absolute().parent, path.stem.lower()] > 1
        else path.stem
        for path in paths
    ]
    names = list(plain)
    for depth in itertools.count(1):
        places = [(home.absolute(), name.lower()) for home, name in zip(homes, names, strict=True)]
        used = Counter(places)
        doubled = [i for i, place in enumerate(places) if used[place] > 1]
        if not doubled:
            break
        for i in doubled:
            parents = [part.name for part in paths[i].absolute().parents if part.name]
            # Past the root only the number of the image can tell them apart.
            number = f"_{i + 1}" if depth > len(parents) else ""
            names[i] = "_".join([*reversed(parents[:depth]), plain[i]]) + number
    return names


def _check(inputs: Sequence[Input], endings: Sequence[str], *, overwrite: bool) -> None:
    images = {item.path.absolute(): item for item in inputs}
    for item in inputs:
        for ending in endings:
            target = (item.folder / f"{item.stem}{ending}").absolute()
            if target in images:
                raise InvalidParameterError(
                    f"{target.name} is one of the images, and also where a result of "
                    f"{item.path.name} would go.",
                    "Leave it out of the images if it is a result of an earlier run, or choose "
                    "another folder with --out.",
                )
            if not overwrite and target.exists():
                raise InvalidParameterError(
                    f"{target} is there already, and --no-overwrite was given.",
                    "Choose another folder with --out, or leave --no-overwrite out.",
                )
