"""The way through a folded network, once for all libraries that compute it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from cellwire.networks.folding import Block, Convolution, FoldedNetwork, Step, StyleShift

    FloatArray = npt.NDArray[np.floating]

T = TypeVar("T")


class Operations(Protocol[T]):
    """What a library does with its own arrays ``T``, each (N, C, H, W) or a style (N, S)."""

    def convolve(self, x: T, layer: Convolution) -> T:
        """Convolve, keeping height and width."""

    def convolve_doubled(self, x: T, layer: Convolution) -> T:
        """Convolve what `double` gives, doubled or not (see `Convolution.before_doubling`)."""

    def activate(
        self, x: T, scale: FloatArray | None, shift: FloatArray | StyleShift | None, style: T
    ) -> T:
        """Give ``relu(scale * x + shift)``; the shift may come from the style."""

    def add(self, x: T, y: T) -> T:
        """Add two arrays of one shape."""

    def join(self, x: T, y: T) -> T:
        """Put the channels of two arrays one after the other."""

    def halve(self, x: T) -> T:
        """Take the largest of each 2×2 pixels."""

    def double(self, x: T) -> T:
        """Repeat each pixel 2×2 times."""

    def unit_style(self, x: T) -> T:
        """Give the mean over the image, scaled to unit length."""


def forward(network: FoldedNetwork, x: T, do: Operations[T]) -> tuple[T, T]:
    """Run a network.

    Parameters
    ----------
    network
        The network.
    x
        (N, channels_in, H, W), H and W multiples of its divisor.
    do
        Who computes.

    Returns
    -------
    y, style
        (N, outputs, H, W) and (N, style_size).
    """
    features: list[T] = []
    for level, block in enumerate(network.down):
        x = _down(block, do.halve(x) if level else x, do)
        features.append(x)
    style = do.unit_style(x)
    deepest = len(features) - 1
    for level in range(deepest, -1, -1):
        block, join = network.up[level], network.concatenate
        x = _up(block, x, features[level], style, do, grow=level < deepest, join=join)
    return _step(network.output, x, style, do), style


def _down(block: Block, x: T, do: Operations[T]) -> T:
    # No step of this path uses the style, so that x stands in for it.
    inner = _step(block.steps[1], _step(block.steps[0], x, x, do), x, do)
    return _shortcut(block, x, inner, x, do)


def _up(
    block: Block,
    x: T,
    skip: T,
    style: T,
    do: Operations[T],
    *,
    grow: bool,
    join: bool,
) -> T:
    # What looks at one pixel at a time comes before the growth, a quarter of the work after it.
    first = block.steps[0]
    convolve = do.convolve_doubled if grow else do.convolve
    inner = convolve(do.activate(x, first.scale, first.shift, style), first.convolution)
    inner = do.join(skip, inner) if join else do.add(inner, skip)
    return _shortcut(block, x, _step(block.steps[1], inner, style, do), style, do, grow=grow)


def _shortcut(
    block: Block, x: T, inner: T, style: T, do: Operations[T], *, grow: bool = False
) -> T:
    if block.projection is None:
        return inner
    shortcut = do.convolve(x, block.projection)
    x = do.add(inner, do.double(shortcut) if grow else shortcut)
    inner = _step(block.steps[3], _step(block.steps[2], x, style, do), style, do)
    return do.add(x, inner)


def _step(step: Step, x: T, style: T, do: Operations[T]) -> T:
    return do.convolve(do.activate(x, step.scale, step.shift, style), step.convolution)
