"""Tokens: who may use the engine, by name. The file holds digests, never the tokens."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
import tempfile
from pathlib import Path

from cellwire.errors import InvalidParameterError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,62}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class TokenBook:
    """The tokens of a file; read anew when the file changes, so that no restart is needed.

    Parameters
    ----------
    path
        The file; it must be readable by its owner only.

    Raises
    ------
    InvalidParameterError
        The file is absent, empty, open to others or no token file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digests: dict[str, str] = {}
        self._seen: tuple[int, int, int] | None = None
        self._refresh()
        if not self._digests:
            raise InvalidParameterError(
                f"The token file {path} names nobody.", "Add someone: cellwire token add NAME."
            )

    def identify(self, token: str) -> str | None:
        """Give the name that a token belongs to, ``None`` if it is nobody's."""
        try:
            self._refresh()
        except InvalidParameterError:
            return None  # a file that was opened to others lets nobody in
        given = _digest(token)
        found = None
        for name, digest in self._digests.items():  # all of them, so that time tells nothing
            if hmac.compare_digest(given, digest):
                found = name
        return found

    def _refresh(self) -> None:
        _check_mode(self._path)
        try:
            state = self._path.stat()
        except OSError:
            state = None
        if state is None:
            raise InvalidParameterError(
                f"There is no token file {self._path}.", "Make one: cellwire token add NAME."
            )
        seen = (state.st_mtime_ns, state.st_size, state.st_ino)
        if seen != self._seen:
            self._digests = _read(self._path)
            self._seen = seen


def add_token(path: Path, name: str) -> str:
    """Make a token for ``name``, keep its digest in the file and give the token.

    An earlier token of the same name is replaced. The file is made if need be, mode 0600.

    Raises
    ------
    InvalidParameterError
        The name or the file is not one.
    """
    if not _NAME.fullmatch(name):
        raise InvalidParameterError(
            f"{name!r} cannot be a name: 1 to 63 letters, digits, dots, dashes, @ or underscores.",
            "Choose another.",
        )
    digests: dict[str, str] = {}
    if path.exists():
        _check_mode(path)
        digests = _read(path)
    token = secrets.token_urlsafe(32)
    digests[name] = _digest(token)
    _write(path, digests)
    return token


def remove_token(path: Path, name: str) -> bool:
    """Take a name's token away; False if it had none."""
    _check_mode(path)
    digests = _read(path)
    if digests.pop(name, None) is None:
        return False
    _write(path, digests)
    return True


def token_names(path: Path) -> list[str]:
    """Names that have a token."""
    return sorted(_read(path)) if path.exists() else []


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _check_mode(path: Path) -> None:
    if os.name != "posix" or not path.exists():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise InvalidParameterError(
            f"The token file {path} can be read by others (mode {mode:04o}; the limit is 0600).",
            f"Close it: chmod 600 {path}.",
        )


def _read(path: Path) -> dict[str, str]:
    digests = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, digest = line.strip().partition(":")
        if not _NAME.fullmatch(name) or not _DIGEST.fullmatch(digest):
            raise InvalidParameterError(
                f"Line {number} of the token file {path} is not NAME:DIGEST.",
                "Remove that line and add the person again: cellwire token add NAME.",
            )
        digests[name] = digest
    return digests


def _write(path: Path, digests: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("# Tokens of the Cellwire engine: NAME:SHA-256. Keep it to yourself.\n")
        file.writelines(f"{name}:{digest}\n" for name, digest in sorted(digests.items()))
    Path(draft).replace(path)
