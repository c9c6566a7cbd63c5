"""The paper's ablations (Stringer et al. 2021, extended data figure 2) on nuclei, at equal budget.

    python -m tests.bench.ablations                         # 5 trainings of 900 steps
    python -m tests.bench.ablations --steps 60 --train-images 64 --validation-images 4

Each network is trained from scratch with the same views in the same order, and scored by AP on the
validation images with ground-truth diameters. What is finished in ``--out`` is not repeated.
Prints a Markdown table and leaves ``results.json`` in ``--out``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from cellwire.networks.architecture import Architecture
from cellwire.networks.unet import CellposeNet
from tests.bench.places import ROOT
from tests.bench.training_setup import keep_settings, nuclei_images, scored, train_ours

NETWORKS = {
    "full": Architecture(),
    "style off": Architecture(style=False),
    "plain blocks": Architecture(residual=False),
    "concatenation": Architecture(concatenate=True),
    "plain U-Net": Architecture.plain_unet(),
}


def main() -> None:
    """Train and score every network."""
    options = _options()
    keep_settings(options.out, options)
    images, validation = nuclei_images(
        options.train_images, options.validation_images, options.kind
    )
    rows = []
    for name, architecture in NETWORKS.items():
        folder = options.out / name.replace(" ", "-").lower()
        checkpoints = train_ours(
            architecture, images, validation, folder,
            crops=options.steps * options.batch, batch=options.batch, crop=options.crop,
            precision=options.precision, device=options.device,
        )  # fmt: skip
        end = scored(folder, checkpoints[-1:], validation, architecture, options.device)[0]
        own = CellposeNet(architecture).parameters()
        weights = sum(value.numel() for value in own if value.requires_grad)
        rows.append({"network": name, "weights": weights, **end})
    settings = {name: str(value) for name, value in vars(options).items()}
    content = {"settings": settings, "rows": rows}
    (options.out / "results.json").write_text(json.dumps(content, indent=1) + "\n")
    print(f"{len(images)} training images, {len(validation)} validation images, "
          f"{rows[0]['crops']:.0f} crops of {options.crop} px\n")  # fmt: skip
    print("| network | million weights | minutes | AP@0.5 | AP@0.75 |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(
            f"| {row['network']} | {row['weights'] / 1e6:.2f} | {row['minutes']:.0f} "
            f"| {row['ap50']:.3f} | {row['ap75']:.3f} |"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=900, help="Rounded to whole epochs.")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--crop", type=int, default=128)
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="bf16")
    parser.add_argument("--train-images", type=int, default=0, help="0 = all.")
    parser.add_argument("--validation-images", type=int, default=24, help="0 = all.")
    parser.add_argument("--kind", default="fluo", help="Validation images: fluo, he_purple, all.")
    parser.add_argument("--device", default="cpu", help="Name of a torch device, as cuda.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "ablations")
    return parser.parse_args()


if __name__ == "__main__":
    main()
