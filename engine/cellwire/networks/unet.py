"""The Cellpose network: a U-Net whose style vector steers the upward path."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional

from cellwire.networks.architecture import Architecture
from cellwire.networks.blocks import (
    PlainDown,
    PlainUp,
    ResidualDown,
    ResidualUp,
    activated_convolution,
)


class DownwardPath(nn.Module):
    """Features at every resolution, finest first."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        block = ResidualDown if architecture.residual else PlainDown
        prefix = "res_down" if architecture.residual else "conv_down"
        widths = (architecture.channels_in, *architecture.base)
        self.down = nn.Sequential()
        for level, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
            self.down.add_module(f"{prefix}_{level}", block(inputs, outputs))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Give one (N, width, H / 2**level, W / 2**level) a level."""
        features: list[Tensor] = []
        for level, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2, stride=2) if level else x)
            features.append(x)
        return features


class UpwardPath(nn.Module):
    """From the deepest features back to full resolution."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        block = ResidualUp if architecture.residual else PlainUp
        prefix = "res_up" if architecture.residual else "conv_up"
        widths = (*architecture.base, architecture.base[-1])
        self.up = nn.Sequential()
        for level, (outputs, inputs) in enumerate(itertools.pairwise(widths)):
            self.up.add_module(
                f"{prefix}_{level}",
                block(inputs, outputs, architecture.style_size, architecture.concatenate),
            )

    def forward(self, features: list[Tensor], style: Tensor) -> Tensor:
        """Give (N, base[0], H, W) from the features of the downward path and the style."""
        deepest = len(features) - 1
        x = features[deepest]
        for level in range(deepest, -1, -1):
            if level < deepest:
                x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = self.up[level](x, features[level], style)
        return x


class CellposeNet(nn.Module):
    """The residual U-Net with style vector of Stringer et al. 2021, and its ablations.

    State dictionaries are interchangeable with Cellpose 1 to 3 (peer:
    ``cellpose.resnet_torch.CPnet``).

    Parameters
    ----------
    architecture
        Which network to build.
    diam_mean
        Diameter in pixels to which cells are resized before they reach the network.
    """

    def __init__(self, architecture: Architecture | None = None, diam_mean: float = 30.0) -> None:
        super().__init__()
        architecture = architecture or Architecture()
        self.architecture = architecture
        self.downsample = DownwardPath(architecture)
        self.upsample = UpwardPath(architecture)
        self.output = activated_convolution(architecture.base[0], architecture.outputs, kernel=1)
        self.diam_mean = nn.Parameter(torch.full((1,), float(diam_mean)), requires_grad=False)
        self.diam_labels = nn.Parameter(torch.full((1,), float(diam_mean)), requires_grad=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Run the network.

        Parameters
        ----------
        x
            (N, channels_in, H, W) float32, normalised; H and W multiples of
            ``architecture.divisor``.

        Returns
        -------
        y, style
            (N, outputs, H, W) float32: dY and dX times 5 and the logit of being in a cell; and
            (N, style_size) float32 of unit length.
        """
        features = self.downsample(x)
        style = unit_style(features[-1])
        steering = style if self.architecture.style else torch.zeros_like(style)
        return self.output(self.upsample(features, steering)), style


def unit_style(deepest: Tensor) -> Tensor:
    """Give the mean of the deepest features over the image, scaled to unit length.

    Parameters
    ----------
    deepest
        (N, C, h, w).

    Returns
    -------
    style
        (N, C).
    """
    style = functional.avg_pool2d(deepest, kernel_size=deepest.shape[2:]).flatten(1)
    return style / torch.sum(style**2, dim=1, keepdim=True) ** 0.5
