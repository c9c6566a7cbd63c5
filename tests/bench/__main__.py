"""Time Cellwire and Cellpose 3.1.1.3 alternately, on the same weights and images.

    make bench                            # every work; the peer takes long
    python -m tests.bench --list          # their names
    python -m tests.bench --only post     # those with this in their name; may be repeated
    python -m tests.bench --quick         # small and once: that all runs, not how fast

Each side has a process of its own, imported, loaded and warm before the first timed run; one works
at a time. Prints medians, ratios, GFLOP/s against the peak of convolutions measured just before,
and peak memory; checks that the answers agree; leaves ``bench-results.json`` in the repository's
root unless only a part was run. Ends with 1 where a floor was missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import offered
from tests.bench.conv_peak import conv_peak
from tests.bench.pair import run_alternately
from tests.bench.places import ROOT
from tests.bench.results import print_rows, rows_of, write_rows
from tests.bench.works import images, network, post_processing, rois, served, start_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.results import Row
    from tests.bench.work import Work

ROUNDS = 3
RESULTS = ROOT / "bench-results.json"
_CPU_IMAGES = [work for work in images.WORKS if work.device == "cpu"]
_GPU_IMAGES = [work for work in images.WORKS if work.device != "cpu"]
WORKS: tuple[Work, ...] = (
    *network.WORKS,
    *_CPU_IMAGES,
    *served.WORKS,
    *post_processing.WORKS,
    *rois.WORKS,
    *start_up.WORKS,
    *_GPU_IMAGES,
)


def main() -> None:
    """Run the works and print the table."""
    options = _options()
    chosen = [work for work in WORKS if _wanted(work, options.only)]
    if options.list:
        print("\n".join(work.name for work in chosen))
        return
    if not chosen:
        raise SystemExit("No work has that in its name; --list shows them all.")
    rows: list[Row] = []
    peaks: dict[tuple[str, str], float] = {}
    with tempfile.TemporaryDirectory() as name:
        checkpoints = {
            model: export(Path(name), model) for model in (offered.MODEL, offered.FOR_TWO_CHANNELS)
        }
        for number, work in enumerate(chosen):
            reason = work.missing()
            if reason:
                _say(f"left out: {work.name}: {reason}")
                continue
            folder = Path(name) / str(number)
            folder.mkdir()
            made = _rows(work, folder, checkpoints, options, peaks)
            rows += made
            for row in made:
                _say(f"{row.work}: {row.ratio:.2f} ({row.floor:.3g}) {row.remark}")
    for (device, precision), peak in peaks.items():
        print(f"convolution peak of {device} in {precision}: {peak:.0f} GFLOP/s")
    title = "Cellwire against Cellpose 3.1.1.3: medians of alternating runs"
    print_rows(rows, f"{title}{'; SMALL, no figures' if options.quick else ''}")
    if not options.quick and not options.only:
        write_rows(RESULTS, rows)
    if options.quick:
        raise SystemExit(0 if all(row.agrees for row in rows) else 1)
    raise SystemExit(0 if all(row.met for row in rows) else 1)


def export(folder: Path, model: str) -> str:
    """Write the shipped weights as Cellpose reads them."""
    file = str(folder / f"{model}.pth")
    command = [sys.executable, "-m", "cellwire.cli.app", "models", "export", model, file]
    subprocess.run(command, check=True, capture_output=True)
    return file


def _rows(
    work: Work,
    folder: Path,
    checkpoints: dict[str, str],
    options: argparse.Namespace,
    peaks: dict[tuple[str, str], float],
) -> list[Row]:
    prepared = work.prepare(folder, options.quick)
    key = (work.device, work.precision)
    if prepared.gflop and key not in peaks:
        peaks[key] = conv_peak(*key)
    own = prepared.options.get("model", offered.MODEL)
    told = {**prepared.options, "checkpoint": checkpoints[own]}
    asked = min(max(options.rounds, work.least_rounds), work.most_rounds)
    rounds = 1 if options.quick else asked
    ours, peer = run_alternately(work, folder, told, rounds)
    agreement = work.agree(folder, ours.answer, {} if peer is None else peer.answer)
    return rows_of(work, prepared, ours, peer, agreement, peaks)


def _wanted(work: Work, only: Sequence[str]) -> bool:
    return not only or any(part.lower() in work.name.lower() for part in only)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
