"""Stacks in three dimensions: flows, cell probability and labels are the peer's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from cellwire.errors import ModelUnknownError
from cellwire.segmentation.parameters import CellposeParameters, Normalisation
from cellwire.segmentation.volume.parameters import VolumeParameters
from cellwire.segmentation.volume.pipeline import segment_volume
from tests.unit.segmentation.volume.balls import balls

if TYPE_CHECKING:
    from cellwire.segmentation.volume.result import VolumeSegmentation

pytestmark = pytest.mark.usefixtures("stable_ties")

SHAPE = (8, 40, 31)


def photograph(shape: tuple[int, ...] = SHAPE, channels: int = 1, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng([seed, *shape])
    image = gaussian_filter(rng.normal(size=(*shape, channels)), (2, 3, 3, 0)) * 20000 + 3000
    return (image + rng.normal(0, 60, image.shape)).clip(0, 65535).astype(np.uint16)


def compare(
    model: Any,
    network: Any,
    image: np.ndarray,
    parameters: CellposeParameters,
    volume: VolumeParameters | None = None,
    orthogonal: Any = None,
) -> VolumeSegmentation:
    volume = volume or VolumeParameters()
    settings = parameters.normalisation
    masks, (_, flows, cellprob), style = model.eval(
        image,
        channels=[1, 2] if image.shape[3] == 2 else [0, 0],
        channel_axis=3,
        z_axis=0,
        diameter=parameters.diameter,
        do_3D=True,
        anisotropy=volume.anisotropy,
        flow3D_smooth=volume.flow_smoothing,
        augment=parameters.augment,
        resample=parameters.resample,
        min_size=parameters.least_size,
        niter=parameters.niter,
        cellprob_threshold=parameters.cellprob_threshold,
        normalize={
            "normalize": settings.enabled,
            "invert": settings.invert,
            "percentile": settings.percentiles,
            "lowhigh": settings.fixed_range,
        },
    )
    got = segment_volume(image, parameters, network, volume, orthogonal)
    if parameters.resample:
        # Images as they are give flows of hundreds and thousands, which float32 holds coarser.
        bound = {"atol": 1e-4} if settings.enabled else {"atol": 1e-3, "rtol": 1e-6}
        np.testing.assert_allclose(got.flows, flows, **bound)
        np.testing.assert_allclose(got.cellprob, cellprob, **bound)
    np.testing.assert_allclose(got.plane_styles["ZY"], style, atol=1e-5)
    assert np.mean(got.labels != masks) < 1e-3
    return got


USUAL: dict[str, dict[str, Any]] = {
    "as it is": {"diameter": 30.0},
    "anisotropy": {"diameter": 38.0, "anisotropy": 2.3},
    "network's size": {"diameter": 40.0, "anisotropy": 1.6, "resample": False},
    "smooth": {
        "diameter": 26.0,
        "flow_smoothing": 1.5,
        "anisotropy": 0.7,
        "normalisation": Normalisation(invert=True),
    },
    "steps": {
        "diameter": 40.0,
        "niter": 33,
        "cellprob_threshold": -0.4,
        "min_size": 60,
        "normalisation": Normalisation(fixed_range=(2500.0, 3600.0)),
    },
}

RARE: dict[str, dict[str, Any]] = {
    "large cells": {"diameter": 44.0},
    "small cells": {"diameter": 23.0},
    "anisotropy alone": {"diameter": 30.0, "anisotropy": 2.0},
    "flips": {"diameter": 45.0, "augment": True},
    "as given": {"diameter": 40.0, "normalisation": Normalisation(enabled=False)},
    "percentiles": {"diameter": 40.0, "normalisation": Normalisation(percentiles=(5.0, 90.0))},
}


def of_random_weights(model: Any, network: Any, chosen: dict[str, Any]) -> None:
    chosen = dict(chosen)
    volume = VolumeParameters(
        anisotropy=chosen.pop("anisotropy", 1.0), flow_smoothing=chosen.pop("flow_smoothing", 0.0)
    )
    parameters = CellposeParameters(compat="cellpose3", **chosen)
    got = compare(model, network, photograph(channels=2), parameters, volume)
    assert got.count > 0


@pytest.mark.parametrize("name", USUAL)
def test_random_weights(peer_model: Any, network: Any, name: str) -> None:
    of_random_weights(peer_model, network, USUAL[name])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", RARE)
def test_random_weights_and_rare_choices(peer_model: Any, network: Any, name: str) -> None:
    of_random_weights(peer_model, network, RARE[name])


@pytest.fixture(scope="module")
def nuclei(peer: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any, str]:
    """The shipped nuclei model: our network, the peer with its export, and that file."""
    from cellpose.models import CellposeModel

    from cellwire.networks.inference import load_network
    from cellwire.networks.registry import export_model, find_model

    try:
        entry = find_model("nuclei")
    except ModelUnknownError:
        pytest.skip("no nuclei model is shipped yet")
    file = tmp_path_factory.mktemp("export") / "cellwire_nuclei"
    export_model("nuclei", file)
    model = CellposeModel(gpu=False, pretrained_model=str(file))
    return load_network(entry, "cpu"), model, str(file)


def nuclei_stack(depth_step: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A stack (Z, Y, X, 1) of bright balls in noise, and their labels."""
    labels = balls((round(22 / depth_step), 42, 44), 20, (7, 9), seed=4, depth_step=depth_step)
    rng = np.random.default_rng(1)
    light = 100 + 900 * gaussian_filter((labels > 0).astype(np.float32), 1)
    return rng.poisson(light).astype(np.uint16)[..., None], labels


@pytest.mark.parametrize("anisotropy", [1.0, 2.0])
def test_trained_weights(nuclei: tuple[Any, Any, str], anisotropy: float) -> None:
    image, labels = nuclei_stack(anisotropy)
    parameters = CellposeParameters(diameter=17.0, compat="cellpose3")
    got = compare(nuclei[1], nuclei[0], image, parameters, VolumeParameters(anisotropy=anisotropy))
    assert 0.5 * labels.max() < got.count < 2 * labels.max()


class Orthogonal:
    """Another network for ZX and ZY planes, which are scaled for the first one's diameter."""

    channels_in = 2

    def __init__(self, network: Any, diam_mean: float) -> None:
        self.diam_mean = diam_mean
        self.network = network

    def __call__(self, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.network.run(tiles)


def test_another_network_for_orthogonal_views(
    nuclei: tuple[Any, Any, str], network: Any, peer_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, model, _ = nuclei
    monkeypatch.setattr(model, "net_ortho", peer_model.net)
    image = nuclei_stack()[0][4:14, :32, :32]
    parameters = CellposeParameters(diameter=17.0, compat="cellpose3")
    compare(model, ours, image, parameters, orthogonal=Orthogonal(network, ours.diam_mean))
