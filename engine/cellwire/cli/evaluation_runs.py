"""Scoring a folder of images once: by a model in one setting, or by labels that are there."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol
from zlib import compress, decompress

import numpy as np

from cellwire.cli.wishes import make_job
from cellwire.errors import InvalidParameterError, TrainingDataError
from cellwire.evaluation.extremes import extremes
from cellwire.evaluation.label_files import read_labels
from cellwire.evaluation.rescaling import rescale
from cellwire.evaluation.scores import ImageScores, score_image
from cellwire.evaluation.stack_objects import plane_diameter, shown_anisotropy, stack_objects
from cellwire.images.reading import LoadedImage, read_image
from cellwire.jobs.job import Diameter
from cellwire.jobs.planes import assemble_plane
from cellwire.jobs.stack import StackMode
from cellwire.segmentation.targets import median_diameter
from cellwire.segmentation.volume.stack import StackSegmentation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from cellwire.cli.evaluation_settings import Ratio
    from cellwire.cli.segmenters import Segmenter
    from cellwire.cli.wishes import Wishes
    from cellwire.evaluation.rescaling import Rescaling
    from cellwire.jobs.job import Report
    from cellwire.segmentation.arrays import AnyArray

NAME_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Item:
    """An image, its labels, and the group it is reported in (empty = none)."""

    image: Path
    labels: Path
    group: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """An image as it is segmented, and its labels.

    Attributes
    ----------
    loaded
        The image.
    truth
        (Y, X), of stacks (Z, Y, X) labels.
    true_diameter
        Median diameter of the true objects in pixels; 0 if there are none, or it is not known.
    anisotropy
        Of a stack; ``None`` if it is not known.
    """

    loaded: LoadedImage
    truth: AnyArray
    true_diameter: float
    anisotropy: float | None = None


class Labeller(Protocol):
    """Whoever labels an image."""

    told: Mapping[str, str]

    def label(self, seen: Seen, report: Report) -> tuple[AnyArray, float]:
        """Give labels as the true ones, and the diameter that a size model found, else NaN."""


@dataclass(frozen=True)
class ModelLabeller:
    """A model in one setting.

    Attributes
    ----------
    told
        What the table says of it; see `cellwire.evaluation.score_table.RUN_KEYS`.
    engine, wishes
        What segments, and how.
    truly
        Whether each image's own labels give the diameter.
    """

    told: Mapping[str, str]
    engine: Segmenter
    wishes: Wishes
    truly: bool = False

    def label(self, seen: Seen, report: Report) -> tuple[AnyArray, float]:
        """Segment the image."""
        own = self.wishes
        if seen.truth.ndim == 3 and own.stack is None:
            raise InvalidParameterError(
                f"{seen.loaded.path.name} is a stack of {len(seen.truth)} planes, and it was not "
                "said how a model takes them together.",
                "Add --do-3d, --stitch, or both to compare them.",
            )
        if own.stack is not None and own.stack.mode is StackMode.VOLUME:
            own = replace(own, stack=replace(own.stack, anisotropy=seen.anisotropy))
        elif self.truly and own.stack is not None and seen.anisotropy is None:
            raise InvalidParameterError(
                "--diameter gt of stacks needs their anisotropy, and "
                f"{seen.loaded.path.name} does not say it.",
                "Add --anisotropy gt (as the labels show it), or the distance of two planes over "
                "the side of a pixel, such as --anisotropy 2.",
            )
        if self.truly and seen.true_diameter > 0:
            own = replace(own, diameter=Diameter(pixels=max(1.0, seen.true_diameter)))
        job = make_job(seen.loaded, own)
        found = self.engine.segment(job, own, ("labels",), report)
        segmentation = found.segmentation
        if not found.provenance.parameters.get("automatic_diameter"):
            return segmentation.labels, math.nan
        if isinstance(segmentation, StackSegmentation):
            return segmentation.labels, float(np.median(segmentation.diameters))
        return segmentation.labels, segmentation.diameter


@dataclass(frozen=True)
class FileLabeller:
    """Label images that another program made, by the path of their image."""

    told: Mapping[str, str]
    files: Mapping[Path, Path]

    def label(self, seen: Seen, report: Report) -> tuple[AnyArray, float]:
        """Read the labels."""
        path = self.files[seen.loaded.path]
        shape, axes = _labelled(seen.loaded)
        return read_labels(path, shape, axes).astype(np.int32), math.nan


@dataclass(frozen=True, slots=True)
class Run:
    """The scores of all images, and the labels of each as `_packed`."""

    scores: list[ImageScores]
    packed: list[bytes]


def see(
    item: Item,
    rescaling: Rescaling | None,
    axes: str | None,
    max_bytes: int,
    anisotropy: Ratio = "auto",
) -> Seen:
    """Read an image and its labels, resized where that is asked for.

    Raises
    ------
    TrainingDataError
        They do not fit each other, are a time series, or do not show the anisotropy.
    InvalidParameterError
        A stack is to be resized.
    """
    loaded = read_image(item.image, axes, max_bytes)
    shape, own_axes = _labelled(loaded)
    truth = read_labels(item.labels, shape, own_axes).astype(np.int32)
    if truth.ndim == 3 and rescaling is not None:
        raise InvalidParameterError(
            f"{item.image.name} is a stack; only planes are resized (--rescale).",
            "Leave --rescale and --rescale-to out.",
        )
    if truth.ndim == 3:
        return _see_stack(loaded, truth, anisotropy, item.labels.name)
    diameter = float(median_diameter(truth))
    if rescaling is None:
        return Seen(loaded, truth, diameter)
    factor = rescaling.factor_for(truth)
    order = [loaded.axes.index(axis) for axis in "YX"]
    array = np.moveaxis(loaded.array, order, (-2, -1))
    array, truth = rescale(array, truth, factor)
    sizes = {axis: getattr(loaded.calibration, axis) for axis in "yx"}
    finer = {axis: size / factor for axis, size in sizes.items() if size is not None}
    return Seen(
        replace(
            loaded,
            array=np.moveaxis(array, (-2, -1), order),
            calibration=replace(loaded.calibration, **finer),
        ),
        truth,
        diameter * factor,
    )


def score_all(
    items: Sequence[Item],
    labeller: Labeller,
    look: Callable[[Item], Seen],
    report: Report,
    done: Callable[[], None],
) -> Run:
    """Score all images.

    Parameters
    ----------
    items, labeller
        What is scored, and who labels it.
    look
        Reads an item; see `see`.
    report, done
        Told the stage of the image at work, and after each image.
    """
    run = Run([], [])
    for item in items:
        report(item.image.name, 0, 1)
        seen = look(item)
        labels, diameter = labeller.label(seen, report)
        run.scores.append(
            score_image(
                item.image.stem,
                seen.truth,
                labels,
                group=item.group,
                true_diameter=seen.true_diameter or math.nan,
                diameter=diameter,
                anisotropy=seen.anisotropy or math.nan,
            )
        )
        run.packed.append(compress(labels.astype(np.int32).tobytes(), 1))
        done()
    return run


def save_pictures(
    folder: Path,
    title: str,
    items: Sequence[Item],
    run: Run,
    look: Callable[[Item], Seen],
    wishes: Wishes,
) -> list[tuple[str, str, Path]]:
    """Save the best, the median and the worst image of each group, with both outlines.

    Parameters
    ----------
    folder
        Where to; made if need be.
    title
        What the file names begin with, such as the model and the diameter.
    items, run, look
        See `score_all`.
    wishes
        Say which channels are shown.

    Returns
    -------
    list
        Group (with the title, if there is one), which of it, and file of each.
    """
    from cellwire.outputs.comparison import comparison_png
    from cellwire.outputs.save import write_whole

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for group in dict.fromkeys(item.group for item in items):
        chosen = extremes([each for each in run.scores if each.group == group])
        for which, scores in chosen.items():
            place = run.scores.index(scores)
            seen = look(items[place])
            labels = np.frombuffer(decompress(run.packed[place]), np.int32)
            labels, truth = labels.reshape(seen.truth.shape), seen.truth
            name = scores.name if len(scores.name) <= NAME_SHOWN else f"{scores.name[:NAME_SHOWN]}…"
            plane = None
            if truth.ndim == 3:
                plane = int(np.argmax([len(np.unique(each)) for each in truth]))
                truth, labels, name = truth[plane], labels[plane], f"{name} plane {plane + 1}"
            picture = comparison_png(
                _picture(seen.loaded, wishes, plane),
                truth,
                labels,
                f"{name}   AP@0.5 {scores.ap[0]:.2f}   AP@0.75 {scores.ap[5]:.2f}",
                f"{scores.objects} true, {scores.predicted} found   {which} {group}".rstrip(),
            )
            parts = [part for part in (title, group, which) if part]
            path = folder / (re.sub(r"[^\w.]+", "-", "-".join(parts)).lower() + ".png")
            write_whole(path, picture)
            written.append((" ".join(parts[:-1]), which, path))
    return written


def _see_stack(loaded: LoadedImage, truth: AnyArray, anisotropy: Ratio, name: str) -> Seen:
    objects = stack_objects(truth)
    ratio: float | None
    if anisotropy == "gt":
        ratio = shown_anisotropy(objects, name)
    elif anisotropy == "auto":
        side, distance = loaded.calibration.pixel, loaded.calibration.z
        ratio = distance / side if side and distance else None
    else:
        ratio = anisotropy
    return Seen(loaded, truth, 0.0 if ratio is None else plane_diameter(objects, ratio), ratio)


def _labelled(loaded: LoadedImage) -> tuple[tuple[int, ...], str]:
    """Give the shape and the axes of an image's labels.

    Raises
    ------
    TrainingDataError
        It is a time series.
    """
    lengths = dict(zip(loaded.axes, loaded.array.shape, strict=True))
    if lengths.get("T", 1) > 1:
        raise TrainingDataError(
            f"{loaded.path.name} is a time series of {lengths['T']} frames; planes and single "
            "stacks are scored.",
            "Save each frame as a file of its own, or say with --axes which axis is Z.",
        )
    if lengths.get("Z", 1) == 1:
        return (lengths["Y"], lengths["X"]), "YX"
    return (lengths["Z"], lengths["Y"], lengths["X"]), "ZYX"


def _picture(loaded: LoadedImage, wishes: Wishes, plane: int | None) -> AnyArray:
    """Give (Y, X, C): a colour picture as it is, else the channels as they are segmented."""
    if wishes.channels is None and loaded.axes == "CYX" and loaded.array.shape[0] == 3:
        return loaded.array.transpose(1, 2, 0)
    planes = {} if plane is None else {"Z": plane + 1}
    return assemble_plane(make_job(loaded, replace(wishes, stack=None, planes=planes)))
