"""A model's defaults, what a request says, and which of the two counts."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwire.errors import InvalidParameterError, ModelBrokenError, SizeModelMissingError
from cellwire.images.spec import Calibration
from cellwire.jobs.job import Diameter, SegmentationJob
from cellwire.jobs.resolve import asked_parameters, complete, defaults_of, result_key
from cellwire.jobs.stack import IntensityScope, StackMode, StackWishes
from cellwire.networks.card import ModelCard
from cellwire.networks.registry import ModelEntry
from cellwire.segmentation.parameters import CellposeParameters, Normalisation

if TYPE_CHECKING:
    from pathlib import Path

MODELS_WAY = Diameter()
TUNED = {
    "diameter": 22,
    "flow_threshold": 0.7,
    "cellprob_threshold": -1,
    "min_size": 40,
    "max_size": 900,
    "max_size_fraction": 0.5,
    "niter": 300,
    "tolerance": 0.001,
    "augment": True,
    "resample": False,
    "exclude_on_edges": True,
    "tile_overlap": 0.2,
    "batch_size": 4,
    "compat": "cellpose3",
    "normalisation": {
        "enabled": True,
        "percentiles": [2, 98],
        "fixed_range": [10, 900],
        "tile_blocksize": 64,
        "invert": True,
    },
}
"""A card's defaults, none of them a built-in one, as JSON has them."""


def entry(defaults: dict[str, Any] | None = None, size: Path | None = None) -> ModelEntry:
    card = ModelCard("", 30.0, defaults=defaults or {})
    return ModelEntry("tuned", "d" * 64, (), size, card, "added", "s" if size else "")


def job(diameter: Diameter = MODELS_WAY, **given: Any) -> SegmentationJob:
    return SegmentationJob("tuned", (), given=given, diameter=diameter)


def test_without_defaults_of_its_own_a_model_has_the_built_in_ones() -> None:
    assert defaults_of(entry()) == CellposeParameters()


def test_every_parameter_can_have_a_default_of_the_model() -> None:
    found = asked_parameters(job(), entry(TUNED))
    assert {field.name for field in fields(CellposeParameters)} == set(TUNED)
    for name, value in TUNED.items():
        if name != "normalisation":
            assert getattr(found, name) == value
    assert found.normalisation == Normalisation(True, (2.0, 98.0), (10.0, 900.0), 64, True)


BUILT_IN = asdict(CellposeParameters())
ALWAYS = [name for name in BUILT_IN if name not in ("diameter", "normalisation")]
NORMALISATION = list(BUILT_IN["normalisation"])


@given(
    st.sets(st.sampled_from(ALWAYS)),
    st.sets(st.sampled_from([name for name in NORMALISATION if name != "fixed_range"])),
)
def test_what_is_given_wins_also_where_it_is_the_built_in_default(
    named: set[str], within: set[str]
) -> None:
    given = {name: BUILT_IN[name] for name in named}
    inner = {name: BUILT_IN["normalisation"][name] for name in within}
    found = complete({**given, "normalisation": inner}, defaults_of(entry(TUNED)))
    default = defaults_of(entry(TUNED))
    for name in ALWAYS:
        assert getattr(found, name) == (BUILT_IN[name] if name in named else getattr(default, name))
    for name in ("enabled", "percentiles", "tile_blocksize", "invert"):
        own, theirs = getattr(found.normalisation, name), getattr(default.normalisation, name)
        assert own == (BUILT_IN["normalisation"][name] if name in within else theirs)
    assert (found.normalisation.fixed_range is None) == ("percentiles" in within)


@pytest.mark.parametrize(("name", "none"), [("max_size", 0), ("niter", 0), ("compat", "")])
def test_saying_none_wins_too(name: str, none: object) -> None:
    assert getattr(asked_parameters(job(**{name: none}), entry(TUNED)), name) is None


def test_the_ways_to_give_a_diameter(tmp_path: Path) -> None:
    tuned = entry(TUNED, size=tmp_path)
    assert asked_parameters(job(), tuned).diameter == 22.0
    assert asked_parameters(job(Diameter(pixels=30.0)), tuned).diameter == 30.0
    assert asked_parameters(job(Diameter(automatic=True)), tuned).diameter is None
    calibrated = SegmentationJob(
        "tuned", (), calibration=Calibration(y=0.5, x=0.5), diameter=Diameter(micrometres=8.0)
    )
    assert asked_parameters(calibrated, tuned).diameter == 16.0
    assert asked_parameters(job(), entry()).diameter is None
    with pytest.raises(SizeModelMissingError):
        asked_parameters(job(Diameter(automatic=True)), entry(TUNED))
    with pytest.raises(InvalidParameterError, match="how large a pixel is"):
        asked_parameters(job(Diameter(micrometres=8.0)), tuned)


@pytest.mark.parametrize(
    ("defaults", "word"),
    [
        ({"flow_treshold": 0.4}, "flow_treshold"),
        ({"flow_threshold": -1}, "it is -1"),
        ({"flow_threshold": "much"}, "much|real number"),
        ({"normalisation": {"blur": 3}}, "blur"),
        ({"normalisation": 3}, "int"),
        ({"normalisation": {"percentiles": [1]}}, "unpack"),
    ],
)
def test_defaults_that_are_none_are_the_models_fault(defaults: dict[str, Any], word: str) -> None:
    with pytest.raises(ModelBrokenError, match=word) as refused:
        asked_parameters(job(flow_threshold=0.4), entry(defaults))
    assert "model tuned" in refused.value.message
    assert "card.json" in refused.value.next_step


def test_equal_work_has_one_key_and_other_work_another(tmp_path: Path) -> None:
    def key(job: SegmentationJob, model: ModelEntry) -> str:
        return result_key(job, model, "cpu")

    plain, tuned = entry(), entry(TUNED)
    assert key(job(), plain) == key(job(flow_threshold=0.4, max_size=0), plain)
    assert key(job(), plain) != key(job(), tuned)
    assert key(job(), tuned) == key(job(Diameter(pixels=22)), tuned)
    assert key(job(), tuned) != key(job(min_size=15), tuned)
    assert key(job(), plain) != key(job(), entry(size=tmp_path)), "it finds another diameter"


def test_a_stack_has_the_key_of_all_its_wishes() -> None:
    wishes = [
        None,
        StackWishes(),
        StackWishes(link_frames=True),
        StackWishes(link_frames=True, link_threshold=0.5),
        StackWishes(StackMode.STITCHED),
        StackWishes(StackMode.STITCHED, stitch_threshold=0.5),
        StackWishes(intensity_scope=IntensityScope.WHOLE),
        StackWishes(StackMode.VOLUME),
        StackWishes(StackMode.VOLUME, anisotropy=2.0),
        StackWishes(StackMode.VOLUME, flow_smoothing=1.0),
        StackWishes(StackMode.VOLUME, half_precision=True),
    ]
    keys = [result_key(replace(job(), stack=wish), entry(), "cpu") for wish in wishes]
    assert len({*keys}) == len(wishes)
    again = result_key(replace(job(), stack=StackWishes()), entry(), "cpu")
    assert again == keys[1]
    other = StackWishes(StackMode.VOLUME, orthogonal_model="tuned")
    one, another = (
        result_key(replace(job(), stack=other), entry(), "cpu", replace(entry(), digest=digest))
        for digest in ("e" * 64, "f" * 64)
    )
    assert one != another
