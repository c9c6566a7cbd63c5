"""Reading the certificate and the token that an engine on another machine wants."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Union

from cellwire_client.errors import TlsError, TokenError

PathLike = Union[str, Path]


def read_certificate(path: PathLike) -> bytes:
    """Read the certificate (PEM) by which an engine is recognised.

    Parameters
    ----------
    path
        The ``ca.pem`` that ``cellwire certificate`` wrote on the engine's machine.

    Returns
    -------
    bytes
        The file's content.

    Raises
    ------
    TlsError
        If it cannot be read or is no certificate.
    """
    again = "Copy the ca.pem that 'cellwire certificate' wrote on the engine's machine."
    try:
        data = Path(path).expanduser().read_bytes()
    except OSError as error:
        raise TlsError(f"The certificate {path} cannot be read: {error.strerror}.", again) from None
    if b"-----BEGIN CERTIFICATE-----" not in data:
        kind = "is a private key, not a certificate" if b"PRIVATE KEY" in data else "is none"
        raise TlsError(f"The certificate file {path} {kind}.", again)
    return data


def read_token(path: PathLike) -> str:
    """Read a token: the first line of a file that is neither empty nor a comment.

    Parameters
    ----------
    path
        The file in which ``cellwire token add NAME`` 's token was saved.

    Returns
    -------
    str
        The token.

    Raises
    ------
    TokenError
        If it cannot be read or holds no token.
    """
    again = "Save the token that 'cellwire token add NAME' printed there, on a line of its own."
    try:
        lines = Path(path).expanduser().read_text(encoding="utf-8").splitlines()
    except OSError as error:
        message = f"The token file {path} cannot be read: {error.strerror}."
        raise TokenError(message, again, "TOKEN_MISSING") from None
    except UnicodeDecodeError:
        raise TokenError(f"The token file {path} is no text.", again, "TOKEN_MISSING") from None
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            return check_token(line)
    raise TokenError(f"The token file {path} is empty.", again, "TOKEN_MISSING")


def check_token(token: str) -> str:
    """Strip a token and refuse what cannot be one.

    Raises
    ------
    TokenError
        If it is empty or has other characters than visible ASCII ones.
    """
    token = token.strip()
    if not re.match(r"[!-~]+\Z", token):
        raise TokenError(
            f"The token ({len(token)} characters) has others than letters, digits and signs.",
            "Copy it again from what 'cellwire token add NAME' printed.",
        )
    return token
