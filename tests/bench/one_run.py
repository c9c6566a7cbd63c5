"""One side of a comparison in a process of its own: times, peak memory and labels.

    python -m tests.bench.one_run SIDE WORK.npz CHECKPOINT RESULT.npz

SIDE is ``ours`` or ``peer``. WORK holds images (N, Y, X), the diameter, the repeats, and for
post-processing alone the flows. The last line printed is JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Timed = tuple[list[np.ndarray], float, float]


def ours(_: str, work: dict[str, np.ndarray]) -> Callable[[], Timed]:
    """Give what segments all images once and returns labels, network and post-processing times.

    The checkpoint is the peer's; the same weights ship with Cellwire.
    """
    from cellwire.segmentation.parameters import CellposeParameters
    from cellwire.segmentation.pipeline import segment_plane
    from cellwire.segmentation.postprocess import masks_from_flows

    parameters = CellposeParameters(diameter=float(work["diameter"]))
    if "answer" in work:

        def post() -> Timed:
            start = time.perf_counter()
            labels = masks_from_flows(work["answer"], parameters, 200).labels
            return [labels], 0.0, time.perf_counter() - start

        return post

    from cellwire.networks.inference import load_network
    from cellwire.networks.registry import find_model

    network = load_network(find_model("nuclei"), "cpu")

    def whole() -> Timed:
        results = [segment_plane(image[..., None], parameters, network) for image in work["images"]]
        return (
            [result.labels for result in results],
            sum(result.seconds["network"] for result in results),
            sum(result.seconds["masks"] for result in results),
        )

    return whole


def peer(checkpoint: str, work: dict[str, np.ndarray]) -> Callable[[], Timed]:
    """Do the same with Cellpose."""
    from cellpose import dynamics

    if "answer" in work:
        answer = work["answer"]

        def post() -> Timed:
            start = time.perf_counter()
            labels = dynamics.resize_and_compute_masks(answer[:2], answer[2], niter=200)
            return [np.asarray(labels)], 0.0, time.perf_counter() - start

        return post

    import torch
    from cellpose import models

    model = models.CellposeModel(gpu=False, pretrained_model=checkpoint, device=torch.device("cpu"))
    seconds = {"network": 0.0, "masks": 0.0}
    _time(model, "_run_net", seconds, "network")
    _time(model, "_compute_masks", seconds, "masks")

    def whole() -> Timed:
        seconds.update(network=0.0, masks=0.0)
        labels = model.eval(
            list(work["images"]), channels=[0, 0], diameter=float(work["diameter"])
        )[0]
        return labels, seconds["network"], seconds["masks"]

    return whole


def _time(owner: object, name: str, seconds: dict[str, float], stage: str) -> None:
    inner = getattr(owner, name)

    def timed(*args: object, **options: object) -> object:
        start = time.perf_counter()
        try:
            return inner(*args, **options)
        finally:
            seconds[stage] += time.perf_counter() - start

    setattr(owner, name, timed)


def main() -> None:
    """Warm up on the first pixels, then time every repeat."""
    side, path, checkpoint, result = sys.argv[1:]
    work = dict(np.load(path))
    make = {"ours": ours, "peer": peer}[side]
    small = dict(work)
    if "answer" in work:
        small["answer"] = np.ascontiguousarray(work["answer"][:, :128, :128])
    else:
        small["images"] = np.ascontiguousarray(work["images"][:1, :128, :128])
    make(checkpoint, small)()
    run = make(checkpoint, work)
    times = []
    for _ in range(int(work["repeats"])):
        start = time.perf_counter()
        labels, network, masks = run()
        times.append((time.perf_counter() - start, network, masks))
    np.savez(result, *[np.asarray(each, np.uint32) for each in labels])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"times": times, "peak_mib": peak}))


if __name__ == "__main__":
    main()
