"""Our network for the benchmark, from a checkpoint in Cellpose's format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cellwire.networks.inference import Network


def our_network(checkpoint: str) -> Network:
    """Load the checkpoint that the peer loads too."""
    from cellwire.networks.inference import network_from_checkpoint

    return network_from_checkpoint(Path(checkpoint))
