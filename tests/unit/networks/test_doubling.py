"""Convolutions of doubled pixels are answered from the pixels before, at the border too."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from cellwire.networks.architecture import Architecture
from cellwire.networks.backend_choice import make_backend
from cellwire.networks.folding import Convolution
from cellwire.networks.weights import arrays_of
from tests.unit.networks.test_backends import plain, random_net, relative, tiles_of


@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from([1, 3, 5]),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.integers(0, 2**32 - 1),
)
def test_the_kernels_give_the_same_answer_to_the_bit(
    shape: tuple[int, int], side: int, channels: tuple[int, int], seed: int
) -> None:
    # Whole numbers, whose sums float32 has exactly.
    rng = np.random.default_rng(seed)
    inputs, outputs = channels
    x = torch.from_numpy(rng.integers(-99, 100, (2, inputs, *shape)).astype(np.float32))
    weight = rng.integers(-99, 100, (outputs, inputs, side, side)).astype(np.float32)
    layer = Convolution(weight, np.zeros(outputs, np.float32))
    doubled = functional.interpolate(x, scale_factor=2.0, mode="nearest")
    expected = functional.conv2d(doubled, torch.from_numpy(weight), padding=side // 2)
    kernels = torch.from_numpy(layer.before_doubling())
    answer = functional.conv_transpose2d(x, kernels, stride=2, padding=side // 2)
    assert torch.equal(answer, expected)


def test_weights_are_summed_before_they_are_rounded() -> None:
    weight = np.full((1, 1, 3, 3), 2.0**-24, np.float32)
    weight[0, 0, 1, 1] = 1.0
    kernels = Convolution(weight, np.zeros(1, np.float32)).before_doubling()
    assert kernels.dtype == np.float32
    assert kernels[0, 0, 1, 1] == np.float32(1.0 + 3 * 2.0**-24) > 1.0


@pytest.mark.parametrize("backend", ["torch", "openvino", "ncnn"])
@pytest.mark.parametrize("shape", [(2, 2), (2, 14), (6, 10), (18, 4)])
def test_odd_sizes_before_the_growth_are_answered_alike(
    backend: str, shape: tuple[int, int]
) -> None:
    pytest.importorskip(backend)
    net = random_net(Architecture(2, (4, 8)))
    tiles = tiles_of(2, 2, *shape)
    y, style = plain(net, tiles)
    own_y, own_style = make_backend(backend, arrays_of(net), "fp32", "cpu").run(tiles)
    assert relative(own_y, y) < 1e-5
    assert relative(own_style, style) < 1e-5
