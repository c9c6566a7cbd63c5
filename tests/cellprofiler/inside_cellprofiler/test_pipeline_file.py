"""Pipelines are saved, loaded and upgraded without a change of result."""

import io

import cellprofiler_core.modules  # it clears the table of modules when it is first imported
import numpy as np
import pytest
import scenes
from cellprofiler_core.pipeline import Pipeline
from cellprofiler_core.utilities.core.modules import add_module_for_tst
from conftest import HERE
from runcellwire import RunCellwire

SAVED = HERE.parent / "data"
OF_PLANES = {
    "x_name": "Actin",
    "nucleus_name": "DNA",
    "y_name": "Bodies",
    "address": "gpubox.lab.example:50052",
    "token_file": "/home/ana/cellwire token.txt",
    "certificate_file": "/home/ana/ca.pem",
    "model": "our_own_model",
    "wants_nuclei": True,
    "nuclei_name": "Cores",
    "nuclei_model": "our_nuclei",
    "nuclei_diameter": 12.5,
    "one_nucleus": True,
    "diameter_choice": "Measured from objects",
    "diameter": 41.25,
    "diameter_objects": "Seeds",
    "own_parameters": False,
    "flow_threshold": 0.6,
    "cellprob_threshold": -1.5,
    "niter": 500,
    "augment": True,
    "percentiles": (2.5, 98.0),
    "invert": True,
    "min_size": 33,
    "max_size": 4400,
    "exclude_border": False,
    "save_probability": True,
    "probability_name": "Chance",
    "save_flows": True,
    "flows_name": "Currents",
    "when_unreachable": "Skip the image set and mark it",
    "time_limit": 77.5,
}
"""A value for each setting of revision 1 that is not its default."""

OF_STACKS = {
    "stack_mode": "Stitch planes by overlap",
    "stitch_threshold": 0.4,
    "anisotropy_choice": "As entered",
    "anisotropy": 3.25,
    "flow_smoothing": 1.5,
    "intensity_scope": "Each plane by itself",
    "orthogonal_model": "our_sides",
    "half_precision": True,
}
"""The same for what revision 2 added."""

UNUSUAL = {**OF_PLANES, **OF_STACKS}


@pytest.fixture(autouse=True)
def _known():
    assert cellprofiler_core.modules
    add_module_for_tst(RunCellwire)


def _value(setting):
    if hasattr(setting, "min"):
        return (setting.min, setting.max)
    return setting.value


def _load(text):
    pipeline = Pipeline()
    pipeline.loadtxt(io.StringIO(text), raise_on_error=True)
    return pipeline.modules()[0]


def _save(module):
    pipeline = Pipeline()
    pipeline.add_module(module)
    saved = io.StringIO()
    pipeline.dump(saved)
    return saved.getvalue()


def test_every_setting_survives_saving():
    module = scenes.module("127.0.0.1:1", **UNUSUAL)
    assert len(module.settings()) == len(UNUSUAL)
    default = RunCellwire()
    for name in UNUSUAL:
        assert _value(getattr(module, name)) != _value(getattr(default, name)), name
    loaded = _load(_save(module))
    for name, value in UNUSUAL.items():
        assert _value(getattr(loaded, name)) == value, name


def _saved(revision):
    text = (SAVED / "revision_{}.cppipe".format(revision)).read_text(encoding="utf-8")
    assert "variable_revision_number:{}|".format(revision) in text
    return text


@pytest.mark.parametrize(("revision", "values"), [(1, OF_PLANES), (2, UNUSUAL)])
def test_a_pipeline_of_an_earlier_revision_means_the_same_for_ever(revision, values):
    loaded, default = _load(_saved(revision)), RunCellwire()
    for name in UNUSUAL:
        # What a revision did not have is as in a new module.
        expected = values.get(name, _value(getattr(default, name)))
        assert _value(getattr(loaded, name)) == expected, name
    assert loaded.made == ("Bodies", "Cores")
    assert loaded.place == (
        "gpubox.lab.example:50052",
        "/home/ana/cellwire token.txt",
        "/home/ana/ca.pem",
    )


