"""Stacks: objects in three dimensions are what the engine gave."""

import pickle

import numpy as np
import pytest
import scenes
from cellprofiler.modules.measureobjectsizeshape import MeasureObjectSizeShape

from cellwire_cellprofiler.errors import RunCellwireError

DIAMETER = 22.0


@pytest.fixture(scope="module")
def stack():
    return scenes.balls(scenes.STACK_SHAPE, scenes.BALLS, DIAMETER / 2, scenes.ANISOTROPY)


@pytest.fixture
def made(make):
    """Make a module for `stack`; it keeps objects at a border."""
    return lambda **values: make(**dict({"diameter": DIAMETER, "exclude_border": False}, **values))


@pytest.fixture
def volume(engine, stack):
    """Segment in 3D, or what else is said, by the client itself."""

    def segment(array=stack, model="nuclei", **values):
        wishes = {"stack": "volume", "anisotropy": scenes.ANISOTROPY, "diameter": DIAMETER}
        if values.get("stack") == "stitched":
            del wishes["anisotropy"]
        wishes.update(axes="ZYX", outputs=("labels",), min_size=15)
        wishes.update(values)
        return engine.segment(array, model, **wishes)

    return segment


STITCHED = {"stack_mode": "Stitch planes by overlap"}
ALL = ("labels", "cellprob", "flows")


def test_objects_are_the_engines_volumes(made, volume, stack):
    sizes = MeasureObjectSizeShape()
    sizes.objects_list.value = "Nuclei"
    module = made(save_probability=True, save_flows=True)
    scene = scenes.Scene(module, sizes, DNA=scenes.stack_image(stack)).run()
    direct = volume(outputs=ALL)
    labels = direct.labels
    assert labels.shape == stack.shape
    assert labels.max() == len(scenes.BALLS)
    objects = scene.objects.get_objects("Nuclei")
    assert np.array_equal(objects.segmented, labels)
    assert objects.volumetric
    assert objects.shape == stack.shape
    assert tuple(objects.parent_image.spacing) == (scenes.ANISOTROPY, 1, 1)
    voxels = np.bincount(labels.ravel())[1:]
    assert scene.measured("Count_Nuclei") == labels.max()
    assert np.array_equal(scene.measured("Number_Object_Number", "Nuclei"), [1, 2, 3])
    assert np.array_equal(scene.measured("AreaShape_Volume", "Nuclei"), voxels)
    places = np.indices(labels.shape)
    for axis, along in zip("ZYX", places):
        centres = np.bincount(labels.ravel(), along.ravel())[1:] / voxels
        assert np.allclose(scene.measured("Location_Center_" + axis, "Nuclei"), centres)
    assert scene.measured("Cellwire_Anisotropy_Nuclei") == scenes.ANISOTROPY
    assert scene.measured("Cellwire_Diameter_Nuclei") == DIAMETER
    image = scene.measurements.get_image("Probability")
    assert image.volumetric
    assert tuple(image.spacing) == (scenes.ANISOTROPY, 1, 1)
    assert image.pixel_data.dtype == np.float32
    assert np.allclose(image.pixel_data, 1 / (1 + np.exp(-direct.cellprob / 3)), atol=1e-6)
    assert np.median(image.pixel_data[labels > 0]) > 0.5
    flows = scene.measurements.get_image("Flows")
    assert flows.volumetric
    assert flows.multichannel
    assert np.array_equal(flows.pixel_data, np.moveaxis(direct.flows, 0, -1))


def test_planes_are_stitched(made, volume, stack):
    scene = scenes.run(made(**STITCHED), DNA=scenes.stack_image(stack))
    labels = volume(stack="stitched").labels
    assert labels.max() >= len(scenes.BALLS)
    assert np.array_equal(scene.labels(), labels)
    assert scene.measured("Cellwire_Anisotropy_Nuclei") == 1
    strict = scenes.run(made(stitch_threshold=0.95, **STITCHED), DNA=scenes.stack_image(stack))
    expected = volume(stack="stitched", stitch_threshold=0.95).labels
    assert expected.max() > labels.max()
    assert np.array_equal(strict.labels(), expected)


