from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwire.errors import TrainingDataError
from cellwire.evaluation.extremes import extremes
from cellwire.evaluation.image_index import column_of, read_index
from cellwire.evaluation.matching import THRESHOLDS
from cellwire.evaluation.report import report_of
from cellwire.evaluation.resampling import RESAMPLES, image_draws, interval
from cellwire.evaluation.score_table import markdown_table, summary_rows
from cellwire.evaluation.scores import ImageScores
from cellwire.evaluation.sizes import size_errors

if TYPE_CHECKING:
    from pathlib import Path

QUICK = settings(max_examples=40, deadline=None)


@st.composite
def image_scores(draw: st.DrawFn) -> ImageScores:
    objects, predicted = draw(st.integers(0, 40)), draw(st.integers(0, 40))
    most = min(objects, predicted)
    tp = sorted((draw(st.integers(0, most)) for _ in THRESHOLDS), reverse=True)
    jaccard = draw(st.floats(0, 1)) if objects + predicted else math.nan
    return ImageScores(
        f"image {draw(st.integers(0, 10**6))}",
        objects,
        predicted,
        tuple(tp),
        jaccard,
        np.full((3, 3), np.nan),
        draw(st.sampled_from(["fluo", "purple"])),
        draw(st.floats(5, 100)),
        draw(st.one_of(st.just(math.nan), st.floats(5, 100))),
    )


SCORES = st.lists(image_scores(), min_size=1, max_size=12, unique_by=lambda each: each.name)


@QUICK
@given(SCORES)
def test_groups_are_reported_as_if_they_were_all(scores: list[ImageScores]) -> None:
    report = report_of(scores)
    groups = report["groups"]
    assert set(groups) == {each.group for each in scores}
    for name, part in groups.items():
        alone = report_of([each for each in scores if each.group == name])
        assert {key: alone[key] for key in part} == part
    assert sum(part["mean"]["images"] for part in groups.values()) == len(scores)
    for count in ("objects", "predicted"):
        total = sum(part["pooled"][count] for part in groups.values())
        assert total == report["pooled"][count]


@QUICK
@given(SCORES)
def test_pooling_counts_objects_and_the_mean_averages_images(scores: list[ImageScores]) -> None:
    report = report_of([replace(each, group="") for each in scores])
    assert "groups" not in report
    right = sum(each.tp[0] for each in scores)
    some = sum(each.objects + each.predicted for each in scores) - right
    pooled, mean = report["pooled"]["ap"]["0.5"], report["mean"]["ap"]["0.5"]
    assert pooled == (pytest.approx(right / some) if some else None)
    each_ap = [each.ap[0] for each in scores if not np.isnan(each.ap[0])]
    assert mean == (pytest.approx(np.mean(each_ap)) if each_ap else None)
    if each_ap:
        low, high = report["mean"]["ap_interval"]["0.5"]
        assert min(each_ap) - 1e-9 <= low <= high <= max(each_ap) + 1e-9


@QUICK
@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=15))
def test_sizes_of_an_image_are_drawn_together(names: list[str]) -> None:
    draws = image_draws(names)
    assert draws.shape == (RESAMPLES, len(names))
    for name in set(names):
        own = draws[:, [place for place, each in enumerate(names) if each == name]]
        assert (own == own[:, :1]).all()
    firsts = draws[:, [names.index(name) for name in dict.fromkeys(names)]]
    assert (firsts.sum(axis=1) == len(set(names))).all()


def test_an_interval_is_that_of_known_draws() -> None:
    assert interval(np.arange(1001.0)) == (25.0, 975.0)
    assert interval(np.array([np.nan, 2.0])) == (2.0, 2.0)
    assert all(math.isnan(end) for end in interval(np.array([np.nan])))


@QUICK
@given(
    st.lists(st.floats(5, 200), min_size=1, max_size=30),
    st.floats(0.25, 4),
)
def test_diameters_that_are_off_by_a_factor(true: list[float], factor: float) -> None:
    found = size_errors(np.array(true), np.array(true) * factor)
    assert found is not None
    assert found["median_error"] == pytest.approx(abs(factor - 1), abs=1e-9)
    assert found["median_ratio"] == pytest.approx(factor)
    if abs(abs(factor - 1) - 0.2) > 1e-6:
        assert found["within_20_percent"] == (abs(factor - 1) < 0.2)


def test_images_without_both_diameters_do_not_count() -> None:
    true, predicted = np.array([10, 20, np.nan, 10]), np.array([11, np.nan, 10, 14])
    found = size_errors(true, predicted)
    assert found is not None
    assert found["images"] == 2
    assert found["median_error"] == pytest.approx(0.25)
    assert found["within_20_percent"] == 0.5
    assert size_errors(np.array([10.0]), np.array([np.nan])) is None


def scored(name: str, tp: int, group: str = "") -> ImageScores:
    return ImageScores(name, 10, 10, (tp,) * 10, 0.5, np.full((3, 3), 0.5), group)


def test_the_best_the_median_and_the_worst() -> None:
    scores = [scored(str(tp), tp) for tp in (3, 9, 5, 7, 1)]
    names = {which: each.name for which, each in extremes(scores).items()}
    assert names == {"best": "9", "median": "5", "worst": "1"}
    assert list(extremes(scores[:2])) == ["best", "worst"]
    assert list(extremes(scores[:1])) == ["best"]
    assert extremes([replace(scores[0], objects=0, predicted=0, tp=(0,) * 10)]) == {}


def test_a_table_has_a_row_for_each_group_and_only_needed_columns() -> None:
    scores = [scored("a", 8, "fluo"), scored("b", 4, "purple"), scored("c", 10, "fluo")]
    report = {"model": "nuclei", "diameter": "auto", **report_of(scores)}
    header, rows = summary_rows([report])
    assert "resized to" not in header
    assert "within 20 %" not in header
    place = header.index("group")
    assert [row[place] for row in rows] == ["fluo", "purple", "all"]
    mean = [row[header.index("mean AP@0.5 (95 %)")].split()[0] for row in rows]
    assert mean == ["0.833", "0.250", "0.639"]
    text = markdown_table(header, rows).splitlines()
    assert len(text) == 5
    assert {line.count("|") for line in text} == {len(header) + 1}
    plain = {"model": "x", "diameter": "", **report_of([scored("a", 8)])}
    assert "group" not in summary_rows([plain])[0]


def test_an_index_beside_the_images_or_above_several_sets(tmp_path: Path) -> None:
    images = tmp_path / "cells" / "phase" / "images"
    images.mkdir(parents=True)
    assert read_index(images) == {}
    (tmp_path / "cells" / "index.csv").write_text(
        "set,stem,split\nphase,a,train\nphase,b,val\nother,a,val\n"
    )
    index = read_index(images)
    assert column_of(index, "split", ["b", "a"], images) == ["val", "train"]
    (images.parent / "index.csv").write_text("id,kind\na,round\n")
    index = read_index(images)
    assert column_of(index, "kind", ["a"], images) == ["round"]
    with pytest.raises(TrainingDataError, match="1 of 2 images are not in the index"):
        column_of(index, "kind", ["a", "b"], images)
    with pytest.raises(TrainingDataError, match="no column 'split'; it has id, kind"):
        column_of(index, "split", ["a"], images)
    with pytest.raises(TrainingDataError, match="There is no index"):
        column_of({}, "split", ["a"], images)