def test_the_present_revision_has_its_file():
    assert "variable_revision_number:{}|".format(RunCellwire.variable_revision_number) in _saved(
        RunCellwire.variable_revision_number
    )


def test_a_pipeline_of_revision_1_gives_the_same_objects(make, nuclei_image):
    new = make(own_parameters=False, flow_threshold=0.6, min_size=33, exclude_border=False)
    old = make()
    values = [str(setting.value) for setting in new.settings()[: len(OF_PLANES)]]
    old.set_settings_from_values(values, 1, "RunCellwire")
    before, after = scenes.run(new, DNA=nuclei_image), scenes.run(old, DNA=nuclei_image)
    assert before.labels().max() > scenes.DIAMETER / 2
    assert np.array_equal(before.labels(), after.labels())


def test_a_later_revision_is_refused_rather_than_misread():
    later = _saved(2).replace("variable_revision_number:2|", "variable_revision_number:99|")
    with pytest.raises(ValueError, match=r"later version of the module.*revision 99"):
        _load(later)


def test_a_saved_and_loaded_pipeline_gives_the_same(make, nuclei_image):
    module = make(min_size=40, save_probability=True)
    loaded = _load(_save(module))
    before = scenes.run(module, DNA=nuclei_image)
    after = scenes.run(loaded, DNA=nuclei_image)
    assert before.labels().max() > 0
    assert np.array_equal(before.labels(), after.labels())
    for _, feature, _ in module.get_measurement_columns(before.pipeline):
        if feature.startswith("Cellwire") and "Seconds" not in feature:
            assert before.measured(feature) == after.measured(feature)


def test_settings_that_do_not_matter_are_hidden(make):
    module = make()
    shown = _keys(module.visible_settings())
    for name in ("wants_nuclei", "nuclei_name", "flow_threshold", "diameter_objects"):
        assert getattr(module, name).key() not in shown
    assert module.test_button.key() in shown
    module = scenes.module("x", **UNUSUAL)
    hidden = _keys(module.settings()) - _keys(module.visible_settings())
    assert hidden == {module.diameter.key(), *_keys(getattr(module, name) for name in OF_STACKS)}


@pytest.mark.parametrize("show", ["on_activated", "validate_module"])
def test_settings_of_stacks_are_shown_where_images_are_processed_as_3d(make, show):
    module = make(own_parameters=False)
    scene = scenes.Scene(module)

    def shown():
        workspace = scene.workspace_of(module)
        getattr(module, show)(workspace if show == "on_activated" else workspace.pipeline)
        keys = _keys(module.visible_settings())
        return {name for name in (*OF_STACKS, "flow_threshold") if _key(module, name) in keys}

    assert shown() == {"flow_threshold"}
    scene.pipeline.set_volumetric(True)
    always = {"stack_mode", "intensity_scope"}
    in_3d = always | {"anisotropy_choice", "flow_smoothing", "orthogonal_model", "half_precision"}
    assert shown() == in_3d
    module.anisotropy_choice.value = "As entered"
    assert shown() == in_3d | {"anisotropy"}
    module.stack_mode.value = "Stitch planes by overlap"
    assert shown() == always | {"stitch_threshold", "flow_threshold"}
    scene.pipeline.set_volumetric(False)
    assert shown() == {"flow_threshold"}


def _key(module, name):
    return getattr(module, name).key()


def _keys(settings):
    return {setting.key() for setting in settings}


def test_paths_are_changed_for_a_cluster():
    module = scenes.module("x", **UNUSUAL)
    module.certificate_file.value = ""
    assert module.prepare_to_create_batch(None, lambda path: path.replace("/home", "/cluster/home"))
    assert module.place[1:] == ("/cluster/home/ana/cellwire token.txt", "")


def test_the_help_names_all_settings():
    module = RunCellwire()
    text = module.get_help()
    for setting in module.settings():
        assert setting.doc.strip()
        assert setting.text in text
    assert "IdentifyPrimaryObjects" in text
    assert "system-message" not in text  # what docutils says of broken reStructuredText
