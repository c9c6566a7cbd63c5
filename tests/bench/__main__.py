"""Time Cellwire and Cellpose 3.1.1.3 alternately, on the same weights and images.

    make bench                          # every work, about a quarter of an hour on two cores
    python -m tests.bench --quick       # without the 4096² network

Prints medians, ratios and peak memory, checks that the labels agree, and leaves
``bench-results.json`` in the repository's root.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from cellwire.evaluation.matching import average_precision
from tests.bench.fields import noisy_flows, nuclei_field

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3
POST_TARGET = 8.0


def works(quick: bool) -> dict[str, dict[str, np.ndarray]]:
    """What is timed, by name."""
    one = {"diameter": np.float64(18), "repeats": np.int64(1)}
    made: dict[str, dict[str, np.ndarray]] = {}
    for side in (1024, 4096):
        flows, cellprob = noisy_flows(nuclei_field(side, 1)[1], 2)
        answer = np.concatenate([flows, cellprob[None]])
        made[f"post-processing {side}²"] = {**one, "answer": answer}
    made["one 1024²"] = {**one, "images": nuclei_field(1024, 1)[0][None]}
    made["ten 512²"] = {
        **one,
        "images": np.stack([nuclei_field(512, seed)[0] for seed in range(10)]),
    }
    if not quick:
        made["one 4096²"] = {**one, "images": nuclei_field(4096, 1)[0][None]}
    return made


def run(side: str, work: Path, checkpoint: str, result: Path) -> dict[str, object]:
    """Run one side in its own process."""
    command = [sys.executable, "-m", "tests.bench.one_run", side]
    done = subprocess.run(
        [*command, str(work), checkpoint, str(result)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def agreement(ours: Path, peers: Path) -> tuple[int, float]:
    """Pixels whose foreground differs, and the least AP at IoU 0.9 of ours against the peer's."""
    a, b = np.load(ours), np.load(peers)
    pixels = sum(int(np.count_nonzero((a[n] > 0) != (b[n] > 0))) for n in a.files)
    scores = [average_precision([b[n]], [a[n]], [0.9])[0] for n in a.files]
    return pixels, float(np.min(scores))


def main() -> None:
    """Run all works and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    table = Table(title="Cellwire against Cellpose 3.1.1.3: medians of alternating runs")
    for name in (
        "work",
        "ours s",
        "peer s",
        "ratio",
        "target",
        "ours MiB",
        "peer MiB",
        "pixels",
        "AP@0.9",
    ):
        table.add_column(name, justify="left" if name == "work" else "right")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = str(Path(folder) / "nuclei.pth")
        subprocess.run(
            [sys.executable, "-m", "cellwire.cli.app", "models", "export", "nuclei", checkpoint],
            check=True,
            capture_output=True,
        )
        for name, work in works(options.quick).items():
            path = Path(folder) / "work.npz"
            np.savez(path, **work)
            times: dict[str, list[list[float]]] = {"ours": [], "peer": []}
            peak = {"ours": 0.0, "peer": 0.0}
            rounds = 1 if name == "one 4096²" else options.rounds
            for _ in range(rounds):
                for side in times:
                    done = run(side, path, checkpoint, Path(folder) / f"{side}.npz")
                    times[side] += done["times"]  # type: ignore[operator]
                    peak[side] = max(peak[side], float(done["peak_mib"]))  # type: ignore[arg-type]
            pixels, score = agreement(Path(folder) / "ours.npz", Path(folder) / "peer.npz")
            parts = ["whole"] if "answer" in work else ["whole", "network", "masks"]
            for column, part in enumerate(parts):
                ours, peers = (statistics.median(t[column] for t in times[s]) for s in times)
                target = POST_TARGET if "post" in name or part == "masks" else 1.0
                label = name if "answer" in work else f"{name}, {part}"
                rows.append(
                    {
                        "work": label,
                        "ours_s": round(ours, 4),
                        "peer_s": round(peers, 4),
                        "ratio": round(peers / ours, 2),
                        "target": target,
                        "met": bool(peers / ours >= target),
                    }
                )
                first = column == 0
                table.add_row(
                    label,
                    f"{ours:.3f}",
                    f"{peers:.3f}",
                    f"{peers / ours:.2f}",
                    f"{target:g}",
                    f"{peak['ours']:.0f}" if first else "",
                    f"{peak['peer']:.0f}" if first else "",
                    str(pixels) if first else "",
                    f"{score:.4f}" if first else "",
                )
    Console(width=120).print(table)
    (ROOT / "bench-results.json").write_text(json.dumps(rows, indent=1) + "\n")
    raise SystemExit(0 if all(row["met"] for row in rows) else 1)


if __name__ == "__main__":
    main()
