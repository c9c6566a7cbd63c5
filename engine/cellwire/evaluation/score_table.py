"""The scores as tables, for a terminal and for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.table import Table

SHOWN = ("0.5", "0.75", "0.9")
MOST_ROWS = 60
RUN_KEYS = ("model", "diameter", "stack", "compat", "rescaled")
"""What tells one report from another."""


def score_table(report: dict[str, Any]) -> Table:
    """Lay out the images of one report of `cellwire.evaluation.report.report_of`.

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


def summary_rows(reports: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Lay out several reports, a row for each and for each of their groups.

    Parameters
    ----------
    reports
        Each with ``model``, ``diameter`` and, where it is told, ``stack`` (how planes of stacks
        belong together), ``compat`` and ``rescaled``.

    Returns
    -------
    header, rows
        Columns that no report needs are left out.
    """
    header = [
        "labels by", "diameter", "stacks", "compat", "resized to", "group", "images", "cells",
        "found",
        *(f"mean AP@{t} (95 %)" for t in SHOWN[:2]), f"mean AP@{SHOWN[2]}",
        *(f"pooled AP@{t} (95 %)" for t in SHOWN[:2]),
        "diameter error, median", "90 % below", "within 20 %",
    ]  # fmt: skip
    rows = []
    for report in reports:
        parts = {"all": report} if "groups" not in report else {**report["groups"], "all": report}
        if len(parts) == 2:
            parts.pop("all")
        rows += [_summary_row(report, name, part) for name, part in parts.items()]
    group = header.index("group")
    one_group = {row[group] for row in rows} == {"all"}
    needed = [
        place
        for place in range(len(header))
        if any(row[place] for row in rows) and not (place == group and one_group)
    ]
    return [header[place] for place in needed], [[row[place] for place in needed] for row in rows]


def summary_table(reports: Sequence[dict[str, Any]]) -> Table:
    """Lay out several reports for a terminal; see `summary_rows`."""
    return _table("Average precision at IoU", *summary_rows(reports))


def image_rows(reports: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Lay out several reports of the same images, a row for each image and a column for each.

    Parameters
    ----------
    reports
        As in `summary_rows`.

    Returns
    -------
    header, rows
        A cell holds the average precision at two overlaps; the last row is their mean.
    """
    names = [[report.get(key, "") for key in RUN_KEYS] for report in reports]
    told = [place for place in range(len(RUN_KEYS)) if len({name[place] for name in names}) > 1]
    titles = [" ".join(filter(None, (name[place] for place in told))) for name in names]
    shown = " / ".join(f"AP@{t}" for t in SHOWN[:2])
    header = ["image", "cells", *(f"{title}: {shown}" if title else shown for title in titles)]
    columns = [{image["name"]: image for image in report["images"]} for report in reports]
    rows = [
        [name, str(image["objects"]), *(_pair(column[name]) for column in columns)]
        for name, image in columns[0].items()
    ]
    return header, [*rows, ["mean", "", *(_pair(report["mean"]) for report in reports)]]


def image_table(reports: Sequence[dict[str, Any]]) -> Table:
    """Lay out several reports of the same images for a terminal; see `image_rows`."""
    return _table("Average precision of each image", *image_rows(reports))


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for place, name in enumerate(header):
        table.add_column(name, justify="right" if place > 1 else "left")
    for row in rows:
        table.add_row(*row)
    return table


def _pair(scores: dict[str, Any]) -> str:
    return " / ".join(_text(scores["ap"][threshold]) for threshold in SHOWN[:2])


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table in Markdown; the columns after the first are aligned to the right."""
    ruler = ["---"] + ["---:"] * (len(header) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, ruler, *rows))


def gallery(pictures: Sequence[tuple[str, str, Path]]) -> str:
    """Lay out pictures in Markdown, a row for each group.

    Parameters
    ----------
    pictures
        Group, which of it (best, median, worst), and file of each.
    """
    columns = list(dict.fromkeys(which for _, which, _ in pictures))
    rows: dict[str, dict[str, str]] = {}
    for group, which, path in pictures:
        text = f"![{which} {group}]({path.as_posix()})"
        rows.setdefault(group, dict.fromkeys(columns, ""))[which] = text
    header = ["", *columns]
    return markdown_table(header, [[group, *row.values()] for group, row in rows.items()])


def _summary_row(report: dict[str, Any], group: str, part: dict[str, Any]) -> list[str]:
    mean, pooled, sizes = part["mean"], part["pooled"], part.get("sizes")
    return [
        report["model"],
        report["diameter"],
        report.get("stack", ""),
        report.get("compat", ""),
        report.get("rescaled", ""),
        group,
        str(mean["images"]),
        str(pooled["objects"]),
        str(pooled["predicted"]),
        *(_with_interval(mean, threshold, mean["images"]) for threshold in SHOWN[:2]),
        _text(mean["ap"][SHOWN[2]]),
        *(_with_interval(pooled, threshold, mean["images"]) for threshold in SHOWN[:2]),
        *(
            [f"{100 * sizes[name]:.0f} %" for name in ("median_error", "p90_error")]
            + [f"{100 * sizes['within_20_percent']:.0f} %"]
            if sizes
            else ["", "", ""]
        ),
    ]


def _with_interval(scores: dict[str, Any], threshold: str, images: int) -> str:
    value, (low, high) = scores["ap"][threshold], scores["ap_interval"][threshold]
    if value is None or images < 2:  # one image does not say how others would do
        return _text(value)
    return f"{value:.3f} ({low:.2f}–{high:.2f})"


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
