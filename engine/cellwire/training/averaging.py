"""A running average of the weights, which segments better than the last step's."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class WeightAverage:
    """Exponential moving average of all of a network's tensors, batch-norm statistics included.

    Parameters
    ----------
    network
        The network that is trained.
    horizon
        Steps over which the average reaches; it starts short and grows to this.
    """

    def __init__(self, network: nn.Module, horizon: int = 150) -> None:
        self.horizon = horizon
        self.steps = 0
        self.tensors = {name: value.detach().clone() for name, value in _state(network).items()}

    def restore(self, tensors: dict[str, Tensor], steps: int) -> None:
        """Take the place of an earlier average of the same network."""
        for name, kept in self.tensors.items():
            kept.copy_(tensors[name])
        self.steps = steps

    def update(self, network: nn.Module) -> None:
        """Take in the network as it is after a step."""
        self.steps += 1
        share = max(1.0 / self.horizon, 1.0 / (1.0 + self.steps / 4.0))
        kept, new = [], []
        with torch.no_grad():
            for name, value in _state(network).items():
                if value.is_floating_point():
                    kept.append(self.tensors[name])
                    new.append(value)
                else:
                    self.tensors[name].copy_(value)
            # All in one call: a GPU waits longer for hundreds of calls than it computes.
            torch._foreach_lerp_(kept, new, share)


def _state(network: nn.Module) -> dict[str, Tensor]:
    return network.state_dict()
