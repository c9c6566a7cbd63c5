from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cellwire.images.spec import Calibration
from cellwire.outputs.colours import label_colours
from cellwire.outputs.orthogonal import LIT, orthogonal_overlay_png
from cellwire.outputs.provenance import Provenance
from tests.unit.outputs.stacks import balls, stack_of


def picture(
    provenance: Provenance, labels: np.ndarray, axes: str, calibration: Calibration, **more: object
) -> np.ndarray:
    image = np.where(labels > 0, 900, 100).astype(np.uint16)[..., None]
    png = orthogonal_overlay_png(image, stack_of(labels, axes, **more), calibration, provenance)
    with Image.open(io.BytesIO(png)) as opened:
        assert Provenance.from_json(opened.text["provenance"]) == provenance
        return np.asarray(opened.convert("RGB")).astype(int)


def outline(drawn: np.ndarray, label: int) -> np.ndarray:
    """Where the outline of a label is: (n, 2) rows and columns."""
    colour = label_colours(np.array([[label]]))[0, 0].astype(int)
    lit = (colour * LIT + 255 * (1 - LIT)).astype(int)
    return np.argwhere((np.abs(drawn - lit) <= 1).all(axis=2))


def parts(places: np.ndarray) -> list[tuple[int, int]]:
    """Heights and widths of the views in which an outline is: XY, YZ on its right, XZ below."""
    y = places[:, 0]
    rows = np.split(np.unique(y), np.flatnonzero(np.diff(np.unique(y)) > 40) + 1)
    found = []
    for row in rows:
        own = places[(y >= row[0]) & (y <= row[-1])]
        columns = np.unique(own[:, 1])
        for column in np.split(columns, np.flatnonzero(np.diff(columns) > 40) + 1):
            inside = own[(own[:, 1] >= column[0]) & (own[:, 1] <= column[-1])]
            found.append(tuple((np.ptp(inside, axis=0) + 1).tolist()))
    return found


@pytest.mark.parametrize("known", [True, False])
def test_a_ball_is_round_in_all_three_views(provenance: Provenance, known: bool) -> None:
    # Planes are three pixels apart, which the calibration or else the segmentation says.
    solid = balls((45, 60, 60), 18, (22, 30, 30))
    labels = solid[1::3]
    calibration = Calibration(0.5, 0.5, 1.5) if known else Calibration()
    drawn = picture(provenance, labels, "ZYX", calibration, anisotropy=1.0 if known else 3.0)
    views = parts(outline(drawn, 1))
    assert len(views) == 3
    sides = np.array(views)
    assert sides.min() > 0.9 * sides.max()
    # 37 pixels, each enlarged by 6.
    assert views[0] == (37 * 6, 37 * 6)


def test_each_object_keeps_its_colour_in_every_view(provenance: Provenance) -> None:
    labels = balls((30, 60, 60), 9, (15, 20, 20), (15, 20, 42), (15, 42, 20))
    drawn = picture(provenance, labels, "ZYX", Calibration(1, 1, 1))
    assert [len(parts(outline(drawn, label))) for label in (1, 2, 3)] in ([3, 2, 2], [1, 2, 2])


def test_up_to_six_frames_stand_in_a_row(provenance: Provenance) -> None:
    labels = np.zeros((9, 40, 50), np.uint32)
    labels[:, 10:20, 10:20] = np.arange(1, 10)[:, None, None]
    drawn = picture(provenance, labels, "TYX", Calibration())
    shown = [label for label in range(1, 10) if len(outline(drawn, label))]
    assert shown == [1, 3, 4, 6, 7, 9]
    left = [outline(drawn, label)[:, 1].min() for label in shown]
    assert left == sorted(left)
    assert len({outline(drawn, label)[:, 0].min() for label in shown}) == 1
    assert 1000 < drawn.shape[1] < 2200


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((2, 3, 3000), "ZYX"), ((2, 3000, 8), "ZYX"), ((40, 1, 1), "ZYX"), ((1, 20, 30), "TYX"),
        ((1, 1, 20, 30), "TZYX"), ((7, 2, 30, 40), "TZYX"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("z", [None, 0.01, 90.0])
def test_nothing_to_show_in_any_shape(
    provenance: Provenance, shape: tuple[int, ...], axes: str, z: float | None
) -> None:
    drawn = picture(provenance, np.zeros(shape, np.uint32), axes, Calibration(1, 1, z))
    assert max(drawn.shape) < 2500


def test_the_second_channel_is_blue(provenance: Provenance) -> None:
    labels = np.zeros((4, 30, 30), np.uint32)
    image = np.random.default_rng(0).integers(0, 500, (4, 30, 30, 2)).astype(np.uint16)
    image[:, :15, :, 1] = 0
    png = orthogonal_overlay_png(image, stack_of(labels, "ZYX"), Calibration(), provenance)
    with Image.open(io.BytesIO(png)) as opened:
        drawn = np.asarray(opened).astype(int)
    bluer = drawn[..., 2] - drawn[..., 0]
    first, last = np.flatnonzero((bluer > 60).any(axis=1))[[0, -1]]
    assert first > 28 + 6 * 14
    assert last > first
