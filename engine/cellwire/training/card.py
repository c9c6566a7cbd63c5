"""The model card: what a model was trained on, how, how good it is and what it cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.networks.card import ModelCard


def write_model_card(path: Path, name: str, card: ModelCard, digest: str) -> None:
    """Write a card as Markdown, for people.

    Parameters
    ----------
    path
        File to write.
    name
        Name of the model.
    card
        What is known of it.
    digest
        SHA-256 of its weights.
    """
    lines = [f"# Model `{name}`", "", card.description, ""]
    lines += ["| | |", "|---|---|"]
    lines += [
        f"| diameter at the network | {card.diam_mean:g} px |",
        f"| channels | {card.channels_in} |",
        f"| licence of the weights | {card.licence} |",
        f"| credit | {card.attribution} |",
        f"| SHA-256 of the weights | `{digest}` |",
    ]
    for title, text in (("Data", card.data), ("Recipe", card.recipe)):
        lines += ["", f"## {title}", "", text]
    lines += ["", "## Figures", "", "| measured | value |", "|---|---|"]
    lines += [f"| {what} | {value:.3f} |" for what, value in card.figures.items()]
    lines += ["", "## Limits", "", card.limits, ""]
    path.write_text("\n".join(lines), encoding="utf-8")
