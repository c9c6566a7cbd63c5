"""Objects, images and measurements are what the engine gave."""

import numpy as np
import pytest
import scenes
from cellprofiler.modules.colortogray import ColorToGray
from cellprofiler.modules.identifysecondaryobjects import M_DISTANCE_N, IdentifySecondaryObjects
from cellprofiler.modules.measureobjectsizeshape import MeasureObjectSizeShape
from cellprofiler_core.image import Image

INTERIOR = 9


def _centres(labels):
    y, x = np.indices(labels.shape)
    areas = np.bincount(labels.ravel())[1:]
    return [np.bincount(labels.ravel(), axis.ravel())[1:] / areas for axis in (y, x)], areas


def test_objects_are_the_engines_labels(make, engine, nuclei_image):
    module = make(exclude_border=False)
    scene = scenes.Scene(module, MeasureObjectSizeShape(), DNA=nuclei_image)
    scene.modules[1].objects_list.value = "Nuclei"
    scene.run()
    labels = engine.segment(
        nuclei_image, "nuclei", diameter=scenes.DIAMETER, outputs=("labels",)
    ).labels
    assert labels.max() >= INTERIOR + 2
    assert np.array_equal(scene.labels(), labels)
    (y, x), areas = _centres(labels.astype(int))
    assert scene.measured("Count_Nuclei") == labels.max()
    assert np.allclose(scene.measured("Location_Center_Y", "Nuclei"), y)
    assert np.allclose(scene.measured("Location_Center_X", "Nuclei"), x)
    assert set(scene.measured("Location_Center_Z", "Nuclei")) == {0}
    assert np.array_equal(scene.measured("AreaShape_Area", "Nuclei"), areas)
    numbers = scene.measured("Number_Object_Number", "Nuclei")
    assert np.array_equal(numbers, np.arange(1, labels.max() + 1))


def test_image_measurements_say_what_made_the_objects(make, engine, nuclei_image):
    scene = scenes.run(make(), DNA=nuclei_image)
    model = engine.model("nuclei")
    assert scene.measured("Cellwire_EngineVersion_Nuclei") == engine.info().version
    assert scene.measured("Cellwire_Model_Nuclei") == "nuclei"
    assert scene.measured("Cellwire_ModelDigest_Nuclei") == model.digest
    assert scene.measured("Cellwire_Diameter_Nuclei") == scenes.DIAMETER
    assert 0 < scene.measured("Cellwire_Seconds_Nuclei") < 120
    assert scene.measured("Cellwire_Skipped_Nuclei") == 0


@pytest.mark.parametrize("nuclei", [False, True])
def test_columns_say_what_is_measured(make, nuclei_image, nuclei):
    values = {"nucleus_name": "DNA", "wants_nuclei": True, "y_name": "Cells"} if nuclei else {}
    module = make(**values)
    scene = scenes.run(module, DNA=nuclei_image)
    measured = {
        (name, feature)
        for name in scene.measurements.get_object_names()
        for feature in scene.measurements.get_feature_names(name)
        if name != "Experiment"
    }
    columns = [column[:2] for column in module.get_measurement_columns(scene.pipeline)]
    assert set(columns) == measured
    assert len(columns) == len(set(columns))
    names = ["Image", *module.made.names]
    listed = set()
    for name in names:
        for category in module.get_categories(scene.pipeline, name):
            for feature in module.get_measurements(scene.pipeline, name, category):
                about = module.get_measurement_objects(scene.pipeline, name, category, feature)
                full = "_".join((category, feature))
                listed |= {(name, "_".join((full, each))) for each in about or ()}
                listed |= {(name, full)} if not about else set()
    assert listed == measured
    assert module.get_categories(scene.pipeline, "Others") == []
    assert module.get_measurements(scene.pipeline, "Others", "Location") == []


def test_removed_objects_are_kept_as_unedited(make, engine):
    centres = [*scenes.CENTRES, (136, 136), (70, 145)]
    image = scenes.discs((160, 170), centres, [10] * 11 + [4, 16])
    values = {"min_size": 100, "max_size": 600}
    scene = scenes.run(make(**values), DNA=image)
    result = engine.segment(
        image,
        "nuclei",
        diameter=scenes.DIAMETER,
        exclude_on_edges=True,
        outputs=("labels", "unedited_labels"),
        **values,
    )
    assert set(result.removed.values()) == {"small", "large", "edge"}
    objects = scene.objects.get_objects("Nuclei")
    assert np.array_equal(objects.segmented, result.labels)
    assert np.array_equal(objects.unedited_segmented, result.unedited_labels)
    small = [label for label, reason in result.removed.items() if reason == "small"]
    expected = np.where(np.isin(result.unedited_labels, small), 0, result.unedited_labels)
    assert np.array_equal(objects.small_removed_segmented, expected)
    assert objects.count == INTERIOR


