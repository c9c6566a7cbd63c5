"""What the training benches share: the images, our training, and the score of a network.

All that they use of `cellwire.training` is used here.
"""

from __future__ import annotations

import json
import time
import zlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from cellwire.evaluation.matching import average_precision
from cellwire.networks.inference import Network
from cellwire.networks.unet import CellposeNet
from cellwire.segmentation.parameters import CellposeParameters, Normalisation
from cellwire.segmentation.pipeline import segment_plane
from cellwire.training.batches import BatchPlan
from cellwire.training.folders import find_pairs
from cellwire.training.loop import train
from cellwire.training.recipe import EASED_IN
from cellwire.training.settings import Scores, TrainingSettings
from cellwire.training.training_images import TrainingImage, load_images
from tests.bench.places import SHARED

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from cellwire.networks.architecture import Architecture

DIAM_MEAN = 17.0
"""Pixels, for both: that of nuclei networks."""
LEAST_CELLS = 5


@dataclass(frozen=True)
class Checkpoint:
    """Weights in the course of a training: how many crops and minutes they took."""

    crops: int
    minutes: float
    file: str


def keep_settings(out: Path, options: argparse.Namespace) -> None:
    """Refuse to go on in a folder whose trainings had other options; scoring may differ."""
    free = ("out", "validation_images", "kind")
    settings = {name: value for name, value in vars(options).items() if name not in free}
    file = out / "settings.json"
    if file.is_file() and json.loads(file.read_text()) != settings:
        raise SystemExit(f"{out} holds a run with other options ({file}): give another --out.")
    out.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(settings, indent=1) + "\n")


def nuclei_images(
    train_images: int, validation_images: int, kind: str
) -> tuple[list[TrainingImage], list[TrainingImage]]:
    """Training and validation images of nuclei_train; 0 = all, else evenly chosen.

    All kinds are trained on; those of ``kind`` are measured (``all`` = any).
    """
    pairs = find_pairs(SHARED / "nuclei_train")
    train_pairs = [pair for pair in pairs if pair.split == "train"]
    others = [pair for pair in pairs if pair.split == "val" and kind in ("all", pair.kind)]
    return (
        load_images(_evenly(train_pairs, train_images), least_cells=LEAST_CELLS),
        load_images(_evenly(others, validation_images), least_cells=1),
    )


def train_ours(
    architecture: Architecture | None,
    images: Sequence[TrainingImage],
    validation: Sequence[TrainingImage],
    folder: Path,
    *,
    crops: int = 0,
    minutes: float | None = None,
    checkpoints: int = 1,
    batch: int = 8,
    crop: int = 224,
    large_crop: int = 0,
    precision: str = "fp32",
    learning_rate: float = 1e-3,
    seed: int = 0,
    device: str = "cpu",
) -> list[Checkpoint]:
    """Train with our loop from scratch, for a number of crops (rounded to epochs) or of minutes.

    Finished trainings are not repeated; interrupted ones begin again.
    """
    done = folder / "checkpoints.json"
    if done.is_file():
        return [Checkpoint(**each) for each in json.loads(done.read_text())]
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    network = CellposeNet(architecture, DIAM_MEAN)
    epochs = max(1, round(crops / batch / max(1, len(images) // batch)))
    settings = TrainingSettings(
        epochs=epochs,
        max_minutes=minutes,
        learning_rate=learning_rate,
        optimizer="adamw",
        batch=batch,
        crop=crop,
        large_crop=large_crop,
        precision="bf16" if precision == "bf16" else "fp32",
        measurements=checkpoints,
        validation_views=1,
    )
    counts = {"crops": 0, "saved": 0}
    waiting: list[Path] = []
    found: list[Checkpoint] = []

    def keep(network: CellposeNet) -> Scores:
        # Measured later, so that it costs the training no time; the last counts as the best.
        counts["saved"] += 1
        waiting.append(folder / f"average_{counts['saved']:03d}.pt")
        torch.save(network.state_dict(), waiting[-1])
        return Scores(float(counts["saved"]))

    def tell(moment: object) -> None:
        counts["crops"] += moment.views  # type: ignore[attr-defined]
        while waiting:
            name = waiting.pop().name
            found.append(Checkpoint(counts["crops"], moment.minutes, name))  # type: ignore[attr-defined]

    plan = BatchPlan(DIAM_MEAN, seed, eased_in=EASED_IN // batch)
    train(
        network, images, validation[:1], plan, settings, folder,
        device=device, tell=tell, score=keep,
    )  # fmt: skip
    done.write_text(json.dumps([asdict(each) for each in found], indent=1) + "\n")
    return found


def mean_ap(
    network: CellposeNet, images: Sequence[TrainingImage], device: str = "cpu"
) -> tuple[float, float]:
    """Mean AP at IoU 0.5 and 0.75 over whole images, with ground-truth diameters."""
    running = Network([network], device)
    plain = Normalisation(enabled=False)
    found = [
        segment_plane(
            each.image[..., :1].astype(np.float32),
            CellposeParameters(diameter=each.diameter, normalisation=plain),
            running,
        ).labels
        for each in images
    ]
    ap = average_precision([each.labels for each in images], found, (0.5, 0.75)).ap
    middle = np.nanmean(ap, axis=0)
    return float(middle[0]), float(middle[1])


def load_weights(file: Path, architecture: Architecture | None = None) -> CellposeNet:
    """Give the network of a checkpoint, ours or the peer's."""
    network = CellposeNet(architecture, DIAM_MEAN)
    network.load_state_dict(torch.load(file, "cpu", weights_only=True))
    return network.eval()


def scored(
    folder: Path,
    checkpoints: Sequence[Checkpoint],
    validation: Sequence[TrainingImage],
    architecture: Architecture | None = None,
    device: str = "cpu",
) -> list[dict[str, float]]:
    """Score checkpoints; what was scored before is not again."""
    names = " ".join(each.pair.name for each in validation)
    file = folder / f"scores-{zlib.crc32(names.encode()):08x}.json"
    known: dict[str, dict[str, float]] = json.loads(file.read_text()) if file.is_file() else {}
    for each in checkpoints:
        if each.file not in known:
            start = time.monotonic()
            network = load_weights(folder / each.file, architecture)
            ap = mean_ap(network, validation, device)
            known[each.file] = {
                "crops": each.crops,
                "minutes": round(each.minutes, 3),
                "ap50": round(ap[0], 4),
                "ap75": round(ap[1], 4),
            }
            file.write_text(json.dumps(known, indent=1) + "\n")
            print(
                f"{folder.name} {each.crops} crops, {each.minutes:.1f} min: AP@0.5 {ap[0]:.3f}, "
                f"AP@0.75 {ap[1]:.3f} (scored in {time.monotonic() - start:.0f} s)",
                flush=True,
            )
    return [known[each.file] for each in checkpoints]


def _evenly(items: list, count: int) -> list:
    if not count or count >= len(items):
        return items
    return [items[round(place)] for place in np.linspace(0, len(items) - 1, count)]
