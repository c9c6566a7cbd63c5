from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from cellwire.errors import InvalidParameterError, OutputWriteError
from cellwire.images.reading import read_image
from cellwire.images.spec import Calibration
from cellwire.outputs.overlay import overlay_png
from cellwire.outputs.provenance import Provenance
from cellwire.outputs.save import KINDS, Result, check_kinds, save_outputs, write_whole
from cellwire.segmentation.result import Segmentation
from tests.unit.disk import small_disk
from tests.unit.outputs.stacks import balls, stack_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def result(segmentation: Segmentation, provenance: Provenance) -> Result:
    image = np.random.default_rng(0).integers(0, 4000, (40, 60, 2)).astype(np.uint16)
    return Result(segmentation, image, Calibration(0.5, 0.5), provenance, (1, 2), "cells.tif")


def test_every_kind_is_written_and_nothing_else(tmp_path: Path, result: Result) -> None:
    written = save_outputs(result, tmp_path / "new" / "out", "cells", tuple(KINDS))
    files = {path.name for paths in written.values() for path in paths}
    assert {path.name for path in (tmp_path / "new" / "out").iterdir()} == files
    assert files >= {
        "cells_labels.tif", "cells_rois.zip", "cells_overlay.png", "cells_table.csv",
        "cells_flows.tif", "cells_cellprob.tif", "cells_seg.npy", "cells_unedited_labels.tif",
        "cells_removed.csv", "cells_style.csv",
    }  # fmt: skip


def test_every_file_carries_its_provenance(tmp_path: Path, result: Result) -> None:
    made = result.provenance.to_json().encode()
    for paths in save_outputs(result, tmp_path, "cells", tuple(KINDS)).values():
        for path in paths:
            assert made in path.read_bytes(), path.name


@pytest.mark.parametrize("kinds", [("labels", "lables"), ()])
def test_kinds_that_do_not_exist(tmp_path: Path, result: Result, kinds: tuple) -> None:
    with pytest.raises(InvalidParameterError, match=r"cannot be saved.*labels, rois"):
        save_outputs(result, tmp_path, "cells", kinds)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_what_was_there_and_nothing_half(tmp_path: Path) -> None:
    path = tmp_path / "cells_labels.tif"
    path.write_bytes(b"kept")
    with (
        pytest.raises(OutputWriteError, match=r"cells_labels\.tif .*cannot be written"),
        small_disk(4096),
    ):
        write_whole(path, bytes(4097))
    assert path.read_bytes() == b"kept"
    assert list(tmp_path.iterdir()) == [path]
    with small_disk(4096):
        write_whole(path, bytes(4096))
    assert path.stat().st_size == 4096


def test_a_folder_that_is_a_file(tmp_path: Path, result: Result) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputWriteError, match=r"cells_labels\.tif cannot be written") as caught:
        save_outputs(result, tmp_path / "out", "cells", ("labels",))
    assert caught.value.next_step == "Choose another folder with --out."


def test_overlay_carries_its_provenance_and_fits_the_eye(result: Result) -> None:
    data = overlay_png(result.image, result.segmentation, result.provenance)
    with Image.open(io.BytesIO(data)) as picture:
        assert Provenance.from_json(picture.text["provenance"]) == result.provenance
        assert picture.mode == "RGB"
        assert 1000 < picture.width < 2300
        pixels = np.asarray(picture)
    outline = (pixels == (255, 214, 10)).all(axis=-1)
    assert outline.sum() > 1000


def test_overlay_of_nothing_and_of_a_narrow_strip(provenance: Provenance) -> None:
    for shape in ((20, 30), (3, 4000), (3000, 8)):
        empty = np.zeros(shape, np.uint32)
        flows, cellprob = np.zeros((2, *shape), np.float32), np.full(shape, -9, np.float32)
        nothing = Segmentation(empty, empty, {}, flows, cellprob, np.zeros(256, np.float32), 30, 0)
        data = overlay_png(np.zeros((*shape, 1), np.uint8), nothing, provenance)
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()


STACK_KINDS = ("labels", "rois", "flows", "cellprob", "style", "table", "overlay")


@pytest.mark.parametrize(
    ("axes", "restarts"),
    [("ZYX", ""), ("ZYX", "Z"), ("TYX", ""), ("TYX", "T"), ("TZYX", "T"), ("TZYX", "Z")],
)
def test_every_kind_of_a_stack(
    tmp_path: Path, provenance: Provenance, axes: str, restarts: str
) -> None:
    ball = balls((6, 30, 40), 3, (2, 8, 9), (3, 20, 22))
    labels = {"ZYX": ball, "TYX": ball, "TZYX": np.stack([ball, ball])}[axes]
    found = stack_of(labels, axes, restarts)
    image = np.random.default_rng(0).integers(0, 4000, (*labels.shape, 2)).astype(np.uint16)
    stack = Result(found, image, Calibration(0.5, 0.5, 1.0), provenance, (1, 2), "cells.tif")
    written = save_outputs(stack, tmp_path, "cells", STACK_KINDS)
    assert {path.name for path in tmp_path.iterdir()} == {
        path.name for paths in written.values() for path in paths
    }
    made = provenance.to_json().encode()
    assert all(made in path.read_bytes() for path in tmp_path.iterdir())
    back = read_image(tmp_path / "cells_labels.tif")
    assert back.axes == axes
    np.testing.assert_array_equal(back.array, labels)
    flows = read_image(tmp_path / "cells_flows.tif")
    assert flows.axes == axes.replace("YX", "CYX")
    np.testing.assert_array_equal(np.moveaxis(flows.array, -3, 0), found.flows)
    np.testing.assert_array_equal(read_image(tmp_path / "cells_cellprob.tif").array, found.cellprob)
    style = np.loadtxt(tmp_path / "cells_style.csv", delimiter=",", comments="#")
    np.testing.assert_array_equal(style.astype(np.float32), found.styles)


@pytest.mark.parametrize("kind", ["unedited", "seg"])
def test_kinds_that_a_stack_does_not_have(
    tmp_path: Path, provenance: Provenance, kind: str
) -> None:
    labels = balls((6, 30, 40), 3, (2, 8, 9))
    stack = Result(stack_of(labels, "ZYX"), labels[..., None], Calibration(), provenance)
    with pytest.raises(InvalidParameterError, match=f"'{kind}' can be saved of single planes"):
        save_outputs(stack, tmp_path, "cells", ("labels", kind))
    with pytest.raises(InvalidParameterError, match="single planes"):
        check_kinds(("labels", kind), stack=True)
    assert not list(tmp_path.iterdir())
