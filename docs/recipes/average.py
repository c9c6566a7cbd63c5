"""Average the weights of two networks, of which one was trained on from the other.

    python docs/recipes/average.py FIRST.safetensors SECOND.safetensors 0.3 OUT.safetensors

0.3 of the second and 0.7 of the first, with the second's diameters: what the second learnt anew,
without losing what the first knew (Wortsman et al., Robust fine-tuning of zero-shot models, 2022).
"""

from __future__ import annotations

import sys
from pathlib import Path

from cellwire.networks.weights import load_network_file, save_network


def main() -> None:
    """Read both, average, write."""
    first, second = (load_network_file(Path(path)) for path in sys.argv[1:3])
    share, before = float(sys.argv[3]), first.state_dict()
    averaged = {
        name: before[name].lerp(value, share)
        if value.is_floating_point() and not name.startswith("diam_")
        else value
        for name, value in second.state_dict().items()
    }
    second.load_state_dict(averaged)
    save_network(Path(sys.argv[4]), second)


if __name__ == "__main__":
    main()
