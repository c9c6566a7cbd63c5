"""The most that 3×3 convolutions reach on a device, in GFLOP/s: the network is made of little else.

    python -m tests.bench.conv_peak --device cpu --precision fp32

Channels-last convolutions by torch (oneDNN, cuDNN), of the network's own sizes; the best of many
runs of the best size.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import time

from tests.bench.places import ROOT

SIZES = ((64, 112), (128, 56), (256, 28))
"""Channels and side of the network's layers."""
BATCH = 8
SECONDS = 1.5
"""Of each size."""


def conv_peak(device: str, precision: str) -> float:
    """Measure it in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.conv_peak", "--device", device,
         "--precision", precision],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout)


def _measure(device: str, precision: str, channels: int, side: int) -> float:
    import torch

    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    options = {"device": device, "dtype": dtype}
    x = torch.randn(BATCH, channels, side, side, **options).to(memory_format=torch.channels_last)
    layer = torch.nn.Conv2d(channels, channels, 3, padding=1, bias=False, **options)
    layer = layer.to(memory_format=torch.channels_last)
    wait = torch.cuda.synchronize if device.startswith("cuda") else contextlib.nullcontext
    best, end = float("inf"), time.perf_counter() + SECONDS
    with torch.inference_mode():
        layer(x)
        wait()
        while time.perf_counter() < end:
            start = time.perf_counter()
            for _ in range(4):
                layer(x)
            wait()
            best = min(best, (time.perf_counter() - start) / 4)
    return 2 * 9 * BATCH * side**2 * channels**2 / best / 1e9


def main() -> None:
    """Print the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="fp32", choices=("fp32", "bf16"))
    options = parser.parse_args()
    print(max(_measure(options.device, options.precision, *size) for size in SIZES))


if __name__ == "__main__":
    main()
