"""Real nuclei, end to end, with the shipped model in the engine and in the peer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pytest

from cellwire.networks.inference import Network
from cellwire.networks.registry import find_model
from cellwire.networks.weight_arrays import read_ensemble
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.pipeline import segment_plane

if TYPE_CHECKING:
    from pathlib import Path

    from cellwire.networks.backend import BackendName, Precision

IMAGES = 6

Answer: TypeAlias = tuple[np.ndarray, np.ndarray, Any, np.ndarray]
"""An image, and the peer's masks, flows and style."""


@pytest.fixture(scope="module")
def theirs(peer: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The peer with the export of the shipped nuclei model."""
    from cellpose.models import CellposeModel

    from cellwire.networks.registry import export_model

    file = tmp_path_factory.mktemp("export") / "cellwire_nuclei"
    export_model("nuclei", file)
    return CellposeModel(gpu=False, pretrained_model=str(file))


@pytest.fixture(scope="module")
def answers(theirs: Any, shared_data: Path) -> list[Answer]:
    """What the peer says of real nuclei."""
    import cv2

    paths = sorted((shared_data / "nuclei_test" / "images").glob("*.png"))
    small = sorted(paths, key=lambda path: path.stat().st_size)[:IMAGES]
    images = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)[:400, :400] for path in small]
    return [(each, *theirs.eval(each, channels=[0, 0], diameter=20.0)) for each in images]


def shipped(backend: BackendName, precision: Precision = "fp32") -> Network:
    """Our network with the shipped nuclei model."""
    pytest.importorskip(backend)
    weights = read_ensemble(find_model("nuclei").files)
    try:
        return Network(weights, "cpu", "", backend, precision)
    except RuntimeError as error:
        assert "not in bf16" in str(error)
        pytest.skip("OpenVINO has no bf16 on this processor")


def difference(answers: list[Answer], network: Network, flow: float, style: float) -> float:
    """Part of the pixels that have another label, where flows and style are as near as said."""
    pixels = different = cells = 0
    for image, masks, (_, flows, cellprob), vector in answers:
        parameters = CellposeParameters(diameter=20.0, compat="cellpose3")
        got = segment_plane(image[..., None], parameters, network)
        np.testing.assert_allclose(got.flows, flows, atol=flow)
        np.testing.assert_allclose(got.cellprob, cellprob, atol=flow)
        np.testing.assert_allclose(got.style, vector, atol=style)
        pixels += masks.size
        different += matched_difference(masks, got.labels)
        cells += int(masks.max())
    assert cells > 3 * len(answers)
    return different / pixels


@pytest.mark.parametrize("backend", ["torch", "openvino", "ncnn"])
def test_flows_and_labels_of_real_nuclei(answers: list[Answer], backend: BackendName) -> None:
    assert difference(answers, shipped(backend), flow=1e-4, style=1e-5) < 1e-3


@pytest.mark.parametrize("backend", ["torch", "openvino"])
def test_labels_of_real_nuclei_in_bf16(answers: list[Answer], backend: BackendName) -> None:
    assert difference(answers[:3], shipped(backend, "bf16"), flow=0.5, style=1e-2) < 1e-3


def matched_difference(theirs: np.ndarray, ours: np.ndarray) -> int:
    """Count pixels whose labels are not matched, each of theirs with its largest overlap."""
    match = np.zeros(int(theirs.max()) + 1, np.int64)
    for label in range(1, len(match)):
        inside = ours[theirs == label]
        match[label] = np.bincount(inside).argmax() if inside.size else 0
    return int((match[theirs] != ours).sum())
