from __future__ import annotations

import numpy as np
import pytest

from cellwire.outputs.provenance import Provenance
from cellwire.segmentation.result import Removal, Segmentation


@pytest.fixture(scope="session")
def provenance() -> Provenance:
    return Provenance(
        "0.1.0", "nuclei", "ab" * 32, {"diameter": 17.5, "flow_threshold": 0.4}, "torch", "fp32"
    )


@pytest.fixture
def segmentation() -> Segmentation:
    unedited = np.zeros((40, 60), np.uint32)
    unedited[2:12, 3:23] = 1
    unedited[20:30, 10:20] = 2
    unedited[23:26, 13:15] = 0
    unedited[35, 50] = 3
    labels = np.where(unedited == 3, 0, unedited).astype(np.uint32)
    rng = np.random.default_rng(0)
    flows = rng.normal(size=(2, 40, 60)).astype(np.float32)
    cellprob = np.where(labels > 0, 4, -4).astype(np.float32)
    style = np.full(256, 1 / 16, np.float32)
    return Segmentation(labels, unedited, {3: Removal.SMALL}, flows, cellprob, style, 17.5, 13.0)
