"""The scores as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

SHOWN = ("0.5", "0.75", "0.9")
MOST_ROWS = 60


def score_table(report: dict[str, Any]) -> Table:
    """Lay out a report of `cellwire.evaluation.report.evaluate_pairs`.

    Parameters
    ----------
    report
        With at most 60 images each is a row; with more, only mean and pooled are.
    """
    from rich.table import Table

    table = Table(title="Average precision at IoU, and other scores", title_justify="left")
    table.add_column("image")
    for name in ("cells", "found", *(f"AP {t}" for t in SHOWN), "AJI", "outline F"):
        table.add_column(name, justify="right")
    images = report["images"]
    for image in images if len(images) <= MOST_ROWS else []:
        table.add_row(*_row(image["name"], image, image["objects"], image["predicted"]))
    table.add_section()
    mean, pooled = report["mean"], report["pooled"]
    table.add_row(*_row(f"mean of {mean['images']}", mean, "", ""), style="bold")
    table.add_row(*_row("pooled", pooled, pooled["objects"], pooled["predicted"]), style="bold")
    ends = [pooled["ap_interval"][t] for t in SHOWN]
    table.add_row(
        "  95 % interval", "", "", *(f"{_text(low)}–{_text(high)}" for low, high in ends), "", ""
    )
    return table


def _row(name: str, scores: dict[str, Any], objects: object, predicted: object) -> list[str]:
    outline = scores.get("boundary", {}).get("0.05", {}).get("fscore")
    return [
        name,
        str(objects),
        str(predicted),
        *(_text(scores["ap"][threshold]) for threshold in SHOWN),
        _text(scores.get("aji")),
        _text(outline),
    ]


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
