"""Real nuclei, end to end, with the shipped model in the engine and in the peer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cellwire.errors import ModelUnknownError
from cellwire.segmentation.parameters import CellposeParameters
from cellwire.segmentation.pipeline import segment_plane

if TYPE_CHECKING:
    from pathlib import Path

IMAGES = 6


@pytest.fixture(scope="module")
def both(peer: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """The shipped nuclei model: our network, and the peer with its export."""
    from cellpose.models import CellposeModel

    from cellwire.networks.inference import load_network
    from cellwire.networks.registry import export_model, find_model

    try:
        entry = find_model("nuclei")
    except ModelUnknownError:
        pytest.skip("no nuclei model is shipped yet")
    file = tmp_path_factory.mktemp("export") / "cellwire_nuclei"
    export_model("nuclei", file)
    return load_network(entry, "cpu"), CellposeModel(gpu=False, pretrained_model=str(file))


def test_flows_and_labels_of_real_nuclei(both: tuple[Any, Any], shared_data: Path) -> None:
    import cv2

    network, model = both
    folder = shared_data / "nuclei_test" / "images"
    paths = sorted(folder.glob("*.png"))
    small = sorted(paths, key=lambda path: path.stat().st_size)[:IMAGES]
    pixels = different = cells = 0
    for path in small:
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)[:400, :400]
        masks, (_, flows, cellprob), style = model.eval(image, channels=[0, 0], diameter=20.0)
        parameters = CellposeParameters(diameter=20.0, compat="cellpose3")
        got = segment_plane(image[..., None], parameters, network)
        np.testing.assert_allclose(got.flows, flows, atol=1e-4)
        np.testing.assert_allclose(got.cellprob, cellprob, atol=1e-4)
        np.testing.assert_allclose(got.style, style, atol=1e-5)
        pixels += masks.size
        different += matched_difference(masks, got.labels)
        cells += int(masks.max())
    assert cells > 3 * IMAGES
    assert different / pixels < 1e-3, f"{different} of {pixels} pixels have another label"


def matched_difference(theirs: np.ndarray, ours: np.ndarray) -> int:
    """Count pixels whose labels are not matched, each of theirs with its largest overlap."""
    match = np.zeros(int(theirs.max()) + 1, np.int64)
    for label in range(1, len(match)):
        inside = ours[theirs == label]
        match[label] = np.bincount(inside).argmax() if inside.size else 0
    return int((match[theirs] != ours).sum())
