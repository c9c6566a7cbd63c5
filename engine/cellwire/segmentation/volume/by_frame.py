"""Every frame of a series as a volume of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.segmentation.stages import of_part
from cellwire.segmentation.volume.pipeline import segment_volume
from cellwire.segmentation.volume.stack_arrays import PartAnswers, StackArrays, no_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.network_pass import TileNetwork
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.stages import PartProgress
    from cellwire.segmentation.volume.intensities import ChannelRange
    from cellwire.segmentation.volume.parameters import VolumeMemory, VolumeParameters
    from cellwire.segmentation.work import WorkLimits


def segment_frames(
    image: AnyArray,
    parameters: CellposeParameters,
    network: TileNetwork,
    volume: VolumeParameters,
    room: Callable[[], StackArrays],
    orthogonal: TileNetwork | None = None,
    memory: VolumeMemory | None = None,
    report: PartProgress | None = None,
    limits: WorkLimits | None = None,
    ranges: Sequence[ChannelRange] | None = None,
) -> tuple[StackArrays, PartAnswers]:
    """Segment each frame as `cellwire.segmentation.volume.pipeline.segment_volume` does.

    Parameters
    ----------
    image
        (T, Z, Y, X, C), any real type; may be a view or a mapped file: it is read in planes.
    room
        Gives what several frames are gathered in; one frame is given as it is.
    parameters, network, volume, orthogonal, memory, limits, ranges
        See `cellwire.segmentation.volume.pipeline.segment_volume`.
    report
        Told how far the work is; a part is a frame. May raise to stop.
    """
    frames = len(image)
    into = room() if frames > 1 else None
    answers = no_answers()
    for frame in range(frames):
        found = segment_volume(
            image[frame],
            parameters,
            network,
            volume,
            orthogonal,
            memory,
            of_part(report, frame + 1, frames),
            limits,
            ranges,
        )
        answers.add(
            found.style, found.diameter, found.median_diameter, found.count, dict(found.seconds)
        )
        if into is None:
            return StackArrays(found.labels[None], found.flows[:, None], found.cellprob[None]), (
                answers
            )
        into.labels[frame] = found.labels
        if into.flows is not None and into.cellprob is not None:
            into.flows[:, frame] = found.flows
            into.cellprob[frame] = found.cellprob
        del found
    assert into is not None  # noqa: S101  one frame returned above
    return into, answers
