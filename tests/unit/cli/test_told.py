from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cellwire.cli.inputs import Input
from cellwire.cli.segmenters import Found
from cellwire.cli.told import Told
from cellwire.cli.wishes import Wishes
from cellwire.images.spec import Calibration
from cellwire.jobs.job import Diameter
from cellwire.jobs.stack import StackMode, StackWishes
from cellwire.outputs.provenance import Provenance
from cellwire.segmentation.volume.stack import StackSegmentation


def told(axes: str, stack: StackWishes, medians: tuple[float, ...], **wishes: Any) -> Told:
    shape = {"T": 3, "Z": 12, "Y": 4, "X": 5}
    labels = np.zeros([shape[axis] for axis in axes], np.uint32)
    none = np.zeros((0,) * len(axes), np.float32)
    found = Found(
        StackSegmentation(
            axes=axes,
            restarts=stack.restarts(axes),
            labels=labels,
            flows=none,
            cellprob=none,
            styles=np.zeros((1, 256), np.float32),
            diameters=(17.0,) * len(medians),
            median_diameters=medians,
            count=1204,
        ),
        Provenance("0.1.0", "nuclei", "0" * 64, {}, "torch", "fp32"),
        Calibration(),
        1204,
        np.zeros((0,)),
    )
    item = Input(Path("s.tif"), Path(), "s")
    return Told(item, found, Wishes(stack=stack, **wishes), [Path("s_labels.tif")], [], 3.21)


@pytest.mark.parametrize(
    ("axes", "stack", "medians", "words"),
    [
        ("ZYX", StackWishes(), (15.0, 0, 18.25), "12 planes, diameter 17 px"),
        ("ZYX", StackWishes(), (15.0, 0, 18.25), "median found 15 to 18.25 px, 3.2 s\n  s_labels"),
        ("ZYX", StackWishes(StackMode.VOLUME), (15.0,), "in 12 planes (3D), diameter"),
        ("ZYX", StackWishes(StackMode.VOLUME), (15.0,), "median found 15 px"),
        ("TYX", StackWishes(link_frames=True), (15.0,) * 3, "in 3 frames (linked), diameter"),
        ("TZYX", StackWishes(StackMode.STITCHED), (15.0,), "in 12 planes of 3 frames, diameter"),
        ("TYX", StackWishes(), (0.0,), "sets another), 3.2 s"),
    ],
)
def test_a_stack_in_words(
    axes: str, stack: StackWishes, medians: tuple[float, ...], words: str
) -> None:
    line = told(axes, stack, medians).as_line()
    assert line.startswith("s.tif: 1,204 cells in ")
    assert words in line


@pytest.mark.parametrize(
    ("cells", "words"),
    [(0, "0 cells in 12 planes, diameter 17 px (automatic)"), (1, "(found by the size model)")],
)
def test_no_size_is_found_where_no_cell_is(cells: int, words: str) -> None:
    one = told("ZYX", StackWishes(), (0.0,))
    made = replace(one.found.provenance, parameters={"automatic_diameter": True})
    found = replace(one.found, cells=cells, provenance=made)
    assert words in replace(one, found=found).as_line()


def test_a_stack_as_json() -> None:
    stack, size = StackWishes(StackMode.STITCHED), Diameter(pixels=17)
    found = json.loads(told("TZYX", stack, (15.0, 16.0), diameter=size).as_object())
    assert found == {
        "file": "s.tif",
        "model": "nuclei",
        "diameter": 17.0,
        "diameter_source": "given",
        "cells": 1204,
        "stack": "stitched",
        "axes": "TZYX",
        "frames": 3,
        "planes": 12,
        "diameters": [17.0, 17.0],
        "median_diameters": [15.0, 16.0],
        "seconds": 3.21,
        "outputs": ["s_labels.tif"],
        "notices": [],
    }
