"""The dynamics end where the peer's do, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from cellwire.segmentation.dynamics import follow_flows

pytestmark = pytest.mark.usefixtures("peer")


@pytest.mark.parametrize("interpolate", [True, False])
@pytest.mark.parametrize("niter", [1, 7, 8, 200, 333])
@pytest.mark.parametrize("strength", [0.5, 5.0, 40.0])
def test_end_points_are_identical(niter: int, strength: float, interpolate: bool) -> None:
    from cellpose.dynamics import follow_flows as peer_follow

    rng = np.random.default_rng(niter)
    shape = (97, 143)
    flows = gaussian_filter(rng.normal(size=(2, *shape)), (0, 3, 3))
    flows = (flows / flows.std() * strength).astype(np.float32)
    cells = gaussian_filter(rng.normal(size=shape), 4) > -0.02
    theirs = peer_follow(
        flows * cells / 5.0, inds=np.nonzero(cells), niter=niter, interp=interpolate
    )
    theirs = theirs.astype(np.int32)
    pixels, ends = follow_flows(flows, cells, niter, interpolate)
    np.testing.assert_array_equal(pixels, np.flatnonzero(cells))
    np.testing.assert_array_equal(ends, theirs[0] * shape[1] + theirs[1])
