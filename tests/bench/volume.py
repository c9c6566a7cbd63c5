"""Time stacks in Cellwire and Cellpose 3.1.1.3 on the same flows, weights and images.

    python -m tests.bench.volume                  # dynamics and masks, 64x256x256, and by depth
    python -m tests.bench.volume --whole          # the network as well, with the nuclei model
    python -m tests.bench.volume --slab --scratch FOLDER    # memory of 256x2048x2048

Every side runs in a process of its own, alternately; medians are printed. The slab runs a stand-in
for the network that costs nothing, so that what it shows is the memory of everything else; the
time with a network is the number of tiles over the rate of the nuclei model, measured on one batch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from cellwire.evaluation.matching import average_precision
from cellwire.segmentation.parameters import CellposeParameters, Normalisation
from tests.unit.segmentation.volume.balls import balls

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
DIAMETER = 20.0
SPACING = 24
PERIOD = 32


def flows_work(shape: tuple[int, int, int], path: Path) -> np.ndarray:
    """Write noisy flows of balls to a file and give their labels."""
    from cellwire.segmentation.volume.targets import volume_to_flows

    rng = np.random.default_rng(2)
    labels = balls(shape, SPACING, (8, 11), seed=1)
    answer = np.empty((4, *shape), np.float32)
    answer[:3] = 5 * volume_to_flows(labels) + rng.normal(0, 0.5, (3, *shape))
    answer[3] = np.where(labels > 0, 4, -4) + rng.normal(0, 0.8, shape)
    np.savez(path, answer=answer)
    return labels


def image_work(shape: tuple[int, int, int], path: Path) -> np.ndarray:
    """Write an image of balls in noise to a file and give their labels."""
    from scipy.ndimage import gaussian_filter

    labels = balls(shape, SPACING, (8, 11), seed=1)
    light = 100 + 900 * gaussian_filter((labels > 0).astype(np.float32), 1.5)
    np.savez(path, image=np.random.default_rng(3).poisson(light).astype(np.uint16))
    return labels


def ours(work: dict[str, np.ndarray], _: str, compat: str | None) -> Callable[[], np.ndarray]:
    """Give what does the work once."""
    parameters = CellposeParameters(diameter=DIAMETER, compat=compat)
    if "image" in work:
        from cellwire.networks.inference import load_network
        from cellwire.networks.registry import find_model
        from cellwire.segmentation.volume.pipeline import segment_volume

        network = load_network(find_model("nuclei"), "cpu")
        return lambda: segment_volume(work["image"][..., None], parameters, network).labels
    from cellwire.segmentation.volume.cleaning import clean_volume
    from cellwire.segmentation.volume.dynamics import follow_flows
    from cellwire.segmentation.volume.masks import build_masks

    def masks() -> np.ndarray:
        order, ends = follow_flows(work["answer"], 0.0, 200, compat is not None)
        return clean_volume(build_masks(order, ends)[0], parameters).labels

    return masks


def peer(work: dict[str, np.ndarray], checkpoint: str, _: str | None) -> Callable[[], np.ndarray]:
    """Give what does the work once with Cellpose."""
    if "image" in work:
        import torch
        from cellpose.models import CellposeModel

        model = CellposeModel(gpu=False, pretrained_model=checkpoint, device=torch.device("cpu"))
        return lambda: model.eval(
            work["image"], channels=[0, 0], z_axis=0, diameter=DIAMETER, do_3D=True
        )[0]
    from cellpose.dynamics import resize_and_compute_masks

    answer = work["answer"]
    return lambda: resize_and_compute_masks(answer[:3], answer[3], niter=200, do_3D=True)


def run_side(side: str, path: str, checkpoint: str, result: str, repeats: int) -> None:
    """Do one side's work in this process; print times and peak memory as JSON."""
    import resource

    work = dict(np.load(path))
    name, compat = ("ours", "cellpose3") if side == "compat" else (side, None)
    make = {"ours": ours, "peer": peer}[name]
    small = {key: np.ascontiguousarray(each[..., :16, :48, :48]) for key, each in work.items()}
    make(small, checkpoint, compat)()
    run = make(work, checkpoint, compat)
    times = []
    labels = np.zeros(0)
    for _ in range(repeats):
        start = time.perf_counter()
        labels = run()
        times.append(time.perf_counter() - start)
    np.save(result, np.asarray(labels, np.uint32))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"times": times, "peak_mib": peak}))


