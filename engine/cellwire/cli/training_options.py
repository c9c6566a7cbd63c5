"""What people type after the options of ``cellwire train``, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from cellwire.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.networks.architecture import Architecture

SIDE_STEP = 16
OPTIMIZERS: dict[str, Literal["sgd", "adamw"]] = {"sgd": "sgd", "adamw": "adamw"}
PRECISIONS: dict[str, Literal["fp32", "bf16"]] = {"fp32": "fp32", "bf16": "bf16"}


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


def read_optimizer(text: str | None) -> Literal["sgd", "adamw"] | None:
    """Read ``sgd`` or ``adamw``; ``None`` = not said.

    Raises
    ------
    InvalidParameterError
        It is neither.
    """
    if text is None or text in OPTIMIZERS:
        return None if text is None else OPTIMIZERS[text]
    raise InvalidParameterError(
        f"--optimizer is sgd or adamw; it is {text!r}.", "Choose one of these."
    )


def read_precision(text: str) -> Literal["fp32", "bf16"]:
    """Read ``fp32`` or ``bf16``.

    Raises
    ------
    InvalidParameterError
        It is neither.
    """
    if text in PRECISIONS:
        return PRECISIONS[text]
    raise InvalidParameterError(
        f"--precision is fp32 or bf16; it is {text!r}.", "Choose one of these."
    )


def architecture(*, style: bool, residual: bool, concatenate: bool) -> Architecture | None:
    """Give the network with the paper's options, ``None`` for Cellpose's own."""
    if style and residual and not concatenate:
        return None
    from cellwire.networks.architecture import Architecture

    return Architecture(style=style, residual=residual, concatenate=concatenate)


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
