"""A plane that stays on a device gets the answer of the plain way; here the device is the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwire.networks.device_plane import _resized
from cellwire.networks.inference import Network
from cellwire.networks.registry import find_model
from cellwire.networks.weight_arrays import read_ensemble
from cellwire.segmentation.network_pass import run_network
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.pipeline import segment_plane
from cellwire.segmentation.resize import linear_taps, resize_linear
from tests.unit.networks.devices_in_need import ScriptedNetwork, small_weights

if TYPE_CHECKING:
    from cellwire.networks.weight_arrays import NetworkWeights

TOLERANCE = 1e-5
NETWORKS = {channels: Network([small_weights(channels)], "cpu") for channels in (1, 2)}
Answer = tuple[np.ndarray, np.ndarray]


def both(
    image: np.ndarray, scale: float, network: Network, parameters: CellposeParameters
) -> tuple[Answer, Answer]:
    """Answers of the device's way and of the plain one."""
    network.keeps_planes, network.group = False, 1
    plain = run_network(image, scale, network, parameters)
    network.keeps_planes, network.group = True, 8
    return run_network(image, scale, network, parameters), plain


def assert_alike(ours: Answer, plain: Answer) -> None:
    assert ours[0].shape == plain[0].shape
    assert ours[0].dtype == ours[1].dtype == np.float32
    assert ours[0].flags.c_contiguous
    for own, other in zip(ours, plain, strict=True):
        np.testing.assert_allclose(own, other, rtol=0, atol=TOLERANCE * max(1, abs(other).max()))


@given(
    height=st.integers(1, 290),
    width=st.integers(1, 290),
    channels=st.sampled_from([1, 2]),
    scale=st.sampled_from([1.0, 0.7, 1.31]),
    augment=st.booleans(),
    overlap=st.sampled_from([0.05, 0.1, 0.5]),
    resample=st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_the_answer_is_that_of_the_plain_way(
    height: int,
    width: int,
    channels: int,
    scale: float,
    augment: bool,
    overlap: float,
    resample: bool,
) -> None:
    scale = max(scale, 1 / min(height, width))
    parameters = CellposeParameters(
        diameter=30.0, augment=augment, tile_overlap=overlap, resample=resample
    )
    image = np.random.default_rng(0).random((height, width, channels), dtype=np.float32)
    assert_alike(*both(image, scale, NETWORKS[channels], parameters))


@pytest.mark.parametrize(("augment", "count"), [(False, 1), (True, 2)])
def test_many_tiles_and_an_ensemble(augment: bool, count: int) -> None:
    image = np.random.default_rng(1).random((501, 333, 2), dtype=np.float32)
    parameters = CellposeParameters(diameter=30.0, augment=augment)
    network = Network([small_weights(2)] * count, "cpu")
    assert_alike(*both(image, 1.2, network, parameters))


@pytest.mark.parametrize("augment", [False, True])
def test_how_many_tiles_are_blended_at_once_changes_no_bit(augment: bool) -> None:
    image = np.random.default_rng(1).random((501, 333, 2), dtype=np.float32)
    parameters = CellposeParameters(diameter=30.0, augment=augment)
    network = ScriptedNetwork(small_weights(), group=32)
    answer, style = run_network(image, 1.2, network, parameters)
    for group in (1, 3, 8):
        network.group = group
        again, same = run_network(image, 1.2, network, parameters)
        np.testing.assert_array_equal(again, answer)
        np.testing.assert_array_equal(same, style)


def nuclei() -> NetworkWeights:
    return read_ensemble(find_model("nuclei").files)[0]


@pytest.mark.parametrize("augment", [False, True])
def test_the_labels_are_equal(augment: bool) -> None:
    y, x = np.mgrid[:300, :260] % 40
    image = (np.hypot(y - 20, x - 20) < 12) * 200.0
    image += np.random.default_rng(0).normal(20, 5, image.shape)
    parameters = CellposeParameters(diameter=27.0, augment=augment)
    network = Network([nuclei()], "cpu")
    plain = segment_plane(image[..., None], parameters, network)
    network.keeps_planes, network.group = True, 4
    ours = segment_plane(image[..., None], parameters, network)
    assert plain.count > 20
    np.testing.assert_array_equal(ours.labels, plain.labels)
    for own, other in ((ours.flows, plain.flows), (ours.cellprob, plain.cellprob)):
        np.testing.assert_allclose(own, other, rtol=0, atol=TOLERANCE * abs(other).max())


@given(
    old=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    new=st.tuples(st.integers(1, 300), st.integers(1, 300)),
)
@settings(max_examples=50, deadline=None)
def test_resizing_is_that_of_opencv(old: tuple[int, int], new: tuple[int, int]) -> None:
    image = np.random.default_rng(0).random((*old, 2), dtype=np.float32)
    own = _resized(torch.from_numpy(image).permute(2, 0, 1), linear_taps(old, new))
    np.testing.assert_allclose(
        own.permute(1, 2, 0).numpy(), resize_linear(image, new), rtol=0, atol=1e-6
    )


def test_of_a_plane_too_large_for_the_device_only_tiles_go_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = np.random.default_rng(1).random((240, 240, 2), dtype=np.float32)
    network, parameters = NETWORKS[2], CellposeParameters(diameter=30.0)
    network.keeps_planes, network.group = False, 8
    plain = run_network(image, 1.0, network, parameters)
    network.keeps_planes = True
    monkeypatch.setattr("cellwire.networks.inference.PLANE_SHARE", 1e-9)
    own = run_network(image, 1.0, network, parameters)
    np.testing.assert_array_equal(own[0], plain[0])
