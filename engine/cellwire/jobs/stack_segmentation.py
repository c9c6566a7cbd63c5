"""Segment a stack as a job asks: its planes, their stitching, its volumes, their linking."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cellwire.errors import InvalidParameterError
from cellwire.jobs.planes import assemble_mask
from cellwire.jobs.stack import IntensityScope, StackMode, StackWishes, settle
from cellwire.jobs.stack_image import assemble_stack, cut_stack
from cellwire.jobs.stack_memory import room_for_stack
from cellwire.segmentation.resize import scale_for
from cellwire.segmentation.volume.by_frame import segment_frames
from cellwire.segmentation.volume.by_plane import (
    parameters_before_stitching,
    segment_planes,
    stitch_frames,
)
from cellwire.segmentation.volume.linking import link_series
from cellwire.segmentation.volume.parameters import VolumeMemory, VolumeParameters, check_together
from cellwire.segmentation.volume.scaling import scaled_volume
from cellwire.segmentation.volume.shared_ranges import StackIntensities
from cellwire.segmentation.volume.sizing import stack_diameter
from cellwire.segmentation.volume.stack import StackSegmentation
from cellwire.segmentation.volume.stack_arrays import stack_arrays
from cellwire.segmentation.volume.work import check_stack_work

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Mapping

    from cellwire.jobs.job import SegmentationJob
    from cellwire.jobs.memory_share import MemoryShare
    from cellwire.jobs.stack_image import StackCut
    from cellwire.jobs.stack_memory import StackRoom
    from cellwire.segmentation.arrays import AnyArray, BoolArray
    from cellwire.segmentation.network_pass import TileNetwork
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.size import SizeRegression
    from cellwire.segmentation.stages import PartProgress
    from cellwire.segmentation.volume.stack_arrays import PartAnswers, StackArrays
    from cellwire.segmentation.work import WorkLimits

MAX_BATCH = 256
"""Tiles of a batch at most; see `CellposeParameters`."""


@dataclass(frozen=True, slots=True)
class StackTools:
    """With what a stack is segmented.

    Attributes
    ----------
    network, orthogonal, size
        The network, another one for the ZX and ZY planes of volumes, and the size model.
    limits, memory, share
        What may be used, of memory by all stacks together.
    report
        Told how far the work is; may raise to stop.
    tiles
        How many the device takes at once; batches of a volume are at least that large.
    """

    network: TileNetwork
    orthogonal: TileNetwork | None
    size: SizeRegression | None
    limits: WorkLimits
    memory: VolumeMemory
    share: MemoryShare
    report: PartProgress
    tiles: int = 1


@dataclass(frozen=True, slots=True)
class SegmentedStack:
    """A stack that was segmented.

    Attributes
    ----------
    segmentation
        What was found.
    image
        (*axes, C), a view where possible.
    parameters
        As they were used, with the diameter.
    facts
        What provenance says beside them.
    """

    segmentation: StackSegmentation
    image: AnyArray
    parameters: CellposeParameters
    facts: Mapping[str, Any] = field(default_factory=dict)


def segment_stack(
    job: SegmentationJob, wishes: StackWishes, parameters: CellposeParameters, tools: StackTools
) -> SegmentedStack:
    """Segment the stack of a job.

    Parameters
    ----------
    job
        Where the pixels come from.
    wishes
        How planes and frames belong together.
    parameters
        As for a plane; the diameter is ``None`` if the size model is to find it: then all planes
        get the median of a few, see `cellwire.segmentation.volume.sizing.stack_diameter`.
    tools
        The networks and the limits.

    Raises
    ------
    CellwireError
        What is wrong with the stack, before any work.
    """
    cut = cut_stack(job)
    wishes = settle(wishes, cut.axes, cut.shape, job.calibration)
    run = _Run(cut, wishes, parameters, tools, _mask(job, wishes, cut), job.flows)
    return run.segment()


class _Run:
    def __init__(
        self,
        cut: StackCut,
        wishes: StackWishes,
        parameters: CellposeParameters,
        tools: StackTools,
        mask: BoolArray | None,
        flows: bool,
    ) -> None:
        self.cut, self.wishes, self.parameters, self.tools = cut, wishes, parameters, tools
        self.mask, self.flows = mask, flows
        self.is_volume = wishes.mode is StackMode.VOLUME
        self.volume = VolumeParameters(
            anisotropy=wishes.anisotropy or 1.0,
            flow_smoothing=wishes.flow_smoothing,
            normalise_by="plane" if wishes.scope is IntensityScope.PLANE else "stack",
            half_precision=wishes.half_precision,
        )

    def segment(self) -> SegmentedStack:
        """Do the work when there is memory for it; refuse before that what cannot be done."""
        room = self._room()
        facts: dict[str, Any] = {}
        pixels = None
        if self.parameters.diameter is None:
            # A few planes: little memory, but how much the whole takes is known only then.
            with self._held(min(room.in_memory, room.for_planes)):
                pixels = self._read(room)
                facts["sized_planes"] = self._find_diameter(*pixels)
            room = self._room()
        with self._held(room.in_memory):
            image, intensities = pixels or self._read(room)
            segment = self._volumes if self.is_volume else self._planes
            arrays, answers = segment(image, intensities, room)
            count = self._number(arrays, answers)
        facts["stack"] = self._provenance()
        return SegmentedStack(
            self._gathered(arrays, answers, count),
            _along(image, self.cut.axes),
            self.parameters,
            facts,
        )

    def _held(self, nbytes: int) -> contextlib.AbstractContextManager[None]:
        return self.tools.share.held(nbytes, self.tools.memory.budget, self.tools.report)

    def _read(self, room: StackRoom) -> tuple[AnyArray, StackIntensities]:
        image = assemble_stack(self.cut, room.workspace, self._telling("reading"))
        own = self.parameters
        return image, StackIntensities(
            image, own.normalisation, own.compat, self.wishes.scope, self.mask
        )

    def _room(self) -> StackRoom:
        known = self.parameters
        diam_mean = self.tools.network.diam_mean
        if known.diameter is None:
            known = replace(known, diameter=diam_mean)
        check_together(known, self.volume)
        volume = self.volume if self.is_volume else None
        check_stack_work(self.cut.shape, self.parameters, volume, diam_mean, self.tools.limits)
        return room_for_stack(
            self.cut.shape,
            len(self.cut.sources),
            self.wishes,
            known,
            self.volume,
            diam_mean,
            self.cut.copied_bytes,
            self.tools.memory,
            flows=self.flows,
        )

    def _find_diameter(
        self, image: AnyArray, intensities: StackIntensities
    ) -> list[tuple[int, int]]:
        assert self.tools.size is not None  # noqa: S101  effective_parameters knows no other case
        channels = self.tools.network.channels_in
        found = stack_diameter(
            image,
            lambda frame, plane: intensities.plane(frame, plane, channels),
            self.parameters,
            self.tools.network,
            self.tools.size,
            self.mask,
            self.tools.report,
            self.tools.limits,
        )
        self.parameters = replace(self.parameters, diameter=found.pixels)
        return list(found.places)

    def _volumes(
        self, image: AnyArray, intensities: StackIntensities, room: StackRoom
    ) -> tuple[StackArrays, PartAnswers]:
        shape = self.cut.shape
        kind = np.float16 if self.wishes.half_precision else np.float32
        batch = max(self.parameters.batch_size, min(self.tools.tiles, MAX_BATCH))
        return segment_frames(
            image,
            replace(self.parameters, batch_size=batch),
            self.tools.network,
            self.volume,
            lambda: stack_arrays(shape, room.workspace, 3, kind, flows=self.flows),
            self.tools.orthogonal,
            room.memory,
            self._views_as_one(),
            None,
            intensities.ranges(0) if self.wishes.scope is IntensityScope.WHOLE else None,
        )

    def _planes(
        self, image: AnyArray, intensities: StackIntensities, room: StackRoom
    ) -> tuple[StackArrays, PartAnswers]:
        channels = image.shape[-1]
        shared = self.wishes.scope is not IntensityScope.PLANE
        arrays = stack_arrays(self.cut.shape, room.workspace, 2, flows=self.flows)
        answers = segment_planes(
            image,
            parameters_before_stitching(self.parameters) if self._stitches else self.parameters,
            self.tools.network,
            arrays,
            (lambda frame, plane: intensities.plane(frame, plane, channels)) if shared else None,
            self.mask,
            self.tools.report,
            self.tools.limits,
        )
        return arrays, answers

    @property
    def _stitches(self) -> bool:
        return self.wishes.mode is StackMode.STITCHED and self.cut.shape[1] > 1

    def _number(self, arrays: StackArrays, answers: PartAnswers) -> int:
        """Give objects of several planes and frames one number; count them."""
        count = sum(answers.counts)
        threshold, report = self.wishes.stitch_threshold, self.tools.report
        if self._stitches:
            counts, seconds = stitch_frames(arrays.labels, self.parameters, threshold, report)
            count, answers.seconds["stitching"] = sum(counts), seconds
        if self.wishes.link_frames:
            assert self.wishes.link_threshold is not None  # noqa: S101  `settle` has put it in
            whole = self.wishes.mode is not StackMode.PLANES
            count, seconds = link_series(arrays.labels, self.wishes.link_threshold, whole, report)
            answers.seconds["linking"] = seconds
        return count

    def _gathered(self, arrays: StackArrays, answers: PartAnswers, count: int) -> StackSegmentation:
        axes = self.cut.axes
        components = 3 if self.is_volume else 2
        nothing = np.zeros((0,) * len(axes), np.float32)
        flows = np.zeros((components, *nothing.shape), np.float32)
        if arrays.flows is not None:
            flows = _along(arrays.flows, axes, 1)
        return StackSegmentation(
            axes=axes,
            restarts=self.wishes.restarts(axes),
            labels=_along(arrays.labels, axes),
            flows=flows,
            cellprob=nothing if arrays.cellprob is None else _along(arrays.cellprob, axes),
            styles=np.stack(answers.styles),
            diameters=tuple(answers.diameters),
            median_diameters=tuple(answers.median_diameters),
            count=count,
            anisotropy=self.volume.anisotropy if self.is_volume else 1.0,
            seconds=answers.seconds,
        )

    def _provenance(self) -> dict[str, Any]:
        return {"axes": self.cut.axes, **self.wishes.to_dict()}

    def _views_as_one(self) -> PartProgress:
        """Count the planes of the three views together."""
        scale = scale_for(self.tools.network.diam_mean, self.parameters.diameter or 1.0)
        _, *one = self.cut.shape
        depth, height, width = scaled_volume(
            (one[0], one[1], one[2]), scale, self.volume.anisotropy
        )
        before = {"network YX": 0, "network ZX": depth, "network ZY": depth + height}
        planes = depth + height + width
        report = self.tools.report

        def tell(stage: str, done: int, total: int, part: int = 0, parts: int = 0) -> None:
            if stage in before:
                if (done, total) != (0, 1):  # the start of a view
                    report("network", before[stage] + done, planes, part, parts)
            else:
                report(stage, done, total, part, parts)

        return tell

    def _telling(self, stage: str) -> Any:
        return lambda done, total: self.tools.report(stage, done, total)


def _mask(job: SegmentationJob, wishes: StackWishes, cut: StackCut) -> BoolArray | None:
    if job.mask is None:
        return None
    if wishes.mode is StackMode.VOLUME:
        raise InvalidParameterError(
            "A mask covers a plane; a volume is segmented without one.",
            "Leave the mask out and cut a region, or have the planes stitched by overlap.",
        )
    return assemble_mask(job, cut.shape[2:])


def _along(array: AnyArray, axes: str, first: int = 0) -> AnyArray:
    """Take those of T and Z out that the results do not have; T is at ``first``."""
    if "Z" not in axes:
        array = np.squeeze(array, first + 1)
    return array if "T" in axes else np.squeeze(array, first)
