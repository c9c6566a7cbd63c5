"""One module run per image inside CellProfiler's own Python; `tests.bench.cellprofiler` starts it.

    PYTHON tests/bench/in_cellprofiler.py PLUGINS ADDRESS DIAMETER IMAGE.npy ...

Prints one line of JSON per image: seconds of the module's whole run, of the client's call in it,
and of the segmentation in the engine. Python 3.8.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from cellprofiler_core.preferences import set_headless

set_headless()
plugins, address, diameter, *paths = sys.argv[1:]
sys.path.insert(0, plugins)

from cellprofiler_core.image import Image, ImageSetList  # noqa: E402
from cellprofiler_core.measurement import Measurements  # noqa: E402
from cellprofiler_core.object import ObjectSet  # noqa: E402
from cellprofiler_core.pipeline import Pipeline  # noqa: E402
from cellprofiler_core.workspace import Workspace  # noqa: E402
from runcellwire import RunCellwire  # noqa: E402


def workspace_of(module, pixels):
    """Give a workspace that holds one image, as NamesAndTypes reads it from a file."""
    pipeline = Pipeline()
    pipeline.add_module(module)
    image_set = ImageSetList().get_image_set(0)
    scaled = (pixels / np.float32(65535)).astype(np.float32)
    image_set.add("DNA", Image(scaled, scale=65535))
    return Workspace(pipeline, module, image_set, ObjectSet(), Measurements(), None)


def watch_calls():
    """Keep seconds and result of each call of the client."""
    from cellwire_client.engine import Engine

    kept = []
    plain = Engine.segment

    def segment(self, *arguments, **options):
        start = time.perf_counter()
        result = plain(self, *arguments, **options)
        kept.append((time.perf_counter() - start, result))
        return result

    Engine.segment = segment
    return kept


def main():
    """Run the module on each image once."""
    module = RunCellwire()
    module.set_module_num(1)
    values = {
        "x_name": "DNA",
        "y_name": "Nuclei",
        "address": address,
        "diameter_choice": "In pixels",
        "diameter": float(diameter),
    }
    for name, value in values.items():
        getattr(module, name).value = value
    module.show_window = False
    kept = None
    for path in paths:
        workspace = workspace_of(module, np.load(path))
        if kept is None:
            module.prepare_run(workspace)
            kept = watch_calls()
        start = time.perf_counter()
        module.run(workspace)
        whole = time.perf_counter() - start
        called, result = kept[-1]
        engine = sum(value for stage, value in result.seconds.items() if stage != "outputs")
        count = int(workspace.object_set.get_objects("Nuclei").count)
        print(json.dumps({"module": whole, "call": called, "engine": engine, "count": count}))


main()
