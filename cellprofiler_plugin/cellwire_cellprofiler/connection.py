"""One connection to the engine per process, and the check before a run."""

from __future__ import annotations

import os
import threading
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from cellwire_cellprofiler import libraries
from cellwire_cellprofiler.advice import explain
from cellwire_cellprofiler.errors import RunCellwireError

CONNECT_SECONDS = 10.0
"""Within which an engine must answer the first call."""

_LOOK_SECONDS = 2.0


class EnginePlace(NamedTuple):
    """Where the engine is, as the settings say.

    Attributes
    ----------
    address
        ``host[:port]`` or ``unix:PATH``.
    token_file, certificate_file
        Paths, empty for none.
    """

    address: str
    token_file: str = ""
    certificate_file: str = ""


_engines: Dict[Tuple[int, EnginePlace], Any] = {}
_lock = threading.Lock()


def engine_at(place: EnginePlace) -> Any:
    """Give this process's connection to an engine; made at the first call, then kept.

    Parameters
    ----------
    place
        Where the engine is.

    Returns
    -------
    cellwire_client.Engine

    Raises
    ------
    MissingLibraryError
        If grpcio, protobuf or the client are missing.
    cellwire_client.CellwireClientError
        If there is no engine, or one that does not serve us.
    """
    key = (os.getpid(), place)
    with _lock:
        if key not in _engines:
            _engines[key] = _connect(place, CONNECT_SECONDS)
        return _engines[key]


def forget(place: EnginePlace) -> None:
    """Close and drop the connection, so that the next image makes a new one."""
    with _lock:
        engine = _engines.pop((os.getpid(), place), None)
    if engine is not None:
        engine.close()


def gone(place: EnginePlace) -> Any:
    """Look whether the engine that was not done in time is there at all.

    Returns
    -------
    cellwire_client.ConnectionFailedError or None
        Why it cannot be reached; ``None`` if it can.
    """
    errors = libraries.part("errors")
    try:
        _connect(place, _LOOK_SECONDS).close()
    except errors.ConnectionFailedError as error:
        forget(place)
        return error
    return None


def check(place: EnginePlace, models: Sequence[str], stacks: bool = False) -> None:
    """Make sure, before any image is touched, that engine and models are there, and load them.

    Parameters
    ----------
    place
        Where the engine is.
    models
        Names of the models that the run will need.
    stacks
        Whether images are processed as 3D.

    Raises
    ------
    RunCellwireError
        With a message of its own for each of: packages missing, name not known, refused, TLS,
        token, version, model.
    """
    errors = libraries.part("errors")
    forget(place)  # the token file, or the engine, may be another than at the last run
    try:
        engine = engine_at(place)
        if stacks:
            _check_revision(engine)
        for model in models:
            engine.warm_up(model)
    except errors.CellwireClientError as error:
        forget(place)
        raise RunCellwireError(explain(error)) from None


def _check_revision(engine: Any) -> None:
    info, needed = engine.info(), libraries.part("stacks").STACK_REVISION
    if info.revision < needed:
        raise RunCellwireError(
            f"RunCellwire: the engine at {engine.address} (version {info.version}) takes planes "
            "only, and NamesAndTypes processes the images as 3D. Bring the engine up to date, or "
            "set 'Process as 3D?' to No."
        )


def describe(place: EnginePlace) -> Tuple[str, List[str]]:
    """Try a connection, for the button.

    Returns
    -------
    str
        What the engine is.
    list of str
        Names of its models.

    Raises
    ------
    RunCellwireError
        As `check`.
    """
    errors = libraries.part("errors")
    forget(place)
    try:
        engine = engine_at(place)
        info, models = engine.info(), engine.models()
    except errors.CellwireClientError as error:
        forget(place)
        raise RunCellwireError(explain(error)) from None
    device = info.devices[0] if info.devices else None
    runs_on = f", on {device.description} ({device.name})" if device else ""
    names = [model.name for model in models]
    text = (
        f"Cellwire {info.version} answers at {engine.address}{runs_on}. Models: {', '.join(names)}."
    )
    return text, names


def _connect(place: EnginePlace, seconds: float) -> Any:
    return libraries.client().connect(
        place.address,
        token_file=place.token_file or None,
        ca_file=place.certificate_file or None,
        connect_timeout=seconds,
    )
