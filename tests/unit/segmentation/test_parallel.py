"""Parallel kernels are called from several threads at the same time, on every layer."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

PROGRAM = textwrap.dedent(
    """
    import sys
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    from cellwire.segmentation.parallel import LAYER
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.postprocess import masks_from_flows
    from cellwire.segmentation.targets import labels_to_flows

    y, x = np.mgrid[:300, :300]
    labels = ((y // 20) * 15 + x // 20 + 1) * ((y % 20 > 1) & (x % 20 > 1))
    answer = np.concatenate([5 * labels_to_flows(labels), (labels > 0)[None]]).astype(np.float32)
    parameters = CellposeParameters(diameter=20)
    expected = masks_from_flows(answer, parameters, 200).labels
    assert expected.max() == 225

    def run(_):
        return np.array_equal(masks_from_flows(answer, parameters, 200).labels, expected)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(run, range(24)))
    print(LAYER)
    """
)


@pytest.mark.parametrize("layer", ["", "workqueue"])
def test_four_threads_at_once(layer: str) -> None:
    environment = {**os.environ, "NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2"}
    if not layer:
        del environment["NUMBA_THREADING_LAYER"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() in ({layer} if layer else {"omp", "tbb", "workqueue"})
