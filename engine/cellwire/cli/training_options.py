"""What people type after the options of ``cellwire train``, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

SIDE_STEP = 16


def check_sides(crop: int, large_crop: int) -> None:
    """Refuse sides of views that the network cannot take.

    Raises
    ------
    InvalidParameterError
        One is no multiple of 16.
    """
    for option, side in (("--crop", crop), ("--large-crop", large_crop)):
        if side % SIDE_STEP:
            raise InvalidParameterError(
                f"{option} must be a multiple of {SIDE_STEP}; it is {side}.",
                f"Use {max(32, side // SIDE_STEP * SIDE_STEP)}.",
            )


def one_of(option: str, value: str, choices: Sequence[str]) -> str:
    """Give the value if it is one of the choices.

    Raises
    ------
    InvalidParameterError
        It is none.
    """
    if value not in choices:
        raise InvalidParameterError(
            f"{option} is {' or '.join(choices)}; it is {value!r}.", "Choose one of these."
        )
    return value


def read_shares(texts: Sequence[str]) -> dict[str, float]:
    """Read ``KIND=SHARE`` pairs.

    Raises
    ------
    InvalidParameterError
        One is no such pair, or the shares exceed 1.
    """
    shares = {}
    for text in texts:
        kind, _, value = text.rpartition("=")
        try:
            shares[kind] = float(value)
        except ValueError:
            shares[kind] = -1.0
        if not kind or not 0.0 <= shares[kind] <= 1.0:
            raise InvalidParameterError(
                f"A share is KIND=NUMBER with a number from 0 to 1; it is {text!r}.",
                "For example --share fluo=0.85.",
            )
    if sum(shares.values()) > 1.0 + 1e-9:
        raise InvalidParameterError(
            f"The shares must not exceed 1 in sum; they are {sum(shares.values()):g}.",
            "Lower some of them; kinds that are not named share what is left.",
        )
    return shares