def measure(side: str, path: Path, checkpoint: str, result: Path, repeats: int) -> dict[str, Any]:
    """Run one side in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.volume", "--side", side, "--work", str(path)]
    command += ["--checkpoint", checkpoint, "--result", str(result), "--rounds", str(repeats)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def compare(shape: tuple[int, int, int], whole: bool, rounds: int, console: Console) -> None:
    """Print one table of both sides, and of our exact copy of the peer."""
    title = "whole" if whole else "dynamics and masks"
    table = Table(title=f"{title}, {' x '.join(map(str, shape))}")
    for name in ("side", "s", "ratio", "peak MiB", "AP@0.5", "@0.75", "@0.9", "voxels off"):
        table.add_column(name, justify="left" if name == "side" else "right")
    with tempfile.TemporaryDirectory() as folder:
        path, checkpoint = Path(folder) / "work.npz", str(Path(folder) / "nuclei.pth")
        truth = (image_work if whole else flows_work)(shape, path)
        if whole:
            export = [sys.executable, "-m", "cellwire.cli.app", "models", "export", "nuclei"]
            subprocess.run([*export, checkpoint], check=True, capture_output=True)
        times: dict[str, list[float]] = {"peer": [], "ours": [], "compat": []}
        peaks = dict.fromkeys(times, 0.0)
        for _ in range(rounds):
            for side in times:
                done = measure(side, path, checkpoint, Path(folder) / f"{side}.npy", 1)
                times[side] += done["times"]
                peaks[side] = max(peaks[side], done["peak_mib"])
        labels = {side: np.load(Path(folder) / f"{side}.npy") for side in times}
        reference = statistics.median(times["peer"])
        for side, each in times.items():
            scores = average_precision([truth], [labels[side]], [0.5, 0.75, 0.9]).ap[0]
            off = int(np.count_nonzero(labels[side] != labels["peer"]))
            table.add_row(
                side,
                f"{statistics.median(each):.3f}",
                f"{reference / statistics.median(each):.2f}",
                f"{peaks[side]:.0f}",
                *(f"{score:.3f}" for score in scores),
                str(off),
            )
    console.print(table)


def by_depth(shape: tuple[int, int, int], rounds: int, console: Console) -> None:
    """Print how our dynamics and masks grow with the number of planes."""
    table = Table(title=f"dynamics and masks by depth, planes of {shape[1]} x {shape[2]}")
    for name in ("planes", "s", "ms a plane"):
        table.add_column(name, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        for depth in (shape[0] // 2, shape[0], 2 * shape[0]):
            path = Path(folder) / "work.npz"
            flows_work((depth, *shape[1:]), path)
            done = measure("ours", path, "", Path(folder) / "labels.npy", rounds)
            median = statistics.median(done["times"])
            table.add_row(str(depth), f"{median:.3f}", f"{1000 * median / depth:.2f}")
    console.print(table)


class StandIn:
    """A network that climbs the light in a few operations a pixel."""

    channels_in = 2
    diam_mean = 30.0

    def __call__(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Answer a batch."""
        light = tiles[:, 0]
        answers = np.zeros((len(tiles), 3, *light.shape[1:]), np.float32)
        np.subtract(light[:, 2:], light[:, :-2], out=answers[:, 0, 1:-1])
        np.subtract(light[:, :, 2:], light[:, :, :-2], out=answers[:, 1, :, 1:-1])
        answers[:, :2] *= 20
        np.clip(answers[:, :2], -5, 5, out=answers[:, :2])
        np.multiply(light - 0.3, 10, out=answers[:, 2])
        return answers, np.ones((len(tiles), 256), np.float32)


