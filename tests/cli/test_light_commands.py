"""Commands that need no network start without torch, which takes seconds to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cellwire.cli.commands import COMMANDS, load

COMMAND = """
import sys
from cellwire.cli.app import main
heavy = "torch", "openvino", "ncnn", "numba", "cv2", "scipy", "matplotlib", "tifffile"
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


def test_help_loads_no_command(environment: dict[str, str]) -> None:
    """What the list of commands does not need, it does not read."""
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cellwire.cli.app", "--help"],
        env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    loaded = {line.rsplit("|", 1)[-1].strip() for line in ended.stderr.splitlines()}
    assert "cellwire.cli.commands" in loaded
    assert "cellwire.cli.exit_codes" in loaded
    assert not {"numpy", "grpc"} & loaded
    assert not {f"cellwire.cli.{name}" for name in COMMANDS} & loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says_of_itself(name: str) -> None:
    command = load(name)
    assert command.name == name
    assert " ".join(command.help.split("\n\n")[0].split()) == COMMANDS[name]


def test_the_client_loads_no_library_for_pixels() -> None:
    script = """
import sys
import cellwire_client
heavy = "torch", "openvino", "ncnn", "numba", "cv2", "scipy", "matplotlib", "cellwire"
print([name for name in heavy if name in sys.modules])
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    assert ended.stdout.strip() == "[]"
