"""The module's window: input, labels, outlines by what became of them, statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Optional

import numpy as np
from cellprofiler_core.preferences import get_primary_outline_color

from cellwire_cellprofiler import volume_outlines

if TYPE_CHECKING:
    from cellwire_cellprofiler.label_sets import LabelSets


def fill(
    data: Any,
    name: str,
    cycle: int,
    image: Any,
    sets: LabelSets,
    found: Any,
    probability: Any = None,
    anisotropy: Optional[float] = None,
) -> None:
    """Put into `display_data` what the window shows; it is pickled, so only arrays and text.

    Parameters
    ----------
    data
        The workspace's ``display_data``.
    name
        Name of the objects.
    cycle
        Number of the image set.
    image
        (Y, X) or (Z, Y, X) pixels of the input.
    sets
        Labels.
    found
        A `cellwire_cellprofiler.request.Found`.
    probability
        Of the same shape, 0 to 1; ``None`` for no panel.
    anisotropy
        Of a stack, distance of two planes over the side of a pixel; ``None`` for a plane.
    """
    data.name = name
    data.cycle = cycle
    data.image = image
    data.labels = sets.segmented
    data.dimensions = image.ndim
    if image.ndim == 2:
        data.by_size = sets.by_size
        data.by_border = sets.by_border
    data.probability = probability
    data.nuclei_name = ""
    data.nuclei = None
    data.statistics = statistics(sets, found, anisotropy)


def fill_nuclei(data: Any, name: str, nuclei: LabelSets, related: int) -> None:
    """Add the nuclei to what the window shows."""
    data.nuclei_name = name
    data.nuclei = nuclei.segmented
    data.statistics.append([f"# of {name}", f"{nuclei.number}"])
    data.statistics.append([f"{name} in a cell", f"{related}"])


def statistics(sets: LabelSets, found: Any, anisotropy: Optional[float]) -> List[List[str]]:
    """Make the rows of the table: what, and how much."""
    sizes = np.bincount(sets.segmented.ravel())[1:]
    rows = [["# of accepted objects", f"{sets.number}"]]
    if len(sizes):
        if anisotropy is None:
            diameters = np.sqrt(4 * sizes / np.pi)
        else:
            diameters = np.cbrt(6 * anisotropy * sizes / np.pi)
        rows += [
            ["10th pctile diameter", f"{np.percentile(diameters, 10):.1f} pixels"],
            ["Median diameter", f"{np.percentile(diameters, 50):.1f} pixels"],
            ["90th pctile diameter", f"{np.percentile(diameters, 90):.1f} pixels"],
        ]
    covered = f"{100.0 * sizes.sum() / sets.segmented.size:.1f} %"
    if anisotropy is None:
        rows += [
            ["Area covered by objects", covered],
            ["Removed for their size", f"{_count(sets.by_size)}"],
            ["Removed at a border", f"{_count(sets.by_border)}"],
        ]
    else:
        rows += [
            ["Volume covered by objects", covered],
            ["Planes", f"{len(sets.segmented)}"],
            ["Anisotropy of the stack", f"{anisotropy:.3g}"],
        ]
    return [
        *rows,
        ["Diameter used", f"{found.diameter:.1f} pixels"],
        ["Model", found.model],
        ["Time in the engine", f"{found.seconds:.2f} s"],
    ]


def draw(data: Any, figure: Any) -> None:
    """Draw the window.

    Parameters
    ----------
    data
        What `fill` made.
    figure
        CellProfiler's figure.
    """
    wide = data.probability is not None
    figure.set_subplots((3, 2) if wide else (2, 2), dimensions=data.dimensions)
    first = figure.subplot_imshow_grayscale(0, 0, data.image, f"Input image, cycle #{data.cycle}")
    figure.subplot_imshow_labels(1, 0, data.labels, data.name, sharexy=first)
    title = f"{data.name} outlines"
    if data.dimensions == 3:
        outlined = [(data.labels, tuple(get_primary_outline_color())[:3])]
        if data.nuclei is not None:
            outlined.append((data.nuclei, (255, 255, 255)))
        drawn = volume_outlines.draw(data.image, *outlined)
        figure.subplot_imshow_color(0, 1, drawn, title, volumetric=True, sharexy=first)
    else:
        _draw_outlines(data, figure, title, first)
    if wide:
        figure.subplot_imshow_grayscale(
            2,
            0,
            data.probability,
            "Probability of being in an object",
            sharexy=first,
            normalize=False,
            vmin=0,
            vmax=1,
        )
    figure.subplot_table(
        1,
        1,
        [[value] for _, value in data.statistics],
        row_labels=[what for what, _ in data.statistics],
    )


def _draw_outlines(data: Any, figure: Any, title: str, first: Any) -> None:
    outlines = [
        {"name": data.name, "labels": [data.labels]},
        {"name": "Objects filtered out by size", "labels": [data.by_size]},
        {"name": "Objects touching border", "labels": [data.by_border]},
    ]
    if data.nuclei is not None:
        outlines.append({"name": data.nuclei_name, "labels": [data.nuclei]})
    figure.subplot_imshow_grayscale(0, 1, data.image, title, cplabels=outlines, sharexy=first)


def _count(labels: Any) -> int:
    return int(np.count_nonzero(np.bincount(labels.ravel())[1:]))
