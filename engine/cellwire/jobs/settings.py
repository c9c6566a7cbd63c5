"""What an engine may use: every limit with its unit and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MIB = 2**20
GIB = 2**30


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Limits of an engine.

    Attributes
    ----------
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    precision
        ``auto``, ``fp32`` or ``bf16``; see `cellwire.networks.precision.choose_precision`.
    threads
        Segmentations worked on at once. They share one device; more than one lets the processor
        normalise and build masks for one while the device runs another.
    max_waiting
        Segmentations that may wait; beyond it a caller is told to come back rather than to hang.
    max_image_bytes
        Size of one image, in bytes.
    max_tiles
        Tiles of one segmentation: a tiny diameter enlarges an image a hundred times, so that the
        work is bounded as well as the bytes. A volume of 256 x 2048 x 2048 has 135,168; a million
        are hours on an accelerator. What a plane takes is bounded by its resized pixels.
    max_resized_pixels
        Pixels of a plane after it was resized by the diameter: the memory that it needs. A
        stack is bounded by ``memory_bytes`` instead.
    max_pixel_steps
        Pixels times steps of the dynamics (niter) of one segmentation. The steps come from the
        request or grow with the diameter; together with a large image they are hours of work.
        2^40 are the 2^30 pixels of the largest 16-bit image with 1,024 steps each, five times
        what cells of a usual size take.
    model_bytes
        Memory for networks; the least recently used leave first.
    memory_bytes
        Memory for the arrays of a stack; ``None`` = half of the machine's.
    scratch
        Folder for files in which these arrays lie where they are larger; ``None`` = such a stack
        is refused.
    """

    device: str = "auto"
    precision: str = "auto"
    threads: int = 4
    max_waiting: int = 64
    max_image_bytes: int = 2 * GIB
    max_tiles: int = 1_000_000
    max_resized_pixels: int = 2**29
    max_pixel_steps: int = 2**40
    model_bytes: int = 2 * GIB
    memory_bytes: int | None = None
    scratch: Path | None = None
