"""What people type after an option, checked and turned into values."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from cellwire.errors import InvalidParameterError
from cellwire.jobs.job import Diameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cellwire.evaluation.rescaling import Rescaling

_DIAMETER = re.compile(r"([+-]?\d*\.?\d+(?:e[+-]?\d+)?)(px|um)?")
LARGEST_DIAMETER = 10_000


def read_diameter(text: str | None) -> Diameter:
    """Read ``30``, ``30px``, ``10um`` or ``auto``; ``None`` = the model's own way.

    Raises
    ------
    InvalidParameterError
        It is none of these, or out of range.
    """
    if text is None:
        return Diameter()
    plain = text.strip().lower().replace("μ", "u").replace("µ", "u").replace(" ", "")
    if plain in ("auto", "automatic"):
        return Diameter(automatic=True)
    found = _DIAMETER.fullmatch(plain)
    if found is None:
        raise InvalidParameterError(
            f"The diameter {text!r} is not understood.",
            "Write pixels (--diameter 30), micrometres (--diameter 10um) or --diameter auto.",
        )
    value = float(found.group(1))
    if found.group(2) == "um":
        _within("diameter", value, 0.001, LARGEST_DIAMETER, "µm")
        return Diameter(micrometres=value)
    _within("diameter", value, 1, LARGEST_DIAMETER, "pixels")
    return Diameter(pixels=value)


def read_pair(option: str, text: str | None) -> tuple[float, float] | None:
    """Read ``LOW,HIGH``.

    Raises
    ------
    InvalidParameterError
        It is no pair of numbers.
    """
    if text is None:
        return None
    parts = text.replace(";", ",").split(",")
    try:
        low, high = (float(part) for part in parts)
    except ValueError:
        raise InvalidParameterError(
            f"{option} takes two numbers; it is {text!r}.", f"Write {option} 1,99 for example."
        ) from None
    return low, high


def read_channels(text: str | None) -> tuple[int | str, ...] | None:
    """Read ``2``, ``2,1`` or names; the engine's rooms know which there are.

    Raises
    ------
    InvalidParameterError
        None, or more than two.
    """
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not 1 <= len(parts) <= 2 or not all(parts):
        raise InvalidParameterError(
            f"--channels takes one or two channels; it is {text!r}.",
            "Write --channels 2, or --channels 2,1 (segmented, nucleus); numbers from 1, or names.",
        )
    if any(re.fullmatch(r"-\d+", part) for part in parts):
        raise InvalidParameterError(
            f"Channels are counted from 1; --channels is {text!r}.",
            "Write 1 for the first, 0 for the mean of all (first place) or none (second place).",
        )
    return tuple(int(part) if part.isdecimal() else part for part in parts)


def read_names(option: str, texts: list[str]) -> list[str]:
    """Read names that are separated by commas or given by repeating the option, each once.

    Raises
    ------
    InvalidParameterError
        One is empty.
    """
    names = [part.strip() for text in texts for part in text.split(",")]
    if not all(names):
        raise InvalidParameterError(
            f"{option} takes names with commas between them; one of {', '.join(texts)!r} is empty.",
            f"Write {option} nuclei,cyto for example.",
        )
    return list(dict.fromkeys(names))


def read_rescalings(factors: str | None, targets: str | None) -> list[Rescaling | None]:
    """Read ``--rescale 0.5,1,2`` and ``--rescale-to 7,12``; ``[None]`` = as the images are.

    Raises
    ------
    InvalidParameterError
        A value is no number above 0.
    """
    from cellwire.evaluation.rescaling import Rescaling

    found: list[Rescaling | None] = []
    found += [Rescaling(factor=value) for value in _positive("--rescale", factors)]
    found += [Rescaling(target=value) for value in _positive("--rescale-to", targets)]
    return found or [None]


def _positive(option: str, text: str | None) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")] if text is not None else []
    except ValueError:
        values = [math.nan]
    if not all(math.isfinite(value) and value > 0 for value in values):
        raise InvalidParameterError(
            f"{option} takes numbers above 0 with commas between them; it is {text!r}.",
            f"Write {option} 0.5,1,2 for example.",
        )
    return values


def read_kinds(text: str, *, is_stack: bool = False) -> tuple[str, ...]:
    """Read the names after ``--save``.

    Raises
    ------
    InvalidParameterError
        Naming those there are.
    """
    from cellwire.outputs.save import check_kinds

    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    return check_kinds(names, stack=is_stack)


def read_planes(texts: list[str]) -> dict[str, int]:
    """Read ``Z=3`` or ``T=1``, counted from 1.

    Raises
    ------
    InvalidParameterError
        It is not of that form.
    """
    planes: dict[str, int] = {}
    for text in texts:
        found = re.fullmatch(r"\s*([TZ])\s*=\s*(\d+)\s*", text.upper())
        if found is None or int(found.group(2)) < 1 or found.group(1) in planes:
            raise InvalidParameterError(
                f"--plane takes an axis and a number from 1; it is {text!r}.",
                "Write --plane Z=3, or --plane T=1, each once.",
            )
        planes[found.group(1)] = int(found.group(2))
    return planes


def region_of(
    planes: Mapping[str, int], axes: str, shape: tuple[int, ...], *, is_stack: bool = False
) -> dict[str, tuple[int, int]]:
    """Give the range of each axis that is not taken whole, for one image.

    Parameters
    ----------
    planes
        From `read_planes`.
    axes, shape
        Of the image.
    is_stack
        Whether it was said what several planes and frames are to each other.

    Raises
    ------
    InvalidParameterError
        The image has no such plane, or several and it was not said what to do with them.
    """
    names = {"Z": "planes along Z", "T": "frames along T"}
    ways = {"Z": "--each-plane, --stitch or --do-3d", "T": "--each-plane or --link time"}
    for axis in planes:
        if axis not in axes:
            raise InvalidParameterError(
                f"--plane {axis}={planes[axis]} was asked for; the image has the axes {axes}.",
                "Leave it out.",
            )
    region = {}
    for axis, count in zip(axes, shape, strict=True):
        if axis not in names or (is_stack and axis not in planes):
            continue
        chosen = planes.get(axis, 1 if count == 1 else 0)
        example = f"--plane {axis}={(count + 1) // 2}"
        if not chosen:
            raise InvalidParameterError(
                f"The image has {count} {names[axis]}, and it was not said what they are to each "
                "other.",
                f"Add {ways[axis]}, or choose one, for example {example}.",
            )
        if chosen > count:
            raise InvalidParameterError(
                f"The image has {count} {names[axis]}; {axis}={chosen} was asked for.",
                f"Choose one from 1 to {count}, for example {example}.",
            )
        region[axis] = (chosen - 1, chosen)
    return region


def _within(name: str, value: float, low: float, high: float, unit: str) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise InvalidParameterError(
            f"The {name} must be from {low:g} to {high:,} {unit}; it is {value:,.10g}.",
            "Measure a typical cell and give its diameter, or leave it to the model.",
        )
