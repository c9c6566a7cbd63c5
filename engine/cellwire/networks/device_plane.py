"""A plane that stays on an accelerator from its pixels to its blended answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from cellwire.networks.inference import OUTPUTS
from cellwire.networks.torch_device import Mark, as_array, computing_on, fetched, staged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.networks.plane_layout import FloatArray, PlaneLayout, Taps
    from cellwire.networks.torch_backend import TorchBackend


class DevicePlane:
    """One plane's pass through a network: one copy to the device and one back.

    Call `start`, then `advance` until all tiles are done, then `launch_answer` and `answer`. A
    device works on by itself; at most one batch waits on it beside the one that it computes, so
    that a request can be left and others come in between.

    Where a step fails for want of memory, nothing has changed, and it may be tried again: all
    memory that it needs is taken before anything is written.

    Parameters
    ----------
    backends
        The network, or an ensemble whose answers are averaged.
    device
        Name of the device that they compute on.
    image
        (Y, X, C) float32, normalised.
    layout
        What becomes of it.
    style_size
        Length of a style.
    tiles
        Tiles that a batch usually has.
    """

    def __init__(
        self,
        backends: Sequence[TorchBackend],
        device: str,
        image: FloatArray,
        layout: PlaneLayout,
        style_size: int,
        tiles: int,
    ) -> None:
        self._backends = backends
        self._device = torch.device(device)
        self._layout = layout
        self._style_size = style_size
        self._tiles = tiles
        self._image: Tensor | None = staged(image, self._device)
        self._on_device: _OnDevice | None = None
        self._marks: list[Mark] = []
        self._answer: tuple[Tensor, Tensor] | None = None
        self._done = 0

    def start(self) -> None:
        """Copy the image to the device, resize it and put zeros around it."""
        assert self._image is not None  # noqa: S101  it is started once
        with computing_on(self._device):
            image = self._image.to(self._device, non_blocking=True)
            self._on_device = _OnDevice(image, self._layout, self._style_size)
        self._image = None

    def advance(self, tiles: int = 0) -> int:
        """Answer the next tiles, as many as usual or so many at most; give those done so far."""
        assert self._on_device is not None  # noqa: S101  after `start`
        end = min(self._done + (tiles or self._tiles), len(self._layout.places))
        while len(self._marks) > 1:
            self._marks.pop(0).wait()
        with computing_on(self._device):
            y, style = self._run(self._on_device.cut(self._done, end))
            self._on_device.blend(y, style, self._done, end)
            self._marks.append(Mark(self._device))
        self._done = end
        return end

    def launch_answer(self) -> None:
        """Divide by the weights, resize, and start the copy from the device."""
        assert self._on_device is not None  # noqa: S101  after `start`
        with computing_on(self._device):
            answer, style = self._on_device.answer()
            self._answer = fetched(answer), fetched(style)
            self._marks.append(Mark(self._device))

    def answer(self) -> tuple[FloatArray, FloatArray]:
        """Wait for the answer (3, Y, X) and the sum of the styles (S,), float32."""
        assert self._answer is not None  # noqa: S101  after `launch_answer`
        self._marks[-1].wait()
        y, style = self._answer
        return as_array(y), as_array(style)

    def close(self) -> None:
        """Let go of all memory."""
        self._image = self._on_device = self._answer = None

    def _run(self, tiles: Tensor) -> tuple[Tensor, Tensor]:
        y, style = self._backends[0].answer(tiles)
        count = len(self._backends)
        for backend in self._backends[1:]:
            more_y, more_style = backend.answer(tiles)
            y, style = y + more_y, style + more_style
        return (y / count, style / count) if count > 1 else (y, style)


class _OnDevice:
    """The tensors of a plane: padded (C, H, W), blended (3, H, W), styles (T, S)."""

    def __init__(self, image: Tensor, layout: PlaneLayout, style_size: int) -> None:
        self._layout = layout
        plane = _resized(image.permute(2, 0, 1), layout.inward)
        self._padded = plane.new_zeros((len(plane), *layout.padded))
        self._inside(self._padded).copy_(plane)
        del plane
        self._blended = self._padded.new_zeros((OUTPUTS, *layout.padded))
        self._styles = self._padded.new_empty((len(layout.places), style_size))
        self._places = torch.from_numpy(layout.places).to(image.device)
        self._weights = self._moved(torch.from_numpy(layout.weights))

    def cut(self, first: int, end: int) -> Tensor:
        """Give tiles as (N, C, h, w), flipped as they are to be."""
        places = self._places[first:end, :, None]
        rows, columns = (
            places[:, axis] + torch.where(places[:, 2 + axis] != 0, side - 1 - along, along)
            for axis, side in enumerate(self._layout.tile)
            for along in (torch.arange(side, device=places.device),)
        )
        tiles = self._padded[:, rows[:, :, None], columns[:, None, :]]
        return tiles.transpose(0, 1).contiguous()

    def blend(self, y: Tensor, style: Tensor, first: int, end: int) -> None:
        """Add the answers of tiles, in their order whatever the batch."""
        places = self._layout.places[first:end].tolist()
        answers = [
            _turned_back(each[:OUTPUTS], flip_y, flip_x)
            for each, (_, _, flip_y, flip_x) in zip(y, places, strict=True)
        ]
        height, width = self._layout.tile
        for each, (top, left, _, _) in zip(answers, places, strict=True):
            part = self._blended[:, top : top + height, left : left + width]
            part.addcmul_(each, self._weights)
        self._styles[first:end].copy_(style)

    def answer(self) -> tuple[Tensor, Tensor]:
        """Give the answer at its size, and the sum of the styles."""
        (top, left), (height, width) = self._layout.corner, self._layout.scaled
        rows, columns = (self._moved(torch.from_numpy(each)) for each in self._layout.sums)
        answer = self._inside(self._blended) / rows[top : top + height, None]
        answer /= columns[left : left + width]
        return _resized(answer, self._layout.outward).contiguous(), self._styles.sum(dim=0)

    def _inside(self, padded: Tensor) -> Tensor:
        (top, left), (height, width) = self._layout.corner, self._layout.scaled
        return padded[:, top : top + height, left : left + width]

    def _moved(self, values: Tensor) -> Tensor:
        return values.to(torch.float32).to(self._padded.device)


def _turned_back(answer: Tensor, flip_y: int, flip_x: int) -> Tensor:
    """Undo a tile's flips; a flip turned the flow along it (Y, X, probability)."""
    axes = [axis for axis, flip in ((1, flip_y), (2, flip_x)) if flip]
    if not axes:
        return answer
    answer = answer.flip(axes)
    for axis in axes:
        answer[axis - 1].neg_()
    return answer


def _resized(plane: Tensor, taps: tuple[Taps, Taps] | None) -> Tensor:
    """Resize (C, Y, X) bilinearly, along X first as `cv2.resize` does."""
    if taps is None:
        return plane
    for axis, along in ((2, taps[1]), (1, taps[0])):
        first, second, share = (
            torch.from_numpy(each).to(plane.device)
            for each in (along.first, along.second, along.share)
        )
        low, high = plane.index_select(axis, first), plane.index_select(axis, second)
        plane = low.lerp_(high, share if axis == 2 else share[:, None])
    return plane
