"""Worker processes, as the window's "Analyze Images" uses them, on one engine."""

import threading

import cellprofiler_core.modules
import imageio
import numpy as np
import pytest
import scenes
from cellprofiler_core.analysis._analysis import Analysis
from cellprofiler_core.analysis._runner import Runner
from cellprofiler_core.analysis.event import Finished
from cellprofiler_core.constants.measurement import GROUP_INDEX, GROUP_NUMBER
from cellprofiler_core.measurement import Measurements
from cellprofiler_core.pipeline import Pipeline
from cellprofiler_core.preferences import set_plugin_directory
from cellprofiler_core.utilities.core.modules import add_module_for_tst
from cellprofiler_core.utilities.java import start_java, stop_java
from cellprofiler_core.workspace import Workspace
from conftest import ROOT
from runcellwire import RunCellwire

IMAGES = 4


@pytest.fixture(scope="module", autouse=True)
def _java():
    start_java()  # the analysis attaches its threads to it, the workers read images with theirs
    yield
    Runner.stop_workers()
    stop_java()


def test_two_workers_share_an_engine(make, engine, tmp_path):
    assert cellprofiler_core.modules
    add_module_for_tst(RunCellwire)
    set_plugin_directory(str(ROOT / "cellprofiler_plugin"))
    pipeline = Pipeline()
    module = make()
    pipeline.add_module(module)
    measurements = Measurements()
    expected = []
    for number in range(1, IMAGES + 1):
        image = scenes.discs((120, 130), scenes.CENTRES[: number + 2], 10, seed=number)
        path = tmp_path / "field {} \u00e4.tif".format(number)
        imageio.imwrite(path, image)
        values = {
            GROUP_NUMBER: 1,
            GROUP_INDEX: number,
            "URL_DNA": path.as_uri(),
            "FileName_DNA": path.name,
            "PathName_DNA": str(tmp_path),
        }
        for feature, value in values.items():
            measurements.add_measurement("Image", feature, value, image_set_number=number)
        found = engine.segment(
            image,
            "nuclei",
            diameter=scenes.DIAMETER,
            exclude_on_edges=True,
            outputs=("labels",),
        )
        expected.append(found.count)
    assert len(set(expected)) == IMAGES
    assert module.prepare_run(Workspace(pipeline, module, measurements, None, measurements, None))
    finished, events = threading.Event(), []

    def listen(event):
        events.append(event)
        if isinstance(event, Finished):
            finished.set()

    analysis = Analysis(pipeline, initial_measurements=measurements)
    analysis.start(listen, num_workers=2)
    assert finished.wait(200), events
    last = [event for event in events if isinstance(event, Finished)][-1]
    assert not last.cancelled
    result = last.measurements
    counts = [int(result["Image", "Count_Nuclei", n]) for n in range(1, IMAGES + 1)]
    assert counts == expected
    skipped = [int(result["Image", "Cellwire_Skipped_Nuclei", n]) for n in range(1, IMAGES + 1)]
    assert skipped == [0] * IMAGES
    for number in range(1, IMAGES + 1):
        x = result["Nuclei", "Location_Center_X", number]
        assert len(x) == expected[number - 1]
        assert np.isfinite(x).all()
