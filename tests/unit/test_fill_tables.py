"""The script that puts the tables into docs/models.md."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = """Text.

    echo 'a note'; echo '| a |'; echo '| --- |'
    echo '| 1 |'

<!-- table: figures -->
old
<!-- end -->

    printf '| a |\\n\\n| ![best](docs/pictures/x.png) |\\n'

<!-- table: some-pictures -->
<!-- end -->
"""


def fill(page: Path, *names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "docs" / "fill_tables.py", page, *names]
    return subprocess.run(command, capture_output=True, text=True)


def test_tables_go_below_their_commands_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    assert fill(page, "figures").returncode == 0
    expected = PAGE.replace("\nold\n<!--", "\n\n| a |\n| --- |\n| 1 |\n\n<!--")
    assert page.read_text() == expected
    assert fill(page).returncode == 0
    assert "| ![best](pictures/x.png) |" in page.read_text()
    assert page.read_text().count("\n| a |\n") == 1
    assert "There is no table other" in fill(page, "other").stderr


def test_a_command_that_fails_leaves_the_page_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE.replace("echo 'a note'", "false"))
    before = page.read_text()
    assert fill(page, "figures").returncode != 0
    assert page.read_text() == before


def test_every_table_of_the_models_page_has_commands() -> None:
    text = (ROOT / "docs" / "models.md").read_text()
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        from fill_tables import PLACE
    finally:
        sys.path.remove(str(ROOT / "docs"))
    found = [place["name"] for place in PLACE.finditer(text)]
    assert len(found) == text.count("<!-- table:") == text.count("<!-- end -->")
    assert len(set(found)) == len(found)
