from __future__ import annotations

from typing import Any

import pytest

from cellwire.errors import InvalidParameterError
from cellwire.segmentation.parameters import CellposeParameters, Normalisation


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"diameter": 0.0}, "diameter must be from 1 to 10000 pixels; it is 0"),
        ({"diameter": -3.0}, "it is -3"),
        ({"diameter": 1e6}, "it is 1e"),
        ({"diameter": float("nan")}, "it is nan"),
        ({"flow_threshold": -0.1}, "flow threshold must be from 0 to 100"),
        ({"cellprob_threshold": 51.0}, "cell-probability threshold"),
        ({"min_size": -2}, "minimum size"),
        ({"min_size": 50, "max_size": 20}, "maximum size must be from 50"),
        ({"niter": 0}, "niter"),
        ({"tolerance": 1.5}, "tolerance"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"tile_overlap": 0.7}, "tile overlap"),
        ({"batch_size": 0}, "batch size"),
        ({"compat": "cellpose2"}, "cellpose3"),
        ({"normalisation": Normalisation(percentiles=(99.0, 1.0))}, "must be below"),
        ({"normalisation": Normalisation(percentiles=(-1.0, 99.0))}, "lower percentile"),
        ({"normalisation": Normalisation(fixed_range=(5.0, 5.0))}, "must rise"),
        ({"normalisation": Normalisation(tile_blocksize=3)}, "block size"),
        ({"normalisation": Normalisation(enabled=False, invert=True)}, "Inverting needs"),
    ],
)
def test_what_is_out_of_range_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidParameterError, match=says):
        CellposeParameters(**options)


def test_the_defaults_are_the_references() -> None:
    values = CellposeParameters().to_dict()
    assert (values["flow_threshold"], values["cellprob_threshold"]) == (0.4, 0.0)
    assert (CellposeParameters().least_size, values["max_size_fraction"]) == (15, 0.4)
    assert values["normalisation"]["percentiles"] == (1.0, 99.0)
