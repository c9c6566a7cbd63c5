"""Commands that need no network start without torch, which takes seconds to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMAND = """
import sys
from cellwire.cli.app import main
heavy = "torch", "numba", "cv2", "scipy"
sys.argv = ["cellwire", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    code = end.code or 0
sys.stderr.write(f"loaded: {[name for name in heavy if name in sys.modules]}\\n")
sys.exit(code)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("models", "list"),
        ("models", "list", "--json"),
        ("models", "show", "nuclei"),
        ("token", "list"),
        ("token", "add", "ada"),
        ("certificate", "--host", "localhost"),
        ("doctor", "--help"),
        ("segment", "--help"),
        ("serve", "--help"),
        ("train", "--help"),
    ],
    ids=" ".join,
)
def test_no_library_for_pixels_is_loaded(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory, arguments: tuple[str]
) -> None:
    home = str(tmp_path_factory.mktemp("light"))
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        env={**environment, "CELLWIRE_HOME": home},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines()[-1] == "loaded: []"
