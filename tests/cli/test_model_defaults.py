"""Models whose card sets defaults, from the command line: here and on an engine alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import tifffile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEFAULTS = {
    "diameter": 16,
    "min_size": 5,
    "max_size": 190,
    "niter": 150,
    "tolerance": 0.001,
    "exclude_on_edges": True,
    "augment": True,
    "normalisation": {"percentiles": [2, 98]},
}


@pytest.fixture(scope="module")
def tuned(cellwire: Callable[..., object], home: Path, weights: Path) -> str:
    assert cellwire("models", "add", "tuned", weights).code == 0
    card = home / "models" / "tuned" / "card.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "defaults": DEFAULTS}))
    return "tuned"


def parameters(path: Path) -> dict[str, object]:
    with tifffile.TiffFile(path) as file:
        text = file.pages[0].description
    start = text.index("{")
    return json.JSONDecoder().raw_decode(text[start:])[0]["parameters"]


def test_they_are_used_here_and_there_and_what_is_given_wins(
    cellwire: Callable[..., object], engine: str, image: Path, tuned: str, tmp_path: Path
) -> None:
    given = ("--min-size", "15", "--max-size", "0", "--niter", "0", "--no-augment", "--keep-edges")
    for name, options in (("plain", ()), ("given", (*given, "--diameter", "17"))):
        found = []
        for place, where in (("here", ()), ("there", ("--server", engine))):
            out = tmp_path / name / place
            command = ("segment", image, "--model", tuned, "--save", "labels", "--out", out)
            ended = cellwire(*command, *options, *where)
            assert ended.code == 0, ended.err
            found.append((out / "field_labels.tif").read_bytes())
        assert found[0] == found[1]
    plain = parameters(tmp_path / "plain" / "here" / "field_labels.tif")
    assert {name: plain[name] for name in DEFAULTS if name != "normalisation"} == {
        name: value for name, value in DEFAULTS.items() if name != "normalisation"
    }
    assert plain["normalisation"]["percentiles"] == [2.0, 98.0]
    own = parameters(tmp_path / "given" / "there" / "field_labels.tif")
    assert own["diameter"] == 17.0
    assert own["min_size"] == 15
    assert (own["max_size"], own["niter"]) == (None, None)
    assert not own["augment"]
    assert not own["exclude_on_edges"]
    assert tifffile.imread(tmp_path / "given" / "there" / "field_labels.tif").max() == 25


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_does_not_fit_them_is_said_before_any_work(
    cellwire: Callable[..., object], engine: str, image: Path, tuned: str, elsewhere: bool
) -> None:
    where = ["--server", engine] if elsewhere else []
    ended = cellwire("segment", image, "--model", tuned, "--max-size", "4", *where)
    assert ended.code == 2
    assert "maximum size must be from 5" in ended.err


def test_the_command_shows_them(cellwire: Callable[..., object], tuned: str) -> None:
    shown = cellwire("models", "show", tuned).out
    assert "defaults: max_size 190" in shown
    assert (
        json.loads(cellwire("models", "show", tuned, "--json").out)["card"]["defaults"] == DEFAULTS
    )
