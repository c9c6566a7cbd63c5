"""Our training against Cellpose's own (``cellpose.train``, 3.1.1.3) on the same images.

    python -m tests.bench.against_reference_training                  # hours on two cores
    python -m tests.bench.against_reference_training --crops 800 --every 200 --minutes 10

Three trainings from scratch on the train split of nuclei_train: the peer's; ours with as many crops
of the same size; ours, as it would be run, for as long as the peer took (or ``--minutes``). Weights
are kept in the course of each and scored afterwards alike, by AP on the validation images with
ground-truth diameters. Reading images and computing flows counts for nobody's time. What is
finished in ``--out`` is not repeated; an interrupted training begins again. Leaves
``results.json`` and ``curves.png`` there.

The peer gets the most of its schedule: short epochs, so that its ten epochs of warm-up are few
crops and, with more than a hundred epochs, the rate falls at the end.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from cellwire.images.reading import read_image
from tests.bench.places import ROOT
from tests.bench.training_setup import (
    DIAM_MEAN,
    LEAST_CELLS,
    Checkpoint,
    keep_settings,
    nuclei_images,
    scored,
    train_ours,
)

if TYPE_CHECKING:
    from cellwire.training.training_images import TrainingImage

BATCH, CROP = 8, 224
NAMES = {
    "peer": "cellpose.train 3.1.1.3",
    "ours_crops": "Cellwire, as many crops",
    "ours_minutes": "Cellwire, by the clock",
}
COLOURS = {"peer": "#8a8a8a", "ours_crops": "#2a6f97", "ours_minutes": "#e07a2f"}


def main() -> None:
    """Train, score, write."""
    options = _options()
    out: Path = options.out
    keep_settings(out, options)
    images, validation = nuclei_images(
        options.train_images, options.validation_images, options.kind
    )
    print(f"{len(images)} training images, {len(validation)} validation images", flush=True)
    peer = train_peer(images, out / "peer", options)
    count = max(1, options.crops // options.every)
    ours_crops = train_ours(
        None, images, validation, out / "ours_crops",
        crops=options.crops, checkpoints=count, batch=BATCH, crop=CROP,
        precision=options.precision, device=options.device,
    )  # fmt: skip
    minutes = options.minutes or peer[-1].minutes
    ours_minutes = train_ours(
        None, images, validation, out / "ours_minutes",
        minutes=minutes, checkpoints=count, batch=options.batch, crop=options.crop,
        large_crop=options.large_crop, precision=options.precision, device=options.device,
    )  # fmt: skip
    results = {
        name: scored(out / name, checkpoints, validation, device=options.device)
        for name, checkpoints in (
            ("peer", peer), ("ours_crops", ours_crops), ("ours_minutes", ours_minutes),
        )
    }  # fmt: skip
    settings = {name: str(value) for name, value in vars(options).items()}
    content = {"settings": settings, "threads": torch.get_num_threads(), "results": results}
    (out / "results.json").write_text(json.dumps(content, indent=1) + "\n")
    draw(out / "curves.png", results)
    print("| training | crops | minutes | AP@0.5 | AP@0.75 |\n| --- | ---: | ---: | ---: | ---: |")
    for name, points in results.items():
        end = points[-1]
        cells = f"{end['crops']} | {end['minutes']:.0f} | {end['ap50']:.3f} | {end['ap75']:.3f}"
        print(f"| {NAMES[name]} | {cells} |")


def train_peer(
    images: list[TrainingImage], folder: Path, options: argparse.Namespace
) -> list[Checkpoint]:
    """Train by the peer's own function, and note how long each of its checkpoints took."""
    done = folder / "checkpoints.json"
    if done.is_file():
        return [Checkpoint(**each) for each in json.loads(done.read_text())]
    from cellpose import train
    from cellpose.resnet_torch import CPnet

    logging.getLogger("cellpose.train").setLevel(logging.INFO)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    network = CPnet([2, 32, 64, 128, 256], 3, 3, diam_mean=DIAM_MEAN)
    network.to(options.device)
    an_epoch = max(1, options.crops // (200 * BATCH)) * BATCH
    epochs = max(1, options.crops // an_epoch)
    started = [time.time()]
    prepare = train._process_train_test

    def timed(*given: object, **named: object) -> object:
        ready = prepare(*given, **named)
        started[0] = time.time()
        return ready

    train._process_train_test = timed
    try:
        train.train_seg(
            network,
            train_data=[_grey(each) for each in images],
            train_labels=[each.labels.astype(np.int32) for each in images],
            channels=[0, 0],
            normalize=True,
            batch_size=BATCH,
            n_epochs=epochs,
            nimg_per_epoch=an_epoch,
            min_train_masks=LEAST_CELLS,
            bsize=CROP,
            save_path=folder,
            save_every=max(1, round(options.every / an_epoch)),
            save_each=True,
            model_name="peer",
            **(
                {"SGD": True, "learning_rate": 0.2}
                if options.peer == "sgd"
                else {"SGD": False, "learning_rate": 0.005}
            ),
        )
    finally:
        train._process_train_test = prepare
    found = []
    for path in sorted((folder / "models").iterdir()):
        number = path.name.rpartition("_epoch_")[2]
        crops = (int(number) + 1) * an_epoch if number.isdigit() else epochs * an_epoch
        minutes = (path.stat().st_mtime - started[0]) / 60.0
        found.append(Checkpoint(crops, minutes, f"models/{path.name}"))
    found.sort(key=lambda each: each.crops)
    done.write_text(json.dumps([asdict(each) for each in found], indent=1) + "\n")
    return found


def draw(path: Path, results: dict[str, list[dict[str, float]]]) -> None:
    """Draw AP@0.5 against crops and against minutes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 3.4), dpi=90, layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for name, points in results.items():
        for axes, column in ((left, "crops"), (right, "minutes")):
            # Crops of another size are not comparable by their number.
            if axes is left and name == "ours_minutes":
                continue
            axes.plot(
                [0, *(point[column] for point in points)],
                [0, *(point["ap50"] for point in points)],
                "o-", ms=3, color=COLOURS[name], label=NAMES[name],
            )  # fmt: skip
    left.set_xlabel("crops of 224 × 224 seen")
    right.set_xlabel("minutes of training")
    left.set_ylabel("validation AP@0.5, true diameters")
    left.set_ylim(0.0, 1.0)
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.set_xlim(left=0)
    right.legend(frameon=False, loc="lower right")
    figure.savefig(path)


def _grey(image: TrainingImage) -> np.ndarray:
    loaded = read_image(image.pair.image)
    array = loaded.array.astype(np.float32)
    return array.mean(axis=loaded.axes.index("C")) if "C" in loaded.axes else array


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--crops", type=int, default=4800)
    parser.add_argument("--every", type=int, default=600, help="Crops between points.")
    parser.add_argument("--minutes", type=float, help="Of ours; default: as long as the peer.")
    parser.add_argument(
        "--peer",
        choices=("adamw", "sgd"),
        default="adamw",
        help="train_seg's own default (rate 0.005), or the 2021 recipe (0.2).",
    )
    parser.add_argument("--batch", type=int, default=16, help="Of ours at equal time.")
    parser.add_argument("--crop", type=int, default=128, help="Of ours at equal time.")
    parser.add_argument("--large-crop", type=int, default=224, help="Of ours at equal time.")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="bf16", help="Of ours.")
    parser.add_argument("--train-images", type=int, default=0, help="0 = all.")
    parser.add_argument("--validation-images", type=int, default=24, help="0 = all.")
    parser.add_argument("--kind", default="fluo", help="Validation images: fluo, he_purple, all.")
    parser.add_argument("--device", default="cpu", help="Of all, a torch device as cuda.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "reference-training")
    return parser.parse_args()


if __name__ == "__main__":
    main()
