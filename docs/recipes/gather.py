"""Gather labelled images of several sets into one folder that ``cellwire train`` reads.

    python docs/recipes/gather.py nuclei DATA OUT
    python docs/recipes/gather.py cyto DATA OUT [SIMULATED]

DATA holds the sets as they are described in each model's card: ``nuclei_train`` and ``cells_train``
with their ``index.csv``. SIMULATED is a folder made by ``cellwire simulate``. OUT gets links to
the images and labels, and an ``index.csv`` that says of each its split, kind, channels and whether
what is not labelled is background or merely unlabelled.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import astuple, dataclass, fields
from pathlib import Path

UNLABELLED = {"membrane_corneal_partial", "neurons_pfc_quarter"}
"""Sets in which only some of the cells are traced."""

CHANNELS = {"cytoplasm_jump": ("1,3", "2,3")}
"""Channels to segment and of the nuclei; a set with several choices is shown once with each."""


@dataclass(frozen=True)
class Row:
    """A line of ``index.csv``."""

    id: str
    split: str
    kind: str
    channels: str = ""
    unlabelled: int = 0


def link(source: Path, folder: str, stem: str, name: str, out: Path) -> None:
    """Link the file of a stem, whatever its suffix, under a name of its own."""
    (found,) = (path for path in (source / folder).iterdir() if path.stem == stem)
    target = out / folder / f"{name}{found.suffix}"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    target.symlink_to(found.resolve())


def add(rows: list[Row], source: Path, stem: str, row: Row, out: Path) -> None:
    """Link an image and its labels and note them."""
    for folder in ("images", "masks"):
        link(source, folder, stem, row.id, out)
    rows.append(row)


def read_index(path: Path) -> list[dict[str, str]]:
    """Read a table of images."""
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def nuclei(data: Path) -> list[tuple[Path, str, Row]]:
    """List the images of the ``nuclei`` model: the 2018 Data Science Bowl and H&E tiles."""
    bowl = data / "nuclei_train"
    found = [
        (bowl, row["id"], Row(row["id"], row["split"], row["kind"]))
        for row in read_index(bowl / "index.csv")
    ]
    tiles = "purple_nuinsseg"
    return found + [
        (data / "cells_train" / tiles, row["stem"], Row(row["stem"], row["split"], "nuinsseg"))
        for row in read_index(data / "cells_train" / "index.csv")
        if row["set"] == tiles
    ]


def cyto(data: Path, simulated: Path | None) -> list[tuple[Path, str, Row]]:
    """List the images of the ``cyto`` model: whole cells, simulated ones, fluorescent nuclei."""
    found = []
    for row in read_index(data / "cells_train" / "index.csv"):
        kind = row["set"]
        if kind == "purple_nuinsseg":
            continue
        for number, channels in enumerate(CHANNELS.get(kind, ("",))):
            name = f"{kind}_{row['stem']}" + (f"_{number}" if number else "")
            entry = Row(name, row["split"], kind, channels, int(kind in UNLABELLED))
            found.append((data / "cells_train" / kind, row["stem"], entry))
    bowl = data / "nuclei_train"
    found += [
        (bowl, row["id"], Row(row["id"], row["split"], "nuclei"))
        for row in read_index(bowl / "index.csv")
        if row["kind"] == "fluo"
    ]
    if simulated is not None:
        found += [
            (simulated, row["id"], Row(row["id"], row["split"], row["kind"], "1,2"))
            for row in read_index(simulated / "index.csv")
        ]
    return found


def main() -> None:
    """Gather the images of one model."""
    model, data, out, *rest = sys.argv[1:]
    folder = Path(out)
    simulated = Path(rest[0]) if rest else None
    found = nuclei(Path(data)) if model == "nuclei" else cyto(Path(data), simulated)
    rows: list[Row] = []
    for source, stem, row in found:
        add(rows, source, stem, row, folder)
    with (folder / "index.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([each.name for each in fields(Row)])
        writer.writerows(astuple(row) for row in rows)
    print(f"{len(rows)} images in {folder}")


if __name__ == "__main__":
    main()
