"""How time and memory grow: from 256² to 8192² pixels, and from 10 to 100,000 cells.

    python -m tests.bench.growth                       # plot and table into docs/pictures
    python -m tests.bench.growth --largest 1024 --most-cells 1000 --out build

Every point is a process of its own, warm before it is timed. In the first series the cells stay as
dense and the image grows: with the network up to ``--network-side``, and after it (dynamics, masks,
filters, labels of flows with noise) throughout. In the second the image has 8192² pixels and the
cells, always as large, become more; label statistics and outlines of ROIs are timed besides. The
slope of a line through the logarithms is 1 where a thing grows as its cause.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench import offered
from tests.bench.pair import Side
from tests.bench.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.bench.pair import Measured
    from tests.bench.work import Answer

SIDES = (256, 512, 1024, 2048, 4096, 8192)
CELLS = (10, 100, 1_000, 10_000, 100_000)
PITCH = 48
"""Pixels from cell to cell where the image grows."""
LEAST_PITCH = 25
"""Of 100,000 cells in 8192²."""
RADII = (7, 12)
PANELS = {
    "pixels, whole, with the network": "Image, whole",
    "pixels, after the network": "Image, after the network",
    "cells, after the network": "Cells, after the network",
    "cells, ROI set": "Cells, outlines and ROI zip",
}


@contextlib.contextmanager
def whole(_: Path, options: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Segment an image, the network included."""
    from cellwire.segmentation.pipeline import segment_plane
    from tests.bench.fields import nuclei_field

    image = nuclei_field(options["side"], 1, PITCH, RADII)[0][..., None]
    network, parameters = offered.network(), offered.parameters()
    segment_plane(image[:256, :256], parameters, network)

    def run() -> Answer:
        return {"cells": np.array(segment_plane(image, parameters, network).count)}

    yield run


@contextlib.contextmanager
def after_network(_: Path, options: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Make labels from flows with noise."""
    from cellwire.segmentation.postprocess import masks_from_flows
    from tests.bench.fields import noisy_flows

    labels = field_of(options["side"], options["cells"])
    answer = np.empty((3, *labels.shape), np.float32)
    answer[:2], answer[2] = noisy_flows(labels, 2)
    parameters = offered.parameters()
    masks_from_flows(np.ascontiguousarray(answer[:, :256, :256]), parameters, 200)

    def run() -> Answer:
        return {"cells": np.array(masks_from_flows(answer, parameters, 200).labels.max())}

    yield run


@contextlib.contextmanager
def rois(_: Path, options: dict[str, Any]) -> Iterator[Callable[[], Answer]]:
    """Trace all cells and zip them."""
    from cellwire.outputs.rois import roi_set

    labels = field_of(options["side"], options["cells"])
    roi_set(labels[:256, :256])

    def run() -> Answer:
        return {"bytes": np.array(len(roi_set(labels))), "cells": np.array(labels.max())}

    yield run


def field_of(side: int, cells: int) -> np.ndarray:
    """Draw labels (side, side); so many cells, or as many as the side allows if none is said."""
    from tests.bench.fields import nuclei_field

    if not cells:
        return nuclei_field(side, 1, PITCH, RADII)[1]
    pitch = max(LEAST_PITCH, side // math.ceil(math.sqrt(cells)))
    labels = nuclei_field(side, 1, pitch, RADII)[1]
    kept = np.unique(labels)[1:][:cells]
    numbers = np.zeros(int(labels.max()) + 1, np.int32)
    numbers[kept] = np.arange(1, len(kept) + 1)
    return numbers[labels]


def slope(x: Sequence[float], y: Sequence[float]) -> float:
    """Fit the exponent of growth."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def main() -> None:
    """Measure all series, print them and draw the plot."""
    options = _options()
    sides = [side for side in SIDES if side <= options.largest]
    counts = [count for count in CELLS if count <= options.most_cells]
    series: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        for side in sides:
            if side <= options.network_side:
                _add(series, "pixels, whole, with the network", Path(name), "whole", side=side)
            _add(series, "pixels, after the network", Path(name), "after_network", side=side)
        for count in counts:
            for title, what in (("after the network", "after_network"), ("ROI set", "rois")):
                _add(series, f"cells, {title}", Path(name), what, side=sides[-1], cells=count)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "growth.json").write_text(json.dumps(series, indent=1) + "\n")
    _draw(series, options.out / "growth.png")
    print(f"{options.out / 'growth.png'}")


def _add(
    series: dict[str, list[dict[str, float]]], name: str, folder: Path, what: str, **of: int
) -> None:
    took = _measure(what, folder, {"cells": 0, **of})
    cells = int(took.answer["cells"])
    point = {
        "side": of["side"],
        "pixels": of["side"] ** 2,
        "cells": cells,
        "seconds": took.median,
        "mib": took.peak_mib,
    }
    series.setdefault(name, []).append(point)
    print(f"{name}: {of['side']}², {cells:,} cells: {took.median:.3f} s, {took.peak_mib:.0f} MiB",
          flush=True)  # fmt: skip


def _measure(what: str, folder: Path, options: Mapping[str, Any]) -> Measured:
    side = Side(f"{__spec__.name}:{what}", folder, options, what)
    try:
        side.wait_until_ready()
        side.run()
        side.read_answer()
    finally:
        side.close()
    return side.measured


def _draw(series: Mapping[str, list[dict[str, float]]], file: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, len(series), figsize=(3.2 * len(series), 6), squeeze=False)
    for column, (name, points) in enumerate(series.items()):
        cause = name.split(",")[0]
        x = [point[cause] for point in points]
        for row, (what, unit) in enumerate((("seconds", "s"), ("mib", "MiB"))):
            y = [point[what] for point in points]
            axis = axes[row, column]
            axis.loglog(x, y, "o-", color="#2a6f97")
            if max(y) < 10 * min(y):  # what does not grow shall look so
                axis.set_ylim(min(y) / 3, max(y) * 3)
            # Small works are all start; what grows shows in the upper half.
            upper = slice(len(x) // 2, None) if len(x) > 3 else slice(None)
            text = f"slope {slope(x[upper], y[upper]):.2f}" if len(x[upper]) > 1 else ""
            axis.set_title(f"{PANELS[name]}\n{text}" if row == 0 else text, fontsize=9)
            axis.set_xlabel(cause, fontsize=8)
            axis.set_ylabel(unit, fontsize=8)
            axis.grid(visible=True, which="both", alpha=0.25)
            axis.tick_params(labelsize=7, which="both")
    figure.tight_layout()
    figure.savefig(file, dpi=120)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--largest", type=int, default=SIDES[-1], help="side of the largest image")
    parser.add_argument("--network-side", type=int, default=4096, help="largest with the network")
    parser.add_argument("--most-cells", type=int, default=CELLS[-1])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
