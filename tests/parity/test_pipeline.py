"""Flows, cell probability, style and masks of whole images are the peer's."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from cellwire.segmentation.parameters import CellposeParameters, Normalisation
from cellwire.segmentation.pipeline import segment_plane

SIZES = [(64, 64), (223, 317), (512, 512), (1100, 700)]
DIAMETERS = [12.0, 30.0, 75.0]
USUAL = {
    ((64, 64), 12.0), ((64, 64), 30.0), ((64, 64), 75.0),
    ((223, 317), 30.0), ((223, 317), 75.0),
    ((512, 512), 75.0), ((1100, 700), 75.0),
}  # fmt: skip
"""Few tiles each; together every size and every diameter. The rest is behind `slow`."""

SLOW = [pytest.mark.slow, pytest.mark.timeout(1800)]

OPTIONS: dict[str, list[Any]] = {
    "channels": [[0, 0], [2, 1]],
    "invert": [False, True],
    "augment": [False, True],
    "percentiles": [(1.0, 99.0), (0.5, 95.0)],
    "tile_blocksize": [0, 40],
}


def photograph(shape: tuple[int, int], channels: int = 1, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng([seed, *shape])
    image = gaussian_filter(rng.normal(size=(*shape, channels)), (3, 3, 0)) * 8000 + 3000
    return (image + rng.normal(0, 60, image.shape)).clip(0, 65535).astype(np.uint16)


def compare(
    model: Any,
    network: Any,
    image: np.ndarray,
    channels: list[int],
    parameters: CellposeParameters,
) -> None:
    settings = parameters.normalisation
    masks, (_, flows, cellprob), style = model.eval(
        image,
        channels=channels,
        diameter=parameters.diameter,
        augment=parameters.augment,
        resample=parameters.resample,
        tile_overlap=parameters.tile_overlap,
        normalize={
            "invert": settings.invert,
            "percentile": settings.percentiles,
            "tile_norm_blocksize": settings.tile_blocksize,
        },
    )
    chosen = image if channels == [0, 0] else image[..., [c - 1 for c in channels]]
    got = segment_plane(chosen, parameters, network)
    if not parameters.resample:
        from cellpose.transforms import resize_image

        small = np.stack([*flows, cellprob], axis=-1)
        large = resize_image(small, *image.shape[:2])
        flows, cellprob = large[..., :2].transpose(2, 0, 1), large[..., 2]
    np.testing.assert_allclose(got.flows, flows, atol=1e-4)
    np.testing.assert_allclose(got.cellprob, cellprob, atol=1e-4)
    np.testing.assert_allclose(got.style, style, atol=1e-5)
    assert np.mean(got.labels != masks) < 1e-3


@pytest.mark.parametrize(
    ("shape", "diameter"),
    [
        pytest.param(shape, diameter, marks=[] if (shape, diameter) in USUAL else SLOW)
        for shape, diameter in itertools.product(SIZES, DIAMETERS)
    ],
)
@pytest.mark.usefixtures("stable_ties")
def test_whole_image(
    peer_model: Any, network: Any, shape: tuple[int, int], diameter: float
) -> None:
    parameters = CellposeParameters(diameter=diameter, compat="cellpose3")
    compare(peer_model, network, photograph(shape), [0, 0], parameters)


def options_run(
    model: Any,
    network: Any,
    chosen: dict[str, Any],
    shape: tuple[int, int] = (150, 131),
    diameter: float = 27.0,
    **more: Any,
) -> None:
    two = chosen["channels"] != [0, 0]
    image = photograph(shape, 2 if two else 1, seed=3)
    parameters = CellposeParameters(
        diameter=diameter,
        augment=chosen["augment"],
        compat="cellpose3",
        normalisation=Normalisation(
            percentiles=chosen["percentiles"],
            tile_blocksize=chosen["tile_blocksize"],
            invert=chosen["invert"],
        ),
        **more,
    )
    compare(model, network, image, chosen["channels"], parameters)


PAIRS = [
    dict(zip(OPTIONS, choice, strict=True))
    # Eight rows of an orthogonal array: every pair of values of every two options occurs.
    for choice in (
        [OPTIONS[name][bit] for name, bit in zip(OPTIONS, (a, b, c, a ^ b, a ^ c), strict=True)]
        for a, b, c in itertools.product((0, 1), repeat=3)
    )
]


def test_the_rows_hold_every_pair() -> None:
    for first, second in itertools.combinations(OPTIONS, 2):
        seen = {(str(row[first]), str(row[second])) for row in PAIRS}
        assert len(seen) == 4


@pytest.mark.parametrize("row", range(len(PAIRS)))
@pytest.mark.usefixtures("stable_ties")
def test_options_pairwise(peer_model: Any, network: Any, row: int) -> None:
    options_run(peer_model, network, PAIRS[row])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("choice", list(itertools.product((0, 1), repeat=len(OPTIONS))), ids=str)
@pytest.mark.parametrize("diameter", DIAMETERS)
@pytest.mark.parametrize("shape", SIZES, ids=str)
@pytest.mark.usefixtures("stable_ties")
def test_options_in_full(
    peer_model: Any, network: Any, shape: tuple[int, int], diameter: float, choice: tuple[int, ...]
) -> None:
    chosen = {name: OPTIONS[name][bit] for name, bit in zip(OPTIONS, choice, strict=True)}
    options_run(peer_model, network, chosen, shape, diameter)


@pytest.mark.parametrize("more", [{"resample": False}, {"tile_overlap": 0.4}], ids=str)
@pytest.mark.usefixtures("stable_ties")
def test_other_options(peer_model: Any, network: Any, more: dict[str, Any]) -> None:
    options_run(peer_model, network, PAIRS[0], **more)


def test_batches_do_not_change_the_answer(network: Any) -> None:
    image = photograph((300, 260))
    parameters = CellposeParameters(diameter=30.0, batch_size=4)
    one = segment_plane(image, parameters, network)
    other = segment_plane(image, replace(parameters, batch_size=3), network)
    np.testing.assert_array_equal(one.labels, other.labels)
    np.testing.assert_allclose(one.flows, other.flows, atol=1e-5)