def test_secondary_objects_do_not_grow_into_removed_neighbours(make):
    # Two cells side by side, of which one touches the border.
    image = scenes.discs((80, 90), [(40, 9), (40, 32)], 10)
    grow = IdentifySecondaryObjects()
    grow.x_name.value, grow.y_name.value = "Nuclei", "Grown"
    grow.image_name.value = "DNA"
    grow.method.value = M_DISTANCE_N
    grow.distance_to_dilate.value = 30
    grow.wants_discard_edge.value = False
    scene = scenes.Scene(make(), grow, DNA=image).run()
    nuclei = scene.objects.get_objects("Nuclei")
    assert nuclei.count == 1
    removed = (nuclei.unedited_segmented > 0) & (nuclei.segmented == 0)
    assert removed.sum() > 100
    grown = scene.labels("Grown")
    assert grown.max() == 1
    assert (grown > 0).sum() > 2 * (nuclei.segmented > 0).sum()
    assert not grown[removed].any()


def test_dim_16_bit_images_travel_as_the_counts_they_are(make, engine):
    dim = scenes.discs((160, 170), scenes.CENTRES, 10, ground=12, height=40)
    scene = scenes.run(make(), DNA=dim)
    assert engine.upload(dim)[1] == 0  # the engine has these very bytes already
    labels = engine.segment(
        dim, "nuclei", diameter=scenes.DIAMETER, exclude_on_edges=True, outputs=("labels",)
    ).labels
    assert labels.max() == INTERIOR
    assert np.array_equal(scene.labels(), labels)


def test_processed_images_travel_as_floats(make, nuclei_image):
    # As after CorrectIlluminationApply: no whole counts any more.
    smooth = nuclei_image.astype(np.float32) / 65535 * 0.987 + 1e-4
    scene = scenes.run(make(), DNA=Image(smooth, scale=65535.0))
    assert scene.objects.get_objects("Nuclei").count == INTERIOR


def test_the_mask_is_respected(make, engine, nuclei_image):
    mask = np.ones(nuclei_image.shape, bool)
    mask[:, 116:] = False  # cuts off a part of three nuclei
    inside = scenes.run(make(), DNA=Image(nuclei_image, mask=mask, scale=65535.0))
    assert inside.objects.get_objects("Nuclei").count == 6  # cut ones touch the mask's border
    kept = scenes.run(make(exclude_border=False), DNA=Image(nuclei_image, mask=mask, scale=65535.0))
    labels = kept.labels()
    assert labels.max() == 10
    assert not labels[~mask].any()
    direct = engine.segment(
        nuclei_image, "nuclei", diameter=scenes.DIAMETER, mask=mask, outputs=("labels",)
    )
    assert np.array_equal(labels, direct.labels)


def test_diameter_from_objects(make, nuclei_image):
    first, second = make(y_name="First"), make(y_name="Second")
    second.diameter_choice.value = "Measured from objects"
    second.diameter_objects.value = "First"
    scene = scenes.Scene(first, second, DNA=nuclei_image).run()
    areas = np.bincount(scene.labels("First").ravel())[1:]
    expected = np.median(np.sqrt(4 * areas / np.pi))
    assert scene.measured("Cellwire_Diameter_Second") == pytest.approx(expected)
    assert scene.objects.get_objects("Second").count == INTERIOR


def test_diameter_from_objects_that_are_not_there_is_automatic(make, engine):
    empty = np.full((64, 64), 7, np.uint16)
    first, second = make(y_name="First"), make(y_name="Second")
    second.diameter_choice.value = "Measured from objects"
    second.diameter_objects.value = "First"
    scene = scenes.Scene(first, second, DNA=empty).run()
    direct = engine.segment(empty, "nuclei", outputs=("labels",))
    assert scene.measured("Cellwire_Diameter_Second") == direct.diameter


def test_own_thresholds_reach_the_engine(make, engine, nuclei_image):
    values = {
        "flow_threshold": 0.05,
        "cellprob_threshold": 2.0,
        "niter": 30,
        "augment": True,
        "invert": False,
    }
    scene = scenes.run(make(own_parameters=False, percentiles="2,98", **values), DNA=nuclei_image)
    direct = engine.segment(
        nuclei_image,
        "nuclei",
        diameter=scenes.DIAMETER,
        exclude_on_edges=True,
        percentiles=(2, 98),
        outputs=("labels",),
        **values,
    )
    assert np.array_equal(scene.labels(), direct.labels)
    own = scenes.run(make(**values), DNA=nuclei_image)
    assert not np.array_equal(own.labels(), direct.labels)


def test_probability_and_flows_are_images(make, engine, nuclei_image):
    split = ColorToGray()
    split.image_name.value = "Flows"
    split.combine_or_split.value = "Split"
    split.rgb_or_channels.value = "Channels"
    split.add_channel()
    for number, channel in enumerate(split.channels[:2]):
        channel.channel_choice.value = number + 1
        channel.image_name.value = ("FlowY", "FlowX")[number]
    module = make(save_probability=True, save_flows=True)
    scene = scenes.Scene(module, split, DNA=nuclei_image).run()
    direct = engine.segment(
        nuclei_image, "nuclei", diameter=scenes.DIAMETER, outputs=("cellprob", "flows")
    )
    probability = scene.measurements.get_image("Probability").pixel_data
    assert probability.dtype == np.float32
    assert np.allclose(probability, 1 / (1 + np.exp(-direct.cellprob)), atol=1e-6)
    assert np.median(probability[scene.labels() > 0]) > 0.5
    for name, flow in zip(("FlowY", "FlowX"), direct.flows):
        assert np.array_equal(scene.measurements.get_image(name).pixel_data, flow)