def test_columns_of_stacks_say_what_is_measured(made, stack):
    module = made(
        nucleus_name="DNA", wants_nuclei=True, nuclei_name="Nuclei", y_name="Cells", **STITCHED
    )
    scene = scenes.run(module, DNA=scenes.stack_image(stack[:, :28]))
    measured = {
        (name, feature)
        for name in scene.measurements.get_object_names()
        for feature in scene.measurements.get_feature_names(name)
        if name != "Experiment"
    }
    columns = [column[:2] for column in module.get_measurement_columns(scene.pipeline)]
    assert set(columns) == measured
    assert ("Image", "Cellwire_Anisotropy_Nuclei") in measured
    listed = module.get_measurements(scene.pipeline, "Image", "Cellwire")
    assert "Anisotropy" in listed
    about = module.get_measurement_objects(scene.pipeline, "Image", "Cellwire", "Anisotropy")
    assert about == ["Cells", "Nuclei"]


def test_what_is_said_of_stacks_reaches_the_engine(made, volume, stack):
    scene = scenes.run(
        made(
            anisotropy_choice="As entered",
            anisotropy=1.5,
            flow_smoothing=1.0,
            intensity_scope="Each plane by itself",
            half_precision=True,
            min_size=60,
            save_flows=True,
        ),
        DNA=scenes.stack_image(stack),
    )
    said = {"anisotropy": 1.5, "flow_smoothing": 1.0, "intensity_scope": "plane", "min_size": 60}
    direct = volume(half_precision=True, outputs=ALL, **said)
    assert np.array_equal(scene.labels(), direct.labels)
    flows = np.moveaxis(scene.measurements.get_image("Flows").pixel_data, -1, 0)
    assert np.array_equal(flows, direct.flows)
    assert not np.array_equal(flows, volume(outputs=ALL, **said).flows)
    assert not np.array_equal(scene.labels(), volume(outputs=ALL).labels)
    assert scene.measured("Cellwire_Anisotropy_Nuclei") == 1.5
    whole = scenes.run(
        made(intensity_scope="The whole stack", **STITCHED), DNA=scenes.stack_image(stack)
    )
    direct = volume(stack="stitched", intensity_scope="frame")
    assert np.array_equal(whole.labels(), direct.labels)


def test_planes_along_z_may_have_a_model_of_their_own_which_nuclei_do_not_share(made, stack):
    images = {name: scenes.stack_image(stack[:, :28, :28]) for name in ("Actin", "DNA")}
    values = {
        "x_name": "Actin",
        "nucleus_name": "DNA",
        "y_name": "Cells",
        "model": "cyto",
        "wants_nuclei": True,
        "nuclei_diameter": 12.0,
        "nuclei_name": "Nuclei",
    }
    scene = scenes.run(made(orthogonal_model="cyto", **values), **images)
    assert scene.labels("Nuclei").shape == (len(stack), 28, 28)
    with pytest.raises(RunCellwireError, match=r"network for ZX and ZY planes .* trained alike"):
        scenes.run(made(orthogonal_model="nuclei", **values), **images)


def test_sizes_count_voxels(made, volume, stack):
    image = scenes.stack_image(stack)
    voxels = np.bincount(volume(stack="stitched").labels.ravel())[1:]
    limit = int(np.sort(voxels)[1])
    scene = scenes.run(made(min_size=limit + 1, **STITCHED), DNA=image)
    assert scene.measured("Count_Nuclei") == np.count_nonzero(voxels > limit)
    scene = scenes.run(made(max_size=limit, **STITCHED), DNA=image)
    assert scene.measured("Count_Nuclei") == np.count_nonzero(voxels <= limit)


def test_diameter_from_objects_of_a_stack_is_that_of_balls(made, stack):
    first, second = made(y_name="First", **STITCHED), made(y_name="Second", **STITCHED)
    second.diameter_choice.value = "Measured from objects"
    second.diameter_objects.value = "First"
    scene = scenes.Scene(first, second, DNA=scenes.stack_image(stack)).run()
    voxels = np.bincount(scene.labels("First").ravel())[1:]
    expected = np.median(np.cbrt(voxels * scenes.ANISOTROPY * 6 / np.pi))
    assert scene.measured("Cellwire_Diameter_Second") == pytest.approx(expected)


