"""Working through images one after the other: a failed one does not stop the others."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cellwire.cli.exit_codes import ExitCode
from cellwire.cli.failures import Failure, explain
from cellwire.cli.terminal import Bars, note
from cellwire.cli.told import Told, failed_object
from cellwire.cli.wishes import make_job

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cellwire.cli.inputs import Input
    from cellwire.cli.segmenters import Found, Segmenter
    from cellwire.cli.wishes import Wishes

ROI_SIDE = 32_767
"""Largest coordinate that ImageJ's ROI format holds, in pixels."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What is saved.

    Attributes
    ----------
    kinds
        See `cellwire.outputs.save.KINDS`.
    lenient
        Whether ROIs may be left out, with a note, where ImageJ's format cannot hold them.
    """

    kinds: tuple[str, ...]
    lenient: bool = False

    @property
    def endings(self) -> tuple[str, ...]:
        """How the names of the result files end."""
        from cellwire.outputs.save import KINDS

        return tuple(ending for kind in self.kinds for ending, _ in KINDS[kind])


@dataclass(slots=True)
class Tally:
    """How the images fared."""

    done: int = 0
    failures: list[Failure] = field(default_factory=list)
    stopped: Failure | None = None

    def tell(self, total: int) -> None:
        """Say how many failed, where that is not plain from the lines above."""
        if total > 1 and self.done < total:
            note(f"{self.done} of {total} images were segmented.")

    def code(self) -> ExitCode:
        """Give the exit code of the whole."""
        if self.stopped is not None:
            return self.stopped.code
        if not self.failures:
            return ExitCode.DONE
        if self.done:
            return ExitCode.SOME_FAILED
        internal = all(failure.code is ExitCode.INTERNAL for failure in self.failures)
        return ExitCode.INTERNAL if internal else ExitCode.NOTHING_DONE


def run_batch(
    inputs: Sequence[Input],
    segmenter: Segmenter,
    wishes: Wishes,
    saving: Saving,
    *,
    as_json: bool,
    debug: bool = False,
) -> Tally:
    """Segment and save all images, telling of each one when it is done.

    Parameters
    ----------
    inputs
        The images.
    segmenter
        Who segments them.
    wishes
        How.
    saving
        What is written.
    as_json
        Print an object a line rather than words.
    debug
        Print tracebacks of our own faults.

    Returns
    -------
    Tally
        An engine that is lost ends the batch; all else only its image.
    """
    tally = Tally()
    with Bars(len(inputs)) as bars:
        for item in inputs:
            started = time.perf_counter()
            bars.report("reading", 0, 1)
            try:
                found, written, notes = _one(item, segmenter, wishes, saving, bars)
            except Exception as error:
                failure = explain(error, debug=debug)
                bars.print(f"error: {item.path}: {failure.text}", to_err=True)
                if as_json:
                    bars.print(failed_object(item, wishes, failure))
                if failure.code in (ExitCode.UNREACHABLE, ExitCode.INTERRUPTED):
                    tally.stopped = failure
                    break
                tally.failures.append(failure)
            else:
                seconds = time.perf_counter() - started
                for notice in notes:
                    bars.print(f"note: {item.path}: {notice}", to_err=True)
                one = Told(item, found, wishes, written, notes, seconds)
                bars.print(one.as_object() if as_json else one.as_line())
                tally.done += 1
            bars.image_done()
    return tally


def _one(
    item: Input, segmenter: Segmenter, wishes: Wishes, saving: Saving, bars: Bars
) -> tuple[Found, list[Path], list[str]]:
    from cellwire.errors import RoiLimitError
    from cellwire.images.reading import read_image
    from cellwire.outputs.save import KINDS, Result, save_outputs, write_whole

    loaded = read_image(item.path, wishes.axes, segmenter.max_image_bytes)
    job = make_job(loaded, wishes)
    kinds, notes = list(saving.kinds), list(loaded.notices)
    sides = dict(zip(loaded.axes, loaded.array.shape, strict=True))
    if saving.lenient and "rois" in kinds and max(sides["Y"], sides["X"]) > ROI_SIDE:
        kinds.remove("rois")
        notes.append(f"No ROIs are made: ImageJ's format ends at pixel {ROI_SIDE:,}.")
    found = segmenter.segment(job, wishes, kinds, bars.report)
    bars.report("saving", 0, 1)
    result = Result(
        segmentation=found.segmentation,
        image=found.image,
        calibration=found.calibration,
        provenance=found.provenance,
        channels=tuple(channel.channel for channel in job.channels),
        filename=item.path.name,
        hyperstack=job.has_channels or None,
    )
    written = []
    for kind in kinds:
        if kind in found.ready:
            path = item.folder / f"{item.stem}{KINDS[kind][0][0]}"
            write_whole(path, found.ready[kind])
            written.append(path)
            continue
        try:
            for paths in save_outputs(result, item.folder, item.stem, [kind]).values():
                written.extend(paths)
        except RoiLimitError as error:  # of a stack, known only when it was segmented
            if not saving.lenient:
                raise
            notes.append(f"No ROIs are made: {error.message}")
    return found, written, [*notes, *found.notices]
