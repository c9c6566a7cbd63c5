"""What is told of an image that was done, or that failed: in words, or as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellwire.jobs.stack import StackMode
from cellwire.segmentation.volume.stack import StackSegmentation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cellwire.cli.failures import Failure
    from cellwire.cli.inputs import Input
    from cellwire.cli.segmenters import Found
    from cellwire.cli.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Told:
    """An image that was done.

    Attributes
    ----------
    item
        The image.
    found
        What came of it.
    wishes
        What was asked.
    written
        Files of its results.
    notes
        What the person should know.
    seconds
        From reading to the last file.
    """

    item: Input
    found: Found
    wishes: Wishes
    written: list[Path]
    notes: list[str]
    seconds: float

    def as_line(self) -> str:
        """In words."""
        cells = f"{self.found.cells:,} cell{'' if self.found.cells == 1 else 's'}{self._where()}"
        origin = {
            "automatic": "found by the size model" if self.found.cells else "automatic",
            "given": "as given",
            "model": f"the default of {self.found.provenance.model}; --diameter sets another",
        }[self._way()]
        size = _span(self._diameters())
        files = "".join(f"\n  {path}" for path in self.written)
        return (
            f"{self.item.path}: {cells}, diameter {size} px ({origin}){self._medians()}, "
            f"{self.seconds:.1f} s{files}"
        )

    def as_object(self) -> str:
        """As JSON."""
        found, stack = self.found.segmentation, {}
        if isinstance(found, StackSegmentation):
            assert self.wishes.stack is not None  # noqa: S101  else it were a plane
            stack = {
                "stack": str(self.wishes.stack.mode),
                "axes": found.axes,
                "frames": self._length("T"),
                "planes": self._length("Z"),
                "diameters": list(found.diameters),
                "median_diameters": list(found.median_diameters),
            }
        return _json(
            {
                "file": str(self.item.path),
                "model": self.found.provenance.model,
                "diameter": self._diameters()[0],
                "diameter_source": self._way(),
                "cells": self.found.cells,
                **stack,
                "seconds": round(self.seconds, 3),
                "outputs": [str(path) for path in self.written],
                "notices": self.notes,
            }
        )

    def _diameters(self) -> tuple[float, ...]:
        found = self.found.segmentation
        return found.diameters if isinstance(found, StackSegmentation) else (found.diameter,)

    def _way(self) -> str:
        """Say where the diameter comes from."""
        if self.found.provenance.parameters.get("automatic_diameter"):
            return "automatic"
        asked = self.wishes.diameter
        return "given" if asked.pixels or asked.micrometres else "model"

    def _length(self, axis: str) -> int:
        found = self.found.segmentation
        if not isinstance(found, StackSegmentation) or axis not in found.axes:
            return 1
        return int(found.labels.shape[found.axes.index(axis)])

    def _where(self) -> str:
        """Say in how many planes and frames."""
        if self.wishes.stack is None:
            return ""
        words = []
        if "Z" in self._axes():
            volume = self.wishes.stack.mode is StackMode.VOLUME
            words.append(f"{_counted(self._length('Z'), 'plane')}{' (3D)' if volume else ''}")
        if "T" in self._axes():
            linked = " (linked)" if self.wishes.stack.link_frames else ""
            words.append(f"{_counted(self._length('T'), 'frame')}{linked}")
        return f" in {' of '.join(words)}"

    def _axes(self) -> str:
        found = self.found.segmentation
        return found.axes if isinstance(found, StackSegmentation) else ""

    def _medians(self) -> str:
        """Say how large the cells of a stack are, where some were found."""
        found = self.found.segmentation
        if not isinstance(found, StackSegmentation) or not any(found.median_diameters):
            return ""
        sizes = [size for size in found.median_diameters if size > 0]
        return f", median found {_span(sizes)} px"


def failed_object(item: Input, wishes: Wishes, failure: Failure) -> str:
    """Tell of an image that failed, as JSON."""
    return _json(
        {
            "file": str(item.path),
            "model": wishes.model,
            "error": failure.text,
            "reason": failure.reason,
        }
    )


def _span(sizes: Sequence[float]) -> str:
    low, high = f"{min(sizes):.4g}", f"{max(sizes):.4g}"
    return low if low == high else f"{low} to {high}"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _json(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)
