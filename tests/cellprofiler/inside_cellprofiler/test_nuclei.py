"""Nuclei as children of their cells, from one module."""

import numpy as np
import pytest
import scenes
from cellprofiler_core.image import Image

CELLS = [(y, x) for y in (32, 80, 128) for x in (32, 80, 128)]
WITH_NUCLEI = CELLS[:-1]  # the last cell has none
ALONE = (56, 150)  # a nucleus outside all cells
SHAPE = (160, 165)


@pytest.fixture(scope="module")
def images():
    """Cells of radius 16, off-centre nuclei of radius 7, one of them alone."""
    centres = [(y + 3, x - 4) for y, x in WITH_NUCLEI] + [ALONE]
    return {
        "Actin": scenes.discs(SHAPE, CELLS, 16, seed=1),
        "DNA": scenes.discs(SHAPE, centres, 7, seed=2),
    }


def _module(make, **values):
    settings = {
        "x_name": "Actin",
        "nucleus_name": "DNA",
        "y_name": "Cells",
        "model": "cyto",
        "diameter": 32.0,
        "min_size": 400,  # a model may well take the nucleus alone for a small cell
        "wants_nuclei": True,
        "nuclei_name": "Nuclei",
        "nuclei_diameter": 14.0,
    }
    settings.update(values)
    return make(**settings)


def test_both_sets_are_the_engines(make, engine, images):
    scene = scenes.run(_module(make, exclude_border=False), **images)
    cells = engine.segment(
        images["Actin"],
        "cyto",
        nucleus=images["DNA"],
        diameter=32,
        min_size=400,
        outputs=("labels",),
    ).labels
    nuclei = engine.segment(images["DNA"], "nuclei", diameter=14, outputs=("labels",)).labels
    assert np.array_equal(scene.labels("Cells"), cells)
    assert np.array_equal(scene.labels("Nuclei"), nuclei)  # whole: not cut at their cells
    assert scene.measured("Cellwire_Model_Cells") == "cyto"
    assert scene.measured("Cellwire_Model_Nuclei") == "nuclei"
    assert scene.measured("Cellwire_Diameter_Nuclei") == 14


def test_nuclei_are_children_of_their_cells(make, images):
    module = _module(make)
    scene = scenes.run(module, **images)
    cells, nuclei = scene.labels("Cells"), scene.labels("Nuclei")
    parents = scene.measured("Parent_Cells", "Nuclei")
    children = scene.measured("Children_Nuclei_Count", "Cells")
    assert len(parents) == nuclei.max() == len(WITH_NUCLEI) + 1
    assert len(children) == cells.max() == len(CELLS)
    for number, parent in enumerate(parents, 1):
        overlaps = np.bincount(cells[nuclei == number], minlength=cells.max() + 1)[1:]
        assert parent == (overlaps.argmax() + 1 if overlaps.any() else 0)
    assert sorted(children) == [0] + [1] * len(WITH_NUCLEI)
    assert parents[nuclei[ALONE] - 1] == 0
    relations = scene.measurements.get_relationships(1, "Parent", "Cells", "Nuclei")
    related = {(r[1], r[3]) for r in relations.tolist()}
    assert related == {(int(p), n) for n, p in enumerate(parents, 1) if p}
    listed = module.get_object_relationships(scene.pipeline)
    assert [item[:3] for item in listed] == [("Parent", "Cells", "Nuclei")]


def test_one_nucleus_a_cell(make, images):
    whole = scenes.run(_module(make), **images)
    scene = scenes.run(_module(make, one_nucleus=True), **images)
    cells, nuclei = scene.labels("Cells"), scene.labels("Nuclei")
    count = len(WITH_NUCLEI)
    assert cells.max() == nuclei.max() == count
    assert scene.measured("Count_Cells") == scene.measured("Count_Nuclei") == count
    assert np.array_equal(scene.measured("Parent_Cells", "Nuclei"), np.arange(1, count + 1))
    assert set(scene.measured("Children_Nuclei_Count", "Cells")) == {1}
    for number in range(1, count + 1):
        assert (cells[nuclei == number] == number).sum() > 50
        # They keep their shape.
        was = set(whole.labels("Nuclei")[nuclei == number])
        assert len(was) == 1
        assert ((whole.labels("Nuclei") == was.pop()) == (nuclei == number)).all()
    dropped = scene.objects.get_objects("Cells")
    assert len(np.unique(dropped.unedited_segmented)) - 1 >= len(CELLS)
    assert len(np.unique(dropped.small_removed_segmented)) - 1 == len(CELLS)


def test_no_cells_and_no_nuclei(make):
    empty = np.full((64, 70), 300, np.uint16)
    for one in (False, True):
        scene = scenes.run(_module(make, one_nucleus=one), Actin=empty, DNA=empty)
        assert scene.measured("Count_Cells") == scene.measured("Count_Nuclei") == 0
        assert len(scene.measured("Parent_Cells", "Nuclei")) == 0
        assert len(scene.measured("Children_Nuclei_Count", "Cells")) == 0


def test_a_nucleus_image_without_wanting_nuclei(make, images):
    scene = scenes.run(_module(make, wants_nuclei=False), **images)
    assert scene.objects.get_object_names() == ["Cells"]
    assert scene.objects.get_objects("Cells").count == len(CELLS)


def test_a_mask_of_either_image_counts(make, images):
    mask = np.ones(SHAPE, bool)
    mask[:, 100:] = False
    masked = dict(images, DNA=Image(images["DNA"], mask=mask, scale=65535.0))
    scene = scenes.run(_module(make, exclude_border=False), **masked)
    assert not scene.labels("Cells")[~mask].any()
    assert not scene.labels("Nuclei")[~mask].any()
    assert scene.objects.get_objects("Cells").count == 6


def test_images_of_different_types(make, images):
    # One straight from the camera, one processed: uint16 beside float32.
    smooth = images["DNA"].astype(np.float32) / 65535 * 0.987
    scene = scenes.run(_module(make), Actin=images["Actin"], DNA=Image(smooth))
    assert scene.objects.get_objects("Cells").count == len(CELLS)
    assert scene.objects.get_objects("Nuclei").count == len(WITH_NUCLEI) + 1
