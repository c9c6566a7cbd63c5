"""The rows of the benchmark: as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.bench.pair import Measured
    from tests.bench.work import Agreement, Prepared, Work


@dataclass(frozen=True)
class Row:
    """What came of a work.

    Attributes
    ----------
    work
        Its name.
    ours, peer
        Seconds, or MiB; for absolute rows the limit stands for the peer.
    ratio
        How many times ours is faster, or smaller.
    floor, aim
        Of the ratio.
    agrees
        Whether the answers did.
    rate, share
        GFLOP/s of ours, and their share of the peak of convolutions; 0 = no row for it.
    memory
        MiB of ours and the peer: peak, and before the run.
    remark
        How far the answers agree.
    """

    work: str
    ours: float
    peer: float
    ratio: float
    floor: float
    aim: float
    agrees: bool
    rate: float = 0.0
    share: float = 0.0
    memory: str = ""
    remark: str = ""

    @property
    def met(self) -> bool:
        """Whether the floor is reached, with an answer that agrees."""
        return bool(self.agrees and self.ratio >= self.floor)

    def to_dict(self) -> dict[str, Any]:
        """Give it as ``bench-results.json`` has it."""
        return {
            "work": self.work,
            "ours_s": round(self.ours, 4),
            "peer_s": round(self.peer, 4),
            "ratio": round(self.ratio, 3),
            "target": round(self.floor, 3),
            "met": self.met,
        }


def rows_of(
    work: Work,
    prepared: Prepared,
    ours: Measured,
    peer: Measured | None,
    agreement: Agreement,
    peaks: Mapping[tuple[str, str], float],
) -> list[Row]:
    """Give the row of a work, and that of its memory where there is one."""
    agrees, remark = agreement
    rate = prepared.gflop / ours.median
    peak = peaks.get((work.device, work.precision), 0.0)
    sides = [ours] if peer is None else [ours, peer]
    rows = [
        Row(
            work.name,
            ours.median,
            work.limit if peer is None else peer.median,
            work.limit / ours.median if peer is None else ratio_of(ours, peer),
            work.floor,
            work.aim,
            agrees,
            rate,
            rate / peak if peak else 0.0,
            " / ".join(f"{side.peak_mib:.0f} ({side.rest_mib:.0f})" for side in sides),
            remark,
        )
    ]
    if work.memory is not None and peer is not None:
        name = f"{work.name}: peak memory, MiB"
        ratio = peer.peak_mib / ours.peak_mib
        rows.append(Row(name, ours.peak_mib, peer.peak_mib, ratio, *work.memory, agrees))
    return rows


def ratio_of(ours: Measured, peer: Measured) -> float:
    """Give the median of the rounds' own ratios of the peer's seconds to ours.

    What slows a machine down for some seconds slows both sides of a round down.
    """
    return statistics.median(b / a for a, b in zip(ours.seconds, peer.seconds, strict=True))


def print_rows(rows: Sequence[Row], title: str) -> None:
    """Print the table."""
    table = Table(title=title)
    table.add_column("work")
    for name in ("ours s", "peer s", "ratio", "floor", "aim", "GFLOP/s", "of peak"):
        table.add_column(name, justify="right")
    table.add_column("peak MiB (at rest), ours / peer", justify="right")
    table.add_column("agreement")
    for row in rows:
        table.add_row(
            row.work,
            f"{row.ours:.3f}",
            f"{row.peer:.3f}",
            f"{row.ratio:.2f}" if row.met else f"[red]{row.ratio:.2f}[/red]",
            f"{row.floor:.3g}",
            f"{row.aim:.3g}",
            f"{row.rate:.0f}" if row.rate else "",
            f"{row.share:.0%}" if row.share else "",
            row.memory,
            row.remark if row.agrees else f"[red]{row.remark}[/red]",
        )
    Console(width=190).print(table)


def write_rows(file: Path, rows: Sequence[Row]) -> None:
    """Write the JSON."""
    file.write_text(json.dumps([row.to_dict() for row in rows], indent=1) + "\n")
