from __future__ import annotations

import numpy as np
import pytest
import torch

from cellwire.errors import InvalidParameterError
from cellwire.networks.architecture import Architecture
from cellwire.networks.inference import Network
from cellwire.networks.unet import CellposeNet
from cellwire.networks.weights import infer_architecture

# Counted from the layers of Cellpose 2 with its options.
PARAMETERS = [
    (Architecture(), 6_600_845),
    (Architecture(channels_in=1), 6_600_845 - 32 * 9 - 32 - 2 * 2),
    (Architecture(channels_in=5), 6_600_845 + 3 * (32 * 9 + 32 + 2 * 2)),
    (Architecture(style=False), 6_600_845),
]


@pytest.mark.parametrize(("architecture", "count"), PARAMETERS)
def test_number_of_parameters(architecture: Architecture, count: int) -> None:
    assert sum(each.numel() for each in CellposeNet(architecture).parameters()) == count


def test_concatenation_doubles_what_takes_the_skip() -> None:
    added = CellposeNet(Architecture()).state_dict()
    joined = CellposeNet(Architecture(concatenate=True)).state_dict()
    for level, width in enumerate((32, 64, 128, 256)):
        name = f"upsample.up.res_up_{level}.conv.conv_1.conv.2.weight"
        assert added[name].shape == (width, width, 3, 3)
        assert joined[name].shape == (width, 2 * width, 3, 3)


@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("style", [True, False])
@pytest.mark.parametrize("concatenate", [True, False])
def test_ablations_run_and_are_recognised(residual: bool, style: bool, concatenate: bool) -> None:
    architecture = Architecture(3, (4, 8, 16), 3, residual, style, concatenate)
    net = CellposeNet(architecture).eval()
    with torch.inference_mode():
        y, vector = net(torch.rand(2, 3, 16, 24))
    assert y.shape == (2, 3, 16, 24)
    assert vector.shape == (2, 16)
    np.testing.assert_allclose(vector.norm(dim=1), 1.0, rtol=1e-5)
    name = "residual_on_style_on" if style else "residual_on_style_off"
    assert infer_architecture(net.state_dict(), name) == architecture


def test_plain_unet_does_not_hear_the_style() -> None:
    net = CellposeNet(Architecture.plain_unet()).eval()
    x = torch.rand(1, 2, 32, 32)
    with torch.inference_mode():
        before = net(x)[0].clone()
        for name, value in net.named_parameters():
            if name.endswith("full.weight"):
                value.fill_(100.0)
        assert torch.equal(net(x)[0], before)


def test_the_style_steers_the_full_network() -> None:
    net = CellposeNet().eval()
    x = torch.rand(1, 2, 32, 32)
    with torch.inference_mode():
        before = net(x)[0].clone()
        net.upsample.up[0].conv[1].full.weight.mul_(10.0)
        assert not torch.equal(net(x)[0], before)


def test_a_batch_neighbour_changes_nothing() -> None:
    torch.manual_seed(0)
    running = Network([CellposeNet()], "cpu")
    tiles = np.random.default_rng(0).random((5, 2, 64, 64), dtype=np.float32)
    together, styles = running.run(tiles)
    for index in range(5):
        other = tiles.copy()
        other[np.arange(5) != index] = 1000.0
        y, style = running.run(other)
        np.testing.assert_array_equal(y[index], together[index])
        np.testing.assert_array_equal(style[index], styles[index])


def test_an_ensemble_is_the_average() -> None:
    nets = [CellposeNet(Architecture(2, (4, 8))) for _ in range(3)]
    tiles = np.random.default_rng(0).random((2, 2, 16, 16), dtype=np.float32)
    each = [Network([net], "cpu").run(tiles) for net in nets]
    y, style = Network(nets, "cpu").run(tiles)
    np.testing.assert_allclose(y, np.mean([a for a, _ in each], axis=0), atol=1e-6)
    np.testing.assert_allclose(style, np.mean([b for _, b in each], axis=0), atol=1e-6)


def test_impossible_architectures_are_refused() -> None:
    with pytest.raises(InvalidParameterError, match="at least one channel"):
        Architecture(channels_in=0)
    with pytest.raises(InvalidParameterError, match="newer version"):
        Architecture.from_dict({"base": [3], "colour": "blue"})
