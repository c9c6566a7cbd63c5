"""What computes a network: one small interface, a library behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float32]

Precision: TypeAlias = Literal["fp32", "bf16"]
BackendName: TypeAlias = Literal["torch", "openvino", "ncnn"]


class Backend(Protocol):
    """One network, ready to answer tiles. A tile's answer never depends on other tiles.

    Attributes
    ----------
    name
        Library that computes.
    precision
        Numbers that convolutions multiply; inputs and answers are float32.
    lanes
        Calls of `run` that are worth making at once, each from a thread of its own.
    group
        Tiles that are worth giving to one call.
    """

    name: BackendName
    precision: Precision
    lanes: int
    group: int

    def run(self, tiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Answer (N, C, H, W) with (N, outputs, H, W) and styles (N, S), all float32."""

    def fit_to_memory(self, channels: int, side: int) -> None:
        """Set ``group`` by what tiles of a side take of an accelerator's memory."""

    def release_memory(self) -> None:
        """Give back memory of the device that holds neither weights nor what is worked on."""
