from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import cellwire.errors as engine
import cellwire_client.errors as client
from cellwire.cli.exit_codes import ExitCode
from cellwire.cli.failures import explain

if TYPE_CHECKING:
    from pathlib import Path


def _all(base: type[Exception]) -> list[type[Exception]]:
    return [base, *(each for child in base.__subclasses__() for each in _all(child))]


@pytest.mark.parametrize("kind", _all(engine.CellwireError)[1:], ids=lambda kind: kind.__name__)
def test_every_error_of_the_catalogue_speaks_for_itself(kind: type[engine.CellwireError]) -> None:
    failure = explain(kind("It is 7; the limit is 5.", "Choose less."))
    assert failure.text == "It is 7; the limit is 5. Choose less."
    assert failure.reason == kind.reason
    assert failure.code not in (ExitCode.DONE, ExitCode.INTERNAL)


@pytest.mark.parametrize("kind", _all(client.ConnectionFailedError), ids=lambda kind: kind.__name__)
def test_every_failed_connection_is_unreachable(kind: type[client.CellwireClientError]) -> None:
    assert explain(kind("No engine.", "Start one.")).code is ExitCode.UNREACHABLE


def test_the_engines_own_fault_is_internal() -> None:
    error = client.EngineFaultError("The engine failed (incident 1234).", "Tell its owner.")
    error.incident_id = "1234"
    failure = explain(error)
    assert failure.code is ExitCode.INTERNAL
    assert "1234" in failure.text


def test_anything_else_is_an_incident(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CELLWIRE_HOME", str(tmp_path))
    try:
        raise KeyError("inner secret")
    except KeyError as error:
        failure = explain(error)
        shown = explain(error, debug=True)
    (log,) = (tmp_path / "logs").iterdir()
    assert failure.code is ExitCode.INTERNAL
    assert "inner secret" not in failure.text
    assert str(log) in failure.text
    assert "inner secret" in log.read_text()
    assert "inner secret" in capsys.readouterr().err
    assert str(log) not in shown.text
