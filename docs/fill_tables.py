"""Run the commands that docs/models.md names, and put the tables that they print below them.

    python docs/fill_tables.py docs/models.md              # every table: hours
    python docs/fill_tables.py docs/models.md NAME NAME    # some of them

A place is an indented block of commands, then ``<!-- table: NAME -->`` and ``<!-- end -->``. The
lines of the commands' output that are rows of Markdown tables replace what stands between; a NAME
that ends in -pictures takes the tables of pictures only, the others those of figures.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PLACE = re.compile(
    r"(?P<code>(?:^    [^\n]*\n)+)\n<!-- table: (?P<name>[\w-]+) -->\n(?P<old>.*?)<!-- end -->",
    re.MULTILINE | re.DOTALL,
)


def tables_of(code: str, *, pictures: bool) -> str:
    """Run commands in the shell, with this Python's own first on the PATH; give their tables."""
    place = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
    commands = "\n".join(line.removeprefix("    ") for line in code.splitlines())
    done = subprocess.run(
        ["bash", "-euc", commands], stdout=subprocess.PIPE, text=True, check=True, env=environment
    )
    tables = re.findall(r"(?:^\|[^\n]*\n)+", done.stdout + "\n", re.MULTILINE)
    wanted = [table for table in tables if ("](" in table) == pictures]
    if not wanted:
        raise SystemExit(f"No table came from:\n{commands}\n\n{done.stdout}")
    return "\n".join(wanted).replace("](docs/", "](")


def main() -> None:
    """Fill the places that are named, each saved as soon as it is there."""
    file, wanted = Path(sys.argv[1]), sys.argv[2:]
    names = [place["name"] for place in PLACE.finditer(file.read_text(encoding="utf-8"))]
    unknown = set(wanted) - set(names)
    if unknown:
        raise SystemExit(f"There is no table {', '.join(unknown)}; there are {', '.join(names)}.")
    for name in wanted or names:
        text = file.read_text(encoding="utf-8")
        place = next(each for each in PLACE.finditer(text) if each["name"] == name)
        print(f"{name} …", file=sys.stderr)
        start, end = place.span("old")
        tables = tables_of(place["code"], pictures=name.endswith("-pictures"))
        filled = f"{text[:start]}\n{tables}\n{text[end:]}"
        file.write_text(filled, encoding="utf-8")


if __name__ == "__main__":
    main()
