"""Objects of a series keep their number from frame to frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.segmentation.stages import Clock
from cellwire.segmentation.volume.stitching import link_frames

if TYPE_CHECKING:
    from cellwire.segmentation.arrays import LabelArray
    from cellwire.segmentation.stages import PartProgress


def link_series(
    labels: LabelArray, threshold: float, whole: bool, report: PartProgress | None = None
) -> tuple[int, float]:
    """Link the frames of a series, in place; see `link_frames`.

    Parameters
    ----------
    labels
        (T, Z, Y, X) uint32, numbered within each frame, or each plane.
    threshold
        Least IoU, 0 to 1.
    whole
        Whether an object may have several planes. If not, each Z is a series by itself, and its
        numbers follow on those of the Z before: no two objects share one.
    report
        Told how far it is, in the stage ``linking``; may raise to stop.

    Returns
    -------
    count
        Number of objects.
    seconds
        Time that it took.
    """
    series = [labels] if whole else [labels[:, plane] for plane in range(labels.shape[1])]
    total = len(series) * len(labels)
    clock, highest, done = Clock(None), 0, 0

    def progress(frames: int, _of: int) -> None:
        if report is not None:
            report("linking", done + frames, total)

    with clock.stage("linking"):
        for own in series:
            link_frames(own, threshold, progress, own)
            most = 0
            for frame in own:
                most = max(most, int(frame.max(initial=0)))
                if highest:
                    frame[frame > 0] += highest
            highest, done = highest + most, done + len(labels)
    return highest, clock.seconds["linking"]
