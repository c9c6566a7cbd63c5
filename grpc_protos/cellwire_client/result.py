"""What a segmentation gives back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, Mapping, Tuple

from cellwire_api.v1 import segmentation_service_pb2
from cellwire_client.errors import NotRequestedError
from cellwire_client.progress import Progress

if TYPE_CHECKING:
    from cellwire_client.decode import EventReader, Output


@dataclass(frozen=True)
class SegmentationResult:
    """Labels of an image and all that was asked for beside them.

    Attributes
    ----------
    count
        Number of cells; one that has a number in several planes or frames is one.
    axes
        Axes of `labels`, such as ``"YX"``, or of a stack ``"ZYX"``, ``"TYX"`` or ``"TZYX"``;
        other arrays have the same, flows with a channel axis ahead. Empty if there is no array.
    diameters
        Diameter in pixels that was used for each plane, of a volume for each frame, T before Z.
    median_diameters
        Median diameter in pixels of the cells that were found in the same, 0 where none.
    seconds
        Time that each stage took in the engine.
    model, model_digest
        The model and the SHA-256 of its weights.
    provenance
        What made the result: engine version, model, parameters, backend, precision.
    notices
        What the person should know, such as a channel that is constant.
    removed
        For each id of `unedited_labels` that is not in `labels`: small, large or edge.
    name
        Name of the segmentation in the engine.
    cached
        Whether the engine had the result from before.
    outputs
        What came back, by name; the properties below read it.
    """

    count: int
    axes: str
    diameters: Tuple[float, ...]
    median_diameters: Tuple[float, ...]
    seconds: Mapping[str, float]
    model: str
    model_digest: str
    provenance: Mapping[str, Any]
    notices: Tuple[str, ...]
    removed: Mapping[int, str]
    name: str
    cached: bool
    outputs: Mapping[str, Output]

    @property
    def diameter(self) -> float:
        """Diameter in pixels that was used, of a stack that of its first plane or frame."""
        return self.diameters[0] if self.diameters else 0.0

    @property
    def median_diameter(self) -> float:
        """Median diameter in pixels of what was found, 0 if nothing; of a stack in its first."""
        return self.median_diameters[0] if self.median_diameters else 0.0

    @property
    def labels(self) -> Any:
        """(*axes) uint32, 0 = background, 1..n = cells."""
        return self._output("labels")

    @property
    def roi_zip(self) -> bytes:
        """Bytes of an ImageJ RoiSet.zip."""
        found: bytes = self._output("rois")
        return found

    @property
    def flows(self) -> Any:
        """(2, *axes) float32, dY and dX, of volumes (3, *axes), dZ, dY and dX."""
        return self._output("flows")

    @property
    def cellprob(self) -> Any:
        """(*axes) float32, logit of being in a cell, of volumes the sum of three."""
        return self._output("cellprob")

    @property
    def style(self) -> Any:
        """(256,) float32, the style vector; of a stack (T, Z, 256), of volumes (T, 256)."""
        return self._output("style")

    @property
    def unedited_labels(self) -> Any:
        """(*axes) uint32, the labels before size and edge removal, ids as in `labels`."""
        return self._output("unedited_labels")

    @property
    def table(self) -> str:
        """Table of the objects as CSV."""
        found: str = self._output("table")
        return found

    def _output(self, name: str) -> Any:
        if name not in self.outputs:
            raise NotRequestedError(
                f"The {name} were not asked for; this result has {', '.join(self.outputs)}.",
                f"Call segment(..., outputs=(..., {name!r})).",
            )
        return self.outputs[name]


def make_result(
    reader: EventReader,
    finished: segmentation_service_pb2.SegmentationFinished,
    notices: Tuple[str, ...] = (),
) -> SegmentationResult:
    """Put together what the events of a segmentation brought.

    Parameters
    ----------
    reader
        Has followed the events up to the last.
    finished
        The last event.
    notices
        Of the client, told before the engine's.
    """
    return SegmentationResult(
        count=finished.objects,
        axes=_axes(reader),
        diameters=tuple(finished.diameters),
        median_diameters=tuple(finished.median_diameters),
        seconds=_seconds(finished),
        model=finished.model.split("/", 1)[-1],
        model_digest=finished.model_digest,
        provenance=json.loads(finished.provenance) if finished.provenance else {},
        notices=(*notices, *finished.notices),
        removed=reader.removed,
        name=reader.segmentation,
        cached=reader.cached,
        outputs=reader.outputs,
    )


def make_progress(event: segmentation_service_pb2.SegmentationProgress) -> Progress:
    """Read how far the work is."""
    return Progress(
        stage=stage_name(event.stage),
        done=event.done,
        total=event.total,
        queue_position=event.queue_position,
        part=event.part,
        parts=event.parts,
    )


def stage_name(stage: int) -> str:
    """Name a stage as progress and times show it, such as ``loading_model``."""
    try:
        name = segmentation_service_pb2.Stage.Name(stage)
    except ValueError:  # of a later engine
        return "working"
    return name[len("STAGE_") :].lower()


def _axes(reader: EventReader) -> str:
    for name in ("labels", "unedited_labels", "cellprob", "flows"):
        if name in reader.axes:
            return reader.axes[name].replace("C", "")
    return ""


def _seconds(finished: segmentation_service_pb2.SegmentationFinished) -> Dict[str, float]:
    return {
        stage_name(item.stage): item.duration.seconds + item.duration.nanos / 1e9
        for item in finished.times
    }
