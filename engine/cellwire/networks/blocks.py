"""The blocks of a Cellpose network.

Every convolution is pre-activated: batch norm, ReLU, convolution (He et al. 2016). Attribute and
module names are those of Cellpose's state dictionaries, so that its files load as they are
(peer: ``cellpose.resnet_torch``; the plain blocks are those of Cellpose 2).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

BATCH_NORM_EPS = 1e-5
BATCH_NORM_MOMENTUM = 0.05
KERNEL = 3


def activated_convolution(inputs: int, outputs: int, kernel: int = KERNEL) -> nn.Sequential:
    """Give batch norm, ReLU and a convolution that keeps height and width."""
    return nn.Sequential(
        nn.BatchNorm2d(inputs, eps=BATCH_NORM_EPS, momentum=BATCH_NORM_MOMENTUM),
        nn.ReLU(inplace=True),
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2),
    )


def projection(inputs: int, outputs: int) -> nn.Sequential:
    """Give batch norm and a 1×1 convolution: the shortcut of a residual block."""
    return nn.Sequential(
        nn.BatchNorm2d(inputs, eps=BATCH_NORM_EPS, momentum=BATCH_NORM_MOMENTUM),
        nn.Conv2d(inputs, outputs, 1),
    )


def _named(*modules: nn.Module) -> nn.Sequential:
    sequence = nn.Sequential()
    for index, module in enumerate(modules):
        sequence.add_module(f"conv_{index}", module)
    return sequence


class ResidualDown(nn.Module):
    """Four convolutions with two shortcuts, the first of them projected.

    Takes (N, inputs, H, W) and gives (N, outputs, H, W).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = _named(
            activated_convolution(inputs, outputs),
            *(activated_convolution(outputs, outputs) for _ in range(3)),
        )
        self.proj = projection(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Give the features of one level of the downward path."""
        x = self.proj(x) + self.conv[1](self.conv[0](x))
        return x + self.conv[3](self.conv[2](x))  # type: ignore[no-any-return]


class PlainDown(nn.Module):
    """Two convolutions: (N, inputs, H, W) to (N, outputs, H, W)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = _named(
            activated_convolution(inputs, outputs), activated_convolution(outputs, outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Give the features of one level of the downward path."""
        return self.conv[1](self.conv[0](x))  # type: ignore[no-any-return]


class StyledConvolution(nn.Module):
    """A pre-activated convolution whose input is shifted, channel by channel, by the style.

    Parameters
    ----------
    width
        Channels in and out.
    style_size
        Length of the style vector.
    concatenate
        Whether `forward` gets a skip that is concatenated; then the input is twice as wide.
    """

    def __init__(self, width: int, style_size: int, concatenate: bool = False) -> None:
        super().__init__()
        inputs = 2 * width if concatenate else width
        self.concatenate = concatenate
        self.conv = activated_convolution(inputs, width)
        self.full = nn.Linear(style_size, inputs)

    def forward(self, x: Tensor, style: Tensor, skip: Tensor | None = None) -> Tensor:
        """Give (N, width, H, W) from the same, the style (N, style_size) and a skip."""
        if skip is not None:
            x = torch.cat((skip, x), dim=1) if self.concatenate else x + skip
        shift: Tensor = self.full(style)
        return self.conv(x + shift[:, :, None, None])  # type: ignore[no-any-return]


class ResidualUp(nn.Module):
    """Four convolutions, two shortcuts; the skip enters the second, the style the last three."""

    def __init__(self, inputs: int, outputs: int, style_size: int, concatenate: bool) -> None:
        super().__init__()
        self.conv = _named(
            activated_convolution(inputs, outputs),
            StyledConvolution(outputs, style_size, concatenate),
            StyledConvolution(outputs, style_size),
            StyledConvolution(outputs, style_size),
        )
        self.proj = projection(inputs, outputs)

    def forward(self, x: Tensor, skip: Tensor, style: Tensor) -> Tensor:
        """Give the features of one level of the upward path."""
        x = self.proj(x) + self.conv[1](self.conv[0](x), style, skip)
        return x + self.conv[3](self.conv[2](x, style), style)  # type: ignore[no-any-return]


class PlainUp(nn.Module):
    """Two convolutions; skip and style enter the second."""

    def __init__(self, inputs: int, outputs: int, style_size: int, concatenate: bool) -> None:
        super().__init__()
        self.conv = _named(
            activated_convolution(inputs, outputs),
            StyledConvolution(outputs, style_size, concatenate),
        )

    def forward(self, x: Tensor, skip: Tensor, style: Tensor) -> Tensor:
        """Give the features of one level of the upward path."""
        return self.conv[1](self.conv[0](x), style, skip)  # type: ignore[no-any-return]