def test_nuclei_of_stacks_are_children_of_their_cells(made, volume, stack):
    centres = [scenes.BALLS[0], scenes.BALLS[2]]
    nuclei = scenes.balls(scenes.STACK_SHAPE, centres, 6, scenes.ANISOTROPY, seed=1)
    module = made(
        x_name="Actin",
        nucleus_name="DNA",
        y_name="Cells",
        model="cyto",
        wants_nuclei=True,
        nuclei_diameter=12.0,
        nuclei_name="Nuclei",
        **STITCHED,
    )
    images = {"Actin": scenes.stack_image(stack), "DNA": scenes.stack_image(nuclei)}
    scene = scenes.run(module, **images)
    cells, found = scene.labels("Cells"), scene.labels("Nuclei")
    assert np.array_equal(cells, volume(model="cyto", nucleus=nuclei, stack="stitched").labels)
    alone = volume(nuclei, stack="stitched", diameter=12.0, min_size=None)
    assert np.array_equal(found, alone.labels)
    parents = scene.measured("Parent_Cells", "Nuclei")
    assert len(parents) == found.max() >= 2
    for number, parent in enumerate(parents, 1):
        overlaps = np.bincount(cells[found == number], minlength=cells.max() + 1)[1:]
        assert parent == (overlaps.argmax() + 1 if overlaps.any() else 0)
    children = scene.measured("Children_Nuclei_Count", "Cells")
    assert children.sum() == np.count_nonzero(parents)


@pytest.mark.parametrize("drop", [False, True])
def test_the_mask_of_a_stack_is_respected(made, volume, stack, drop):
    mask = np.zeros(stack.shape, bool)
    mask[:, :, :40] = True  # one ball of three is cut
    module = made(exclude_border=drop, **STITCHED)
    scene = scenes.run(module, DNA=scenes.stack_image(stack, mask=mask))
    labels = scene.labels()
    assert labels.shape == stack.shape
    assert not labels[~mask].any()
    # Margin and mask together are the whole stack here.
    whole = volume(stack="stitched", exclude_on_edges=drop).labels
    for number in range(1, labels.max() + 1):
        was = set(whole[labels == number])
        assert len(was) == 1
        assert np.array_equal(labels == number, (whole == was.pop()) & mask)
    cut = {label for label in range(1, whole.max() + 1) if (whole[~mask] == label).any()}
    assert len(cut) == 1
    assert labels.max() == whole.max() - (len(cut) if drop else 0) >= 2


def test_a_mask_with_nothing_inside_gives_no_objects(made, stack):
    nothing = scenes.stack_image(stack, mask=np.zeros(stack.shape, bool))
    scene = scenes.run(made(save_probability=True, **STITCHED), DNA=nothing)
    assert scene.measured("Count_Nuclei") == 0
    assert len(scene.measured("Location_Center_Z", "Nuclei")) == 0
    assert scene.labels().shape == stack.shape


def test_only_the_surroundings_of_a_mask_are_sent(made, engine):
    wide = scenes.balls((4, 40, 160), [(2, 20, 20)], 10, 4)
    mask = np.zeros(wide.shape, bool)
    mask[:, :, :60] = True
    module = made(save_probability=True, **STITCHED)
    scene = scenes.run(module, DNA=scenes.stack_image(wide, 4.0, mask=mask))
    assert engine.upload(np.ascontiguousarray(wide[:, :, : 60 + 32]))[1] == 0
    assert engine.upload(wide)[1] > 0
    assert scene.measured("Count_Nuclei") >= 1
    probability = scene.measurements.get_image("Probability").pixel_data
    assert probability.shape == wide.shape
    assert not probability[:, :, 92:].any()


def test_the_window_gets_what_it_shows(made, stack):
    module = made(**STITCHED)
    module.show_window = True
    scene = scenes.run(module, DNA=scenes.stack_image(stack))
    data = pickle.loads(pickle.dumps(vars(scene.workspace.display_data)))
    assert data["dimensions"] == 3
    assert np.array_equal(data["labels"], scene.labels())
    assert data["image"].shape == stack.shape
    table = dict(data["statistics"])
    assert table["# of accepted objects"] == str(scene.labels().max())
    assert table["Planes"] == str(len(stack))
    assert table["Anisotropy of the stack"] == "3"
    covered = 100 * (scene.labels() > 0).mean()
    assert table["Volume covered by objects"] == "{:.1f} %".format(covered)
