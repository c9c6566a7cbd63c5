from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwire.cli.stack_options import read_memory, read_stack, with_overlap
from cellwire.errors import InvalidParameterError
from cellwire.jobs.stack import IntensityScope, StackMode, StackWishes

NOTHING: dict[str, Any] = {
    "do_3d": False,
    "stitch": None,
    "each_plane": False,
    "link": None,
    "link_threshold": None,
    "anisotropy": None,
    "flow_smoothing": None,
    "intensity_scope": None,
    "half_precision": False,
    "orthogonal_model": None,
}


def read(**given: Any) -> StackWishes | None:
    return read_stack(**{**NOTHING, **given})


def test_without_any_of_them_one_plane_is_segmented() -> None:
    assert read() is None


@pytest.mark.parametrize(
    ("given", "wishes"),
    [
        ({"each_plane": True}, StackWishes()),
        ({"stitch": 0.4}, StackWishes(StackMode.STITCHED, stitch_threshold=0.4)),
        ({"do_3d": True}, StackWishes(StackMode.VOLUME)),
        ({"do_3d": True, "anisotropy": " Auto "}, StackWishes(StackMode.VOLUME)),
        ({"do_3d": True, "anisotropy": "2.5"}, StackWishes(StackMode.VOLUME, anisotropy=2.5)),
        ({"link": "time"}, StackWishes(link_frames=True)),
        ({"each_plane": True, "link": "time"}, StackWishes(link_frames=True)),
        ({"stitch": 0.25, "link": "time"}, StackWishes(StackMode.STITCHED, link_frames=True)),
        (
            {"stitch": 0.4, "link": "time", "link_threshold": 0.1},
            StackWishes(
                StackMode.STITCHED, link_frames=True, stitch_threshold=0.4, link_threshold=0.1
            ),
        ),
        (
            {
                "do_3d": True,
                "flow_smoothing": 1.5,
                "intensity_scope": "whole",
                "half_precision": True,
                "orthogonal_model": "sides",
            },
            StackWishes(
                StackMode.VOLUME,
                flow_smoothing=1.5,
                intensity_scope=IntensityScope.WHOLE,
                half_precision=True,
                orthogonal_model="sides",
            ),
        ),
    ],
)
def test_what_they_mean(given: dict[str, Any], wishes: StackWishes) -> None:
    assert read(**given) == wishes


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"do_3d": True, "stitch": 0.3}, ["--do-3d and --stitch exclude"]),
        ({"each_plane": True, "do_3d": True}, ["--do-3d and --each-plane exclude"]),
        ({"anisotropy": "2"}, ["--anisotropy is about volumes", "Add --do-3d"]),
        ({"stitch": 0.3, "flow_smoothing": 1.0}, ["--flow-smoothing is about volumes"]),
        ({"half_precision": True}, ["--half-precision is about volumes"]),
        ({"orthogonal_model": "x"}, ["--orthogonal-model is about volumes"]),
        ({"intensity_scope": "whole"}, ["--intensity-scope", "Add --do-3d, --stitch"]),
        ({"link": "space"}, ["--link takes time", "'space'"]),
        ({"do_3d": True, "link_threshold": 0.5}, ["--link was not given", "Add --link time"]),
        ({"link": "time", "link_threshold": 2}, ["frame to frame must be from 0 to 1", "it is 2"]),
        ({"each_plane": True, "intensity_scope": "all"}, ["plane or frame or whole", "'all'"]),
        ({"do_3d": True, "anisotropy": "much"}, ["a number or auto", "'much'"]),
        ({"do_3d": True, "anisotropy": "0"}, ["anisotropy must be above 0", "it is 0"]),
        ({"do_3d": True, "anisotropy": "-2"}, ["anisotropy must be above 0", "it is -2"]),
        ({"do_3d": True, "anisotropy": "nan"}, ["anisotropy must be above 0", "it is nan"]),
        ({"do_3d": True, "flow_smoothing": -1.0}, ["smoothing", "0 to 100", "it is -1"]),
        ({"stitch": 1.5}, ["overlap must be from 0 to 1", "it is 1.5"]),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        read(**given)
    for word in words:
        assert word in str(caught.value)
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        (["--stitch", "a.tif"], ["--stitch=0.25", "a.tif"]),
        (["a.tif", "--stitch"], ["a.tif", "--stitch=0.25"]),
        (["--stitch", "--json", "a.tif"], ["--stitch=0.25", "--json", "a.tif"]),
        (["--stitch", "0.4", "a.tif"], ["--stitch", "0.4", "a.tif"]),
        (["--stitch=0.4", "a.tif"], ["--stitch=0.4", "a.tif"]),
        (["a.tif", "--", "--stitch"], ["a.tif", "--", "--stitch"]),
    ],
)
def test_stitch_may_stand_without_its_number(typed: list[str], read_as: list[str]) -> None:
    assert with_overlap(typed) == read_as


@given(st.lists(st.sampled_from(["a.tif", "--json", "0.5", "--stitch", "--", "--stitch=1"])))
def test_no_word_but_a_bare_stitch_changes(words: list[str]) -> None:
    made = with_overlap(words)
    assert len(made) == len(words)
    for before, after in zip(words, made, strict=True):
        assert before == after or (before, after) == ("--stitch", "--stitch=0.25")


def test_memory_in_gib() -> None:
    assert read_memory(None) is None
    assert read_memory(1.5) == 3 * 2**29
    for value in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InvalidParameterError, match="above 0 GiB"):
            read_memory(value)
