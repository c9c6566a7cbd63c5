from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwire.cli.reading_options import (
    read_channels,
    read_diameter,
    read_kinds,
    read_pair,
    read_planes,
    region_of,
)
from cellwire.errors import InvalidParameterError
from cellwire.jobs.job import Diameter
from cellwire.outputs.save import KINDS


@given(st.floats(1, 10_000))
def test_a_diameter_is_read_exactly(value: float) -> None:
    assert read_diameter(repr(value)) == Diameter(pixels=value)
    assert read_diameter(f"{value!r} px") == Diameter(pixels=value)
    assert read_diameter(f"{value!r}µm") == Diameter(micrometres=value)


@given(st.text())
def test_any_text_is_a_diameter_or_refused(text: str) -> None:
    try:
        found = read_diameter(text)
    except InvalidParameterError as error:
        assert error.next_step
    else:
        assert found.automatic or 0 < (found.pixels or found.micrometres or 0) <= 10_000


def test_the_models_own_diameter_and_auto() -> None:
    assert read_diameter(None) == Diameter()
    assert read_diameter(" AUTO ") == Diameter(automatic=True)


def test_pairs() -> None:
    assert read_pair("--percentiles", None) is None
    assert read_pair("--percentiles", "0.5, 99.8") == (0.5, 99.8)
    for text in ("", "1", "1,2,3", "a,b"):
        with pytest.raises(InvalidParameterError, match="--percentiles takes two numbers"):
            read_pair("--percentiles", text)


def test_channels() -> None:
    assert read_channels(None) is None
    assert read_channels("2") == (2,)
    assert read_channels("2,0") == (2, 0)
    assert read_channels("membrane, DAPI") == ("membrane", "DAPI")
    for text in ("", "1,", "1,2,3", "-1"):
        with pytest.raises(InvalidParameterError):
            read_channels(text)


def test_kinds() -> None:
    assert read_kinds("rois, Labels,rois") == ("rois", "labels")
    assert read_kinds(",".join(KINDS)) == tuple(KINDS)
    for text in ("", "labels,movie"):
        with pytest.raises(InvalidParameterError):
            read_kinds(text)


def test_planes_are_counted_from_one() -> None:
    planes = read_planes(["z=3", "T=1"])
    assert planes == {"Z": 3, "T": 1}
    assert region_of(planes, "TZCYX", (2, 5, 2, 9, 9)) == {"T": (0, 1), "Z": (2, 3)}
    assert region_of({}, "ZYX", (1, 9, 9)) == {"Z": (0, 1)}
    for planes, shape in (({}, (2, 9, 9)), ({"Z": 3}, (2, 9, 9)), ({"T": 1}, (2, 9, 9))):
        with pytest.raises(InvalidParameterError):
            region_of(planes, "ZYX", shape)
    for text in ("Z", "Z=0", "C=1", "Z=-1"):
        with pytest.raises(InvalidParameterError, match="--plane"):
            read_planes([text])


@given(
    st.dictionaries(st.sampled_from("TZ"), st.integers(1, 9)),
    st.permutations("TZCYX"),
    st.lists(st.integers(1, 9), min_size=5, max_size=5),
)
def test_of_a_stack_only_what_was_chosen_is_cut_out(
    planes: dict[str, int], axes: list[str], lengths: list[int]
) -> None:
    sides = dict(zip(axes, lengths, strict=True))
    try:
        region = region_of(planes, "".join(axes), tuple(lengths), is_stack=True)
    except InvalidParameterError:
        assert any(number > sides[axis] for axis, number in planes.items())
    else:
        assert region == {axis: (number - 1, number) for axis, number in planes.items()}
