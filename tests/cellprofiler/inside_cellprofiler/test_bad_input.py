"""Images and settings that cannot be used, and odd ones that can."""

import numpy as np
import pytest
import scenes
from cellprofiler_core.image import Image
from cellprofiler_core.setting import ValidationError

from cellwire_cellprofiler.errors import RunCellwireError, UnusableImageError


def test_a_colour_image_is_refused_with_what_to_do(make):
    colour = np.random.default_rng(0).random((40, 50, 3)).astype(np.float32)
    with pytest.raises(UnusableImageError, match=r"DNA has 3 colour channels.*ColorToGray"):
        scenes.run(make(), DNA=Image(colour))


def test_a_second_image_of_another_size_is_refused(make, nuclei_image):
    module = make(nucleus_name="Other")
    with pytest.raises(UnusableImageError) as caught:
        scenes.run(module, DNA=nuclei_image, Other=nuclei_image[:, :-3])
    assert "DNA has 160 x 170 pixels, the image Other 160 x 167" in str(caught.value)


def test_a_mask_with_nothing_inside_gives_no_objects(make, nuclei_image):
    nothing = Image(nuclei_image, mask=np.zeros(nuclei_image.shape, bool), scale=65535.0)
    scene = scenes.run(make(), DNA=nothing)
    assert scene.measured("Count_Nuclei") == 0
    assert len(scene.measured("Location_Center_X", "Nuclei")) == 0
    objects = scene.objects.get_objects("Nuclei")
    assert not objects.segmented.any()
    assert objects.segmented.shape == nuclei_image.shape


@pytest.mark.parametrize("value", [0, 300, 65535])
def test_a_constant_image_gives_no_objects(make, value):
    scene = scenes.run(make(), DNA=np.full((60, 70), value, np.uint16))
    assert scene.measured("Count_Nuclei") == 0
    assert scene.objects.get_objects("Nuclei").unedited_segmented.max() == 0


def test_an_image_with_nan_is_refused_with_the_number_of_pixels(make):
    pixels = np.random.default_rng(0).random((40, 50)).astype(np.float32)
    pixels[3, 4] = np.nan
    with pytest.raises(RunCellwireError, match="1 pixels that are NaN"):
        scenes.run(make(), DNA=Image(pixels))


def test_a_binary_image_is_taken(make):
    y, x = np.mgrid[:80, :80]
    scene = scenes.run(make(), DNA=Image(np.hypot(y - 40, x - 40) < 10))
    assert scene.measured("Count_Nuclei") <= 1


def test_70_000_objects(make):
    # As many as no camera shows: labels beyond 16 bits through objects and measurements.
    from cellwire_cellprofiler import image_set, request
    from cellwire_cellprofiler.label_sets import label_sets

    rows, columns = 250, 280
    labels = np.zeros((rows * 4, columns * 4), np.uint32)
    numbers = np.arange(1, rows * columns + 1, dtype=np.uint32).reshape(rows, columns)
    for dy in range(2):
        for dx in range(3):
            labels[dy::4, dx::4] = numbers
    scene = scenes.Scene(make(), DNA=np.zeros(labels.shape, np.uint16))
    found = request.Found(labels, {}, 3.0, "0", "nuclei", "d", 0.1)
    image = scene.measurements.get_image("DNA")
    workspace = scenes.Workspace(
        scene.pipeline,
        scene.modules[0],
        scene.measurements,
        scene.objects,
        scene.measurements,
        None,
    )
    image_set.store(
        scene.modules[0],
        workspace,
        image_set.Inputs(image, None, None),
        image_set.Identified(label_sets(labels, {}), found),
        None,
    )
    assert scene.measured("Count_Nuclei") == 70_000
    assert np.array_equal(scene.labels(), labels)
    x = scene.measured("Location_Center_X", "Nuclei")
    assert len(x) == 70_000
    assert x[-1] == (columns - 1) * 4 + 1


def test_a_proxy_in_the_environment_is_not_asked(make, nuclei_image, monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "all_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    scene = scenes.Scene(make(), DNA=nuclei_image)
    assert scene.prepare()
    assert scene.run().measured("Count_Nuclei") > 0


def test_names_with_other_letters(make, nuclei_image, tmp_path):
    # CellProfiler's window refuses them; a pipeline file can hold them all the same.
    token = tmp_path / "Schlüssel für 細胞.txt"
    token.write_text("# für den Rechner\nnot-asked-for\n", encoding="utf-8")
    module = make(x_name="Färbung", y_name="Zellkörper_細胞", token_file=str(token))
    scene = scenes.run(module, Färbung=nuclei_image)
    assert scene.measured("Count_Zellkörper_細胞") > 0
    with pytest.raises(RunCellwireError, match=r"Zellkörper.*Setting: Model"):
        scenes.run(make(model="Zellkörper"), DNA=nuclei_image)


def _pipeline(make, **values):
    module = make(**values)
    images = scenes.Scene(module).pipeline
    return module, images


@pytest.mark.parametrize(
    ("values", "setting", "says"),
    [
        ({"address": "http://gpubox:50051"}, "address", "without http://"),
        ({"address": "gpubox:99999"}, "address", "1 to 65535"),
        ({"address": ""}, "address", "empty"),
        ({"address": "zellgerät:50051"}, "address", "no name of a host"),
        ({"model": " "}, "model", "Choose a model"),
        ({"min_size": 100, "max_size": 50}, "max_size", "nothing would be left"),
        ({"percentiles": "99,99", "own_parameters": False}, "percentiles", "must be below"),
        (
            {"nucleus_name": "DNA", "wants_nuclei": True, "nuclei_name": "Nuclei"},
            "nuclei_name",
            "both called Nuclei",
        ),
        (
            {"nucleus_name": "DNA", "wants_nuclei": True, "y_name": "Cells", "nuclei_model": ""},
            "nuclei_model",
            "Choose a model",
        ),
    ],
)
def test_settings_that_cannot_work_are_marked(make, values, setting, says):
    module, pipeline = _pipeline(make, **values)
    with pytest.raises(ValidationError, match=says) as caught:
        module.validate_module(pipeline)
    assert caught.value.setting is getattr(module, setting)


def test_a_file_that_is_not_there_is_marked(make, tmp_path):
    module, pipeline = _pipeline(make, token_file=str(tmp_path / "none.txt"))
    with pytest.raises(ValidationError, match="There is no file") as caught:
        module.token_file.test_valid(pipeline)
    assert caught.value.setting is module.token_file


def test_good_settings_pass(make):
    module, pipeline = _pipeline(make)
    module.validate_module(pipeline)
    module.token_file.test_valid(pipeline)
    module.model.value = "a_model_of_our_own"
    module.model.test_valid(pipeline)
    module.validate_module(pipeline)


def test_what_the_engine_refuses_is_said_in_its_words(make, nuclei_image):
    with pytest.raises(RunCellwireError, match=r"largest|range|maximum|size"):
        scenes.run(make(min_size=100, max_size=50), DNA=nuclei_image)