class Watch:
    """Samples this process's memory; ``anonymous`` leaves out pages of mapped files."""

    def __init__(self) -> None:
        self.anonymous = self.resident = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self) -> None:
        while not self._stop.wait(0.05):
            lines = Path("/proc/self/status").read_text().splitlines()
            sizes = {line.split(":")[0]: line.split() for line in lines}
            self.anonymous = max(self.anonymous, 1024 * int(sizes["RssAnon"][1]))
            self.resident = max(self.resident, 1024 * int(sizes["VmRSS"][1]))

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def slab(
    shape: tuple[int, int, int], scratch: Path, budget: int, half: bool, console: Console
) -> None:
    """Segment a large stack with the stand-in; print memory, disk, stages and hours to expect."""
    from cellwire.networks.inference import load_network
    from cellwire.networks.registry import find_model
    from cellwire.segmentation.volume.memory import estimate_volume_memory
    from cellwire.segmentation.volume.parameters import VolumeMemory, VolumeParameters
    from cellwire.segmentation.volume.pipeline import segment_volume
    from cellwire.segmentation.volume.work import tiles_of_volume
    from cellwire.segmentation.volume.workspace import Workspace

    parameters = CellposeParameters(
        diameter=30.0, normalisation=Normalisation(fixed_range=(0, 1000))
    )
    volume = VolumeParameters(half_precision=half)
    tiles = tiles_of_volume(shape, parameters, volume, 30.0)
    estimate = estimate_volume_memory(shape, parameters, volume, 30.0)
    network = load_network(find_model("nuclei"), "cpu")
    batch = np.random.default_rng(0).random((8, 2, 224, 224), np.float32)
    network(batch)
    start = time.perf_counter()
    network(batch)
    rate = 8 / (time.perf_counter() - start)
    del network
    axes = (np.arange(PERIOD) - PERIOD / 2) ** 2
    ball = axes[:, None, None] + axes[:, None] + axes
    ball = (1000 * np.clip(1 - ball / 14**2, 0, 1)).astype(np.uint16)
    image = Workspace(scratch).zeros((*shape, 1), np.uint16)
    repeats = tuple(-(-length // PERIOD) for length in shape[1:])
    for z in range(shape[0]):
        image[z, ..., 0] = np.tile(ball[z % PERIOD], repeats)[: shape[1], : shape[2]]
    with Watch() as before:
        time.sleep(0.2)
    with Watch() as watch:
        start = time.perf_counter()
        memory = VolumeMemory(budget=budget, scratch=scratch)
        result = segment_volume(image, parameters, StandIn(), volume, memory=memory)
        seconds = time.perf_counter() - start
    console.print(f"{' x '.join(map(str, shape))}: {result.count} objects in {seconds:.0f} s")
    console.print({name: round(each, 1) for name, each in result.seconds.items()})
    console.print(
        f"limit {budget / 1e9:.2f} GB; in files: {result.in_files}; estimated beside files "
        f"{estimate.beside_files / 1e9:.2f} GB, disk {estimate.disk / 1e9:.2f} GB"
    )
    started, peak, resident = (
        f"{size / 1e9:.2f} GB" for size in (before.anonymous, watch.anonymous, watch.resident)
    )
    console.print(f"peak {peak} anonymous, {started} of it before the work; {resident} with the")
    console.print("pages of mapped files, which the system takes back when it needs them")
    total = sum(tiles.values())
    hours = total / rate / 3600
    console.print(f"{total} tiles at {rate:.1f} a second: {hours:.1f} hours of network at most")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", type=int, nargs=3, default=None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--slab", action="store_true")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--memory", type=float, default=16.0, help="GB")
    parser.add_argument("--half-precision", action="store_true")
    for name in ("--side", "--work", "--checkpoint", "--result"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        places = (options.work, options.checkpoint, options.result)
        run_side(options.side, *places, options.rounds)
        return
    console = Console(width=120)
    if options.slab:
        shape = tuple(options.shape or (256, 2048, 2048))
        budget = int(options.memory * 1e9)
        slab(shape, options.scratch, budget, options.half_precision, console)
        return
    shape = tuple(options.shape or (64, 256, 256))
    compare(shape, options.whole, options.rounds, console)
    if not options.whole:
        by_depth(shape, options.rounds, console)


if __name__ == "__main__":
    main()
