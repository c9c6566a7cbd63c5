"""What a training makes small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

FLOW_SCALE = 5.0
"""Flows are learnt five times as long as unit vectors, so that they weigh as much as the logit."""


def cellpose_loss(y: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Give the mean squared flow error, halved, plus the cross-entropy of being in a cell.

    Stringer et al. 2021, Methods; peer: ``cellpose.train._loss_fn_seg``.

    Parameters
    ----------
    y
        (N, 3, Y, X) dY and dX times 5 and the logit, as the network gives them.
    targets
        (N, 3, Y, X) 1 in cells else 0, unit dY and dX.
    weights
        (N, 1, Y, X) how much each pixel counts; the means are taken over the weights. ``None`` =
        all alike.
    """
    inside = (targets[:, 0] > 0.5).to(y.dtype)
    flows = FLOW_SCALE * targets[:, 1:]
    if weights is None:
        flow_error = functional.mse_loss(y[:, :2], flows) / 2.0
        return flow_error + functional.binary_cross_entropy_with_logits(y[:, 2], inside)
    total = weights.sum().clamp(min=1.0)
    squares = functional.mse_loss(y[:, :2], flows, reduction="none") * weights
    entropy = functional.binary_cross_entropy_with_logits(
        y[:, 2], inside, weights[:, 0], reduction="sum"
    )
    return squares.sum() / (4.0 * total) + entropy / total
