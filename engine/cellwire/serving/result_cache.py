"""Results that are asked for again: kept per caller, bounded, the least recently used leave."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.serving.encode import EncodedOutput
    from cellwire_api.v1.segmentation_service_pb2 import SegmentationFinished


@dataclass(frozen=True, slots=True)
class Result:
    """What a segmentation gave, ready to be sent.

    Attributes
    ----------
    outputs
        In the order asked for.
    finished
        The last event.
    """

    outputs: tuple[EncodedOutput, ...]
    finished: SegmentationFinished

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return sum(output.nbytes for output in self.outputs) + self.finished.ByteSize()


@dataclass(eq=False, slots=True)
class _Entry:
    finished: SegmentationFinished
    outputs: dict[str, EncodedOutput] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        return self.finished.ByteSize() + sum(o.nbytes for o in self.outputs.values())


class ResultCache:
    """Outputs by the key of the work and the key of the output.

    Parameters
    ----------
    capacity
        Bytes for all of them.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    @property
    def used(self) -> int:
        """Bytes that the outputs take."""
        return sum(entry.nbytes for entry in self._entries.values())

    def get(self, key: str, outputs: Sequence[str]) -> Result | None:
        """Give a result if all the outputs are there."""
        entry = self._entries.get(key)
        if entry is None or not all(output in entry.outputs for output in outputs):
            return None
        self._entries.move_to_end(key)
        return Result(tuple(entry.outputs[output] for output in outputs), entry.finished)

    def put(self, key: str, outputs: Sequence[str], result: Result) -> None:
        """Keep a result beside the other outputs of the same work."""
        if result.nbytes > self._capacity:
            return
        entry = self._entries.setdefault(key, _Entry(result.finished))
        entry.outputs.update(zip(outputs, result.outputs, strict=True))
        self._entries.move_to_end(key)
        while self.used > self._capacity:
            self._entries.popitem(last=False)
