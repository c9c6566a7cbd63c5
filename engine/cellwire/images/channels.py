"""Which channels of an image the network sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cellwire.errors import AxesUnknownError, InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

CHOICE = "Choose with --channels, for example --channels 2,1 (segmented, nucleus)."


def choose_channels(
    channels: Sequence[int | str] | None, axes: str, shape: tuple[int, ...], names: Sequence[str]
) -> tuple[int, ...]:
    """Turn what the user asked for into channel numbers.

    Parameters
    ----------
    channels
        Numbers from 1 or names; 0 = the mean of all as first, none as second. ``None`` = the
        only channel there is, or the mean of a colour image.
    axes, shape
        Of the image.
    names
        Names of its channels, as far as it has some.

    Returns
    -------
    tuple of int
        One number, or two if a nucleus channel was asked for; 0 only as the first.

    Raises
    ------
    AxesUnknownError
        If the image has several channels and none was chosen.
    InvalidParameterError
        If a channel is not in the image.
    """
    count = shape[axes.index("C")] if "C" in axes else 1
    if channels is None:
        if count > 1 and tuple(names) != ("red", "green", "blue"):
            listed = f" ({', '.join(names)})" if names else ""
            raise AxesUnknownError(
                f"The image has {count} channels{listed} and none was chosen.", CHOICE
            )
        return (0,) if count > 1 else (1,)
    if not 1 <= len(channels) <= 2:
        raise InvalidParameterError(
            f"One or two channels can be chosen; {len(channels)} were given.", CHOICE
        )
    numbers = [_number(channel, count, names) for channel in channels]
    return tuple(numbers[:1]) if len(numbers) == 1 or numbers[1] == 0 else tuple(numbers)


def _number(channel: int | str, count: int, names: Sequence[str]) -> int:
    text = str(channel).strip()
    lowered = [name.lower() for name in names]
    if text.lower() in ("none", "mean"):
        return 0
    if text.lower() in lowered:
        return lowered.index(text.lower()) + 1
    if not text.isdigit():
        listed = f"they are named {', '.join(names)}" if names else "they have no names"
        raise InvalidParameterError(
            f"The image has no channel {text!r}; it has {count} and {listed}.", CHOICE
        )
    if int(text) > count:
        raise no_such_channel(int(text), count)
    return int(text)


def no_such_channel(number: int, count: int) -> InvalidParameterError:
    """Make the error for a channel's number that an image with so many channels does not have."""
    return InvalidParameterError(
        f"Channel {number} was asked for; the image has {count}.",
        f"Choose from 1 to {count}, or 0 for the mean of all." if count > 1 else "Choose 1.",
    )
