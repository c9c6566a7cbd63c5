"""A network for inference: batch norms folded into the convolutions around them.

A batch norm is ``scale * x + shift`` with constants. It joins the convolution before it where that
feeds nothing else, and a 1×1 projection after it; those between a sum and an activation stay.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from cellwire.networks.weight_arrays import NetworkWeights

    FloatArray = npt.NDArray[np.floating]

BATCH_NORM_EPS = 1e-5


@dataclass(frozen=True, eq=False, slots=True)
class Scaling:
    """``scale * x + shift``, channel by channel; both (C,)."""

    scale: FloatArray
    shift: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Convolution:
    """A convolution that keeps height and width: weight (out, in, k, k), bias (out,)."""

    weight: FloatArray
    bias: FloatArray

    def then(self, scaling: Scaling) -> Convolution:
        """Give the convolution whose answer is already scaled."""
        return Convolution(
            self.weight * scaling.scale[:, None, None, None],
            self.bias * scaling.scale + scaling.shift,
        )

    def after(self, scaling: Scaling) -> Convolution:
        """Give the convolution that scales its own input; only for 1×1, which sees no border."""
        flat = self.weight[:, :, 0, 0]
        weight = (flat * scaling.scale)[:, :, None, None]
        return Convolution(weight, self.bias + flat @ scaling.shift)

    def before_doubling(self) -> FloatArray:
        """Give the kernels that answer from pixels not yet repeated 2×2 times, float32.

        Repeated pixels meet several weights each, whose sums are taken here once: a convolution of
        3×3 takes four multiplications a pixel instead of nine, at the border too.

        Returns
        -------
        kernels
            (in, out, k + 1, k + 1): a transposed convolution of stride 2 and border ``k // 2``.
        """
        outputs, inputs, side, _ = self.weight.shape
        turned = self.weight[:, :, ::-1, ::-1].astype(np.float64)
        sums = np.zeros((outputs, inputs, side + 1, side + 1))
        for row, column in itertools.product((0, 1), repeat=2):
            sums[:, :, row : row + side, column : column + side] += turned
        return _single(sums.swapaxes(0, 1))


@dataclass(frozen=True, eq=False, slots=True)
class StyleShift:
    """What the style adds, channel by channel: ``matrix @ style + bias``.

    ``matrix`` (C, style) is ``None`` where the style is off.
    """

    matrix: FloatArray | None
    bias: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """Scaling (``None`` = folded away), what the style adds, ReLU, convolution."""

    scale: FloatArray | None
    shift: FloatArray | StyleShift | None
    convolution: Convolution


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """One level of a path: the projection of its shortcut (residual blocks only), its steps."""

    projection: Convolution | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, eq=False, slots=True)
class FoldedNetwork:
    """Blocks of both paths, finest first, and the last step.

    Attributes
    ----------
    down, up
        Blocks by level.
    output
        From the features to flows and probability.
    concatenate
        Whether skips are put beside the features, else added.
    """

    down: tuple[Block, ...]
    up: tuple[Block, ...]
    output: Step
    concatenate: bool


def fold(weights: NetworkWeights) -> FoldedNetwork:
    """Fold a network's batch norms; computed in float64, rounded once."""
    own = weights.architecture
    reader = _Reader(weights)
    down, up = ("res_down", "res_up") if own.residual else ("conv_down", "conv_up")
    levels = range(len(own.base))
    return FoldedNetwork(
        tuple(reader.down_block(f"downsample.down.{down}_{level}") for level in levels),
        tuple(reader.up_block(f"upsample.up.{up}_{level}") for level in levels),
        reader.step("output"),
        own.concatenate,
    )


class _Reader:
    def __init__(self, weights: NetworkWeights) -> None:
        self._tensors = weights.tensors
        self._own = weights.architecture

    def down_block(self, name: str) -> Block:
        steps = self._pair(f"{name}.conv", 0)
        if not self._own.residual:
            return Block(None, steps)
        return Block(self._projection(name), (*steps, *self._pair(f"{name}.conv", 2)))

    def up_block(self, name: str) -> Block:
        # A skip comes between the first two, so that nothing is folded across.
        first = self.step(f"{name}.conv.conv_0")
        second = self._styled(f"{name}.conv.conv_1")
        if not self._own.residual:
            return Block(None, (first, second))
        third = self._styled(f"{name}.conv.conv_2")
        fourth = self._styled(f"{name}.conv.conv_3")
        pair = self._folded(third, self._norm(f"{name}.conv.conv_3.conv.0"), fourth)
        return Block(self._projection(name), (first, second, *pair))

    def step(self, name: str) -> Step:
        norm = self._norm(f"{name}.0")
        return Step(_single(norm.scale), _single(norm.shift), self._convolution(f"{name}.2"))

    def _pair(self, name: str, index: int) -> tuple[Step, Step]:
        first, second = (self.step(f"{name}.conv_{each}") for each in (index, index + 1))
        norm = self._norm(f"{name}.conv_{index + 1}.0")
        joined = Step(first.scale, first.shift, _rounded(_wide(first.convolution).then(norm)))
        return joined, Step(None, None, second.convolution)

    def _folded(self, first: Step, norm: Scaling, second: Step) -> tuple[Step, Step]:
        scale = Scaling(norm.scale, np.zeros_like(norm.shift))
        convolution = _wide(first.convolution).then(scale)
        if isinstance(second.shift, StyleShift) and second.shift.matrix is not None:
            joined = Step(first.scale, first.shift, _rounded(convolution))
            return joined, Step(None, second.shift, second.convolution)
        assert isinstance(second.shift, np.ndarray)  # noqa: S101  without a style it is constant
        whole = Convolution(convolution.weight, convolution.bias + second.shift)
        joined = Step(first.scale, first.shift, _rounded(whole))
        return joined, Step(None, None, second.convolution)

    def _styled(self, name: str) -> Step:
        norm = self._norm(f"{name}.conv.0")
        matrix = self._wide(f"{name}.full.weight") * norm.scale[:, None]
        bias = self._wide(f"{name}.full.bias") * norm.scale + norm.shift
        shift = StyleShift(_single(matrix), _single(bias)) if self._own.style else _single(bias)
        return Step(_single(norm.scale), shift, self._convolution(f"{name}.conv.2"))

    def _projection(self, name: str) -> Convolution:
        convolution = _wide(self._convolution(f"{name}.proj.1"))
        return _rounded(convolution.after(self._norm(f"{name}.proj.0")))

    def _norm(self, name: str) -> Scaling:
        deviation = np.sqrt(self._wide(f"{name}.running_var") + BATCH_NORM_EPS)
        scale = self._wide(f"{name}.weight") / deviation
        mean = self._wide(f"{name}.running_mean")
        return Scaling(scale, self._wide(f"{name}.bias") - mean * scale)

    def _convolution(self, name: str) -> Convolution:
        return Convolution(self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"])

    def _wide(self, name: str) -> FloatArray:
        return self._tensors[name].astype(np.float64)


def _wide(convolution: Convolution) -> Convolution:
    return Convolution(
        convolution.weight.astype(np.float64),
        convolution.bias.astype(np.float64),
    )


def _rounded(convolution: Convolution) -> Convolution:
    return Convolution(_single(convolution.weight), _single(convolution.bias))


def _single(values: FloatArray) -> FloatArray:
    return np.ascontiguousarray(values, np.float32)
